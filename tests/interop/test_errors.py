"""Every reason for which a call fails, provoked and looked at as an agency system sees it."""

import functools
import hashlib
import re
import secrets
import shutil
import sys
import tempfile
import time
import unittest
from concurrent import futures
from pathlib import Path

import grpc
import jwt
from google.rpc import error_details_pb2
from grpc_status import rpc_status

sys.path.insert(0, str(Path(__file__).parent))

from agency import DEADLINE, Agency, agree, identity_of, linked, question, shown  # noqa: E402
from federation import agent_proof, channel, token_id, uuid7  # noqa: E402
from nodes import Nodes, build_faults  # noqa: E402
from oidc import CLIENT_ID, Provider, issuers  # noqa: E402

from passerelle.agency.v1 import (  # noqa: E402
    agreement_pb2,
    change_pb2,
    directory_pb2,
    error_pb2,
    journey_pb2,
    pass_pb2,
    person_pb2,
    record_pb2,
    session_pb2,
    session_pb2_grpc,
)
from passerelle.audit.v1 import audit_pb2  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
OWN, PARTNER = "departement", "mission-locale"
# What no agency system can bring about: a fault of the program, and what nodes alone tell each other.
# The test in Rust that does.
IN_RUST = {
    error_pb2.ERROR_REASON_INTERNAL: (
        "crates/gateway/tests/node.rs",
        "a_panic_is_a_fault_with_an_incident_and_the_connection_lives_on",
    ),
    error_pb2.ERROR_REASON_PEER_NOT_A_MEMBER: (
        "crates/gateway/src/layers/tests.rs",
        "i9_only_a_live_member_becomes_a_peer",
    ),
}
# A provider whose keys cannot be fetched: nobody listens there.
AWAY = f"""issuer: https://away.example
client_id: {CLIENT_ID}
jwks_url: https://127.0.0.1:1/jwks
algorithms: [ES256]
siret_claim: siret
role: caseworker"""
PROVOKED = set()


def provokes(reason, code, /, *, act_by, retry=False, **metadata):
    """The test gives a call, which must fail so. `metadata` is what comes beside `act_by`; a value of
    `...` may be any that is not empty."""
    PROVOKED.add(reason)

    def decorate(given):
        @functools.wraps(given)
        def test(self):
            call = given(self)
            with self.assertRaises(grpc.RpcError) as raised:
                call()
            error = raised.exception
            self.assertEqual(error.code(), code, error.details())
            status = rpc_status.from_call(error)
            self.assertIsNotNone(status, error.details())
            info, text, again = (
                error_details_pb2.ErrorInfo(),
                error_details_pb2.LocalizedMessage(),
                error_details_pb2.RetryInfo(),
            )
            found = [kind for kind in (info, text, again) for one in status.details if one.Unpack(kind)]
            self.assertEqual((info.domain, info.reason), ("passerelle", error_pb2.ErrorReason.Name(reason)))
            wanted = {"act_by": act_by} | metadata
            told = {key: value and wanted.get(key) is ... and ... or value for key, value in info.metadata.items()}
            self.assertEqual(told, wanted)
            self.assertEqual(text.locale, "fr")
            self.assertRegex(text.message, r"^[A-ZÀ-Ý].*[.?]$")
            self.assertEqual(again in found, retry)
            if retry:
                self.assertGreater(again.retry_delay.ToNanoseconds(), 0)

        return test

    return decorate


def setUpModule():
    global PREPARED, PERSON, FAULTS, SCRATCH
    folder = tempfile.TemporaryDirectory(prefix="passerelle-errors-")
    unittest.addModuleCleanup(folder.cleanup)
    SCRATCH = Path(folder.name)
    FAULTS = build_faults(SCRATCH)
    # A person whom both nodes know, linked, informed, and asked about once.
    PREPARED = Nodes.make(SCRATCH / "prepared")
    for name in (OWN, PARTNER):
        PREPARED.start(name)
    try:
        holder, asker = (Agency(PREPARED.nodes[name], "agent-0") for name in (PARTNER, OWN))
        _, PERSON = linked(holder, asker, 0)
        agree(asker, PERSON, PARTNER, shown(PREPARED.dir), "agreement-0")
        asker.call(asker.journeys.FetchSummary, question(PERSON, PARTNER))
    finally:
        PREPARED.stop()


def limits(text):
    """A change of a configuration that has no limits yet."""
    return lambda config: f"{config}\nlimits:\n{text}"


class OfACallTest(unittest.TestCase):
    """What a call meets while every node is well."""

    @classmethod
    def setUpClass(cls):
        nodes = PREPARED.copy(SCRATCH / "well")
        cls.addClassCleanup(nodes.stop)
        nodes.configure(OWN, issuers(AWAY))
        nodes.configure(OWN, limits("  quotas:\n    new_agent_per_day: 1\n  calls_per_second_per_agent: 2\n"))
        for name in (OWN, PARTNER):
            nodes.start(name)
        cls.nodes = nodes
        cls.own = nodes.nodes[OWN]
        cls.partner = Agency(nodes.nodes[PARTNER], "agent-1")

    def agent(self, **proof):
        """An agent of this one test: nobody else uses up what they may call."""
        return Agency(self.own, "agent-" + secrets.token_hex(4), **proof)

    def calling(self, service, method, request, **proof):
        agency = self.agent(**proof)
        return lambda: agency.call(getattr(getattr(agency, service), method), request)

    @provokes(
        error_pb2.ERROR_REASON_FIELD_INVALID,
        grpc.StatusCode.INVALID_ARGUMENT,
        act_by="developer",
        field="sections[0].sensitivity",
        rule=...,
    )
    def test_a_field_breaks_a_rule(self):
        return self.calling("journeys", "FetchSummary", question(PERSON, PARTNER, sensitivity=9))

    @provokes(
        error_pb2.ERROR_REASON_FIELD_INVALID,
        grpc.StatusCode.INVALID_ARGUMENT,
        act_by="agent",
        field="pin",
        rule=...,
    )
    def test_what_an_agent_mistypes_is_told_to_the_agent(self):
        return self.redeeming(pin="12 34")

    @provokes(error_pb2.ERROR_REASON_SESSION_INVALID, grpc.StatusCode.UNAUTHENTICATED, act_by="agency_system")
    def test_no_session(self):
        agency = self.agent()
        request = person_pb2.FindPersonsRequest(reference="cd-0")
        return lambda: agency.persons.FindPersons(request, timeout=DEADLINE)

    @provokes(error_pb2.ERROR_REASON_SESSION_INVALID, grpc.StatusCode.UNAUTHENTICATED, act_by="agency_system")
    def test_a_session_that_was_closed(self):
        agency = self.agent()
        agency.call(agency.sessions.CloseSession, session_pb2.CloseSessionRequest())
        return lambda: agency.call(agency.sessions.GetSession, session_pb2.GetSessionRequest())

    @provokes(error_pb2.ERROR_REASON_PROOF_REFUSED, grpc.StatusCode.UNAUTHENTICATED, act_by="developer", rule=...)
    def test_a_proof_is_used_twice(self):
        request = session_pb2.OpenSessionRequest(asserted=agent_proof(self.own, "agent-twice"))
        sessions = session_pb2_grpc.SessionServiceStub(channel(self.own))
        sessions.OpenSession(request, timeout=DEADLINE)
        return lambda: sessions.OpenSession(request, timeout=DEADLINE)

    @provokes(
        error_pb2.ERROR_REASON_PROOF_REFUSED,
        grpc.StatusCode.UNAUTHENTICATED,
        act_by="developer",
        rule="aud: the name of this node, departement",
    )
    def test_a_proof_is_for_another_node(self):
        return lambda: self.agent(aud="departement-67")

    @provokes(
        error_pb2.ERROR_REASON_PROOF_REFUSED,
        grpc.StatusCode.UNAUTHENTICATED,
        act_by="developer",
        rule="role: an id of the list agent_role, such as caseworker",
    )
    def test_a_proof_names_a_role_that_is_none(self):
        return lambda: self.agent(role="agent")

    @provokes(
        error_pb2.ERROR_REASON_ISSUER_UNREACHABLE, grpc.StatusCode.UNAVAILABLE, act_by="operator", retry=True
    )
    def test_the_identity_provider_is_away(self):
        proof = Provider("https://away.example").proof(self.own, "agent-oidc")
        request = session_pb2.OpenSessionRequest(oidc=proof)
        sessions = session_pb2_grpc.SessionServiceStub(channel(self.own))
        return lambda: sessions.OpenSession(request, timeout=DEADLINE)

    @provokes(error_pb2.ERROR_REASON_ROLE_NOT_ALLOWED, grpc.StatusCode.PERMISSION_DENIED, act_by="manager")
    def test_a_caseworker_reads_the_log(self):
        return self.calling("audit", "ListExchanges", audit_pb2.ListExchangesRequest())

    @provokes(error_pb2.ERROR_REASON_AGENT_BLOCKED, grpc.StatusCode.PERMISSION_DENIED, act_by="manager")
    def test_an_agent_is_kept_out(self):
        operator = self.agent(role="operator")
        blocked = session_pb2.BlockAgentRequest(agent="agent-blocked")
        operator.call(operator.sessions.BlockAgent, blocked)
        return lambda: Agency(self.own, "agent-blocked")

    @provokes(
        error_pb2.ERROR_REASON_CANNOT_MERGE,
        grpc.StatusCode.FAILED_PRECONDITION,
        act_by="agent",
        reason="linked",
    )
    def test_a_file_that_is_linked_is_merged_into_another(self):
        agency = self.agent()
        other = agency.register("cd-second", *identity_of(0))
        request = person_pb2.MergePersonsRequest(person_id=other, merged_person_id=PERSON)
        return lambda: agency.call(agency.persons.MergePersons, request)

    @provokes(error_pb2.ERROR_REASON_PERSON_NOT_FOUND, grpc.StatusCode.NOT_FOUND, act_by="agency_system")
    def test_nobody_has_that_id(self):
        return self.calling("journeys", "GetJourney", journey_pb2.GetJourneyRequest(person_id=token_id()))

    @provokes(
        error_pb2.ERROR_REASON_NOT_FOUND, grpc.StatusCode.NOT_FOUND, act_by="agency_system", field="reference"
    )
    def test_no_record_has_that_reference(self):
        request = record_pb2.GetRecordRequest(person_id=PERSON, reference="nowhere")
        return self.calling("records", "GetRecord", request)

    @provokes(
        error_pb2.ERROR_REASON_ID_REUSED, grpc.StatusCode.ALREADY_EXISTS, act_by="agency_system", field="exchange_id"
    )
    def test_an_exchange_id_serves_twice(self):
        agency, asked = self.agent(), question(PERSON, PARTNER)
        agency.call(agency.journeys.FetchSummary, asked)
        other = question(PERSON, PARTNER, exchange=asked.exchange_id, sections=("project",))
        return lambda: agency.call(agency.journeys.FetchSummary, other)

    @provokes(error_pb2.ERROR_REASON_NO_LINK, grpc.StatusCode.FAILED_PRECONDITION, act_by="agent")
    def test_no_pass_was_redeemed(self):
        agency = self.agent()
        person = agency.register("cd-unlinked", *identity_of(1))
        return lambda: agency.call(agency.journeys.FetchSummary, question(person, PARTNER))

    @provokes(
        error_pb2.ERROR_REASON_PAPER_FAILS,
        grpc.StatusCode.FAILED_PRECONDITION,
        act_by="agent",
        reason="no_receipt",
    )
    def test_nothing_was_agreed_to(self):
        _, person = linked(self.partner, self.agent(), 2)
        return self.calling("journeys", "FetchSummary", question(person, PARTNER))

    @provokes(
        error_pb2.ERROR_REASON_PASS_REFUSED,
        grpc.StatusCode.FAILED_PRECONDITION,
        act_by="agent",
        organisation=...,
        contact=...,
    )
    def test_a_pin_is_wrong(self):
        return self.redeeming()

    @provokes(error_pb2.ERROR_REASON_QUOTA_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED, act_by="agent")
    def test_one_redemption_too_many_in_a_day(self):
        redeem = self.redeeming()
        with self.assertRaises(grpc.RpcError):
            redeem()
        return redeem

    @provokes(
        error_pb2.ERROR_REASON_QUOTA_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        act_by="agency_system",
        retry=True,
    )
    def test_too_many_calls_of_one_agent(self):
        find = self.calling("persons", "FindPersons", person_pb2.FindPersonsRequest(reference="cd-0"))

        def again_and_again():
            deadline = time.monotonic() + DEADLINE
            while time.monotonic() < deadline:
                find()

        return again_and_again

    @provokes(
        error_pb2.ERROR_REASON_NOT_ENTITLED,
        grpc.StatusCode.PERMISSION_DENIED,
        act_by="officer",
        reason="purpose_forbidden",
    )
    def test_a_purpose_is_forbidden(self):
        return self.calling("journeys", "FetchSummary", question(PERSON, PARTNER, purpose="sanction"))

    @provokes(error_pb2.ERROR_REASON_SECOND_FACTOR_REQUIRED, grpc.StatusCode.FAILED_PRECONDITION, act_by="agent")
    def test_health_is_asked_for_with_one_factor(self):
        asked = question(PERSON, PARTNER, sensitivity=4)
        return self.calling("journeys", "FetchSummary", asked, amr=("pwd",))

    @provokes(error_pb2.ERROR_REASON_MEMBER_UNKNOWN, grpc.StatusCode.NOT_FOUND, act_by="agent")
    def test_no_member_has_that_name(self):
        return self.calling("directory", "GetMember", directory_pb2.GetMemberRequest(node="mission-locale-colmr"))

    @provokes(error_pb2.ERROR_REASON_CURSOR_UNKNOWN, grpc.StatusCode.OUT_OF_RANGE, act_by="agency_system")
    def test_a_cursor_is_of_another_node(self):
        now = change_pb2.ListChangesRequest(start=change_pb2.CHANGES_START_NOW)
        elsewhere = self.partner.call(self.partner.changes.ListChanges, now).cursor
        return self.calling("changes", "ListChanges", change_pb2.ListChangesRequest(cursor=elsewhere))

    def redeeming(self, pin=None):
        """Redeems a new pass of a person with a PIN that is not its own."""
        agency, identity = self.agent(), identity_of(3)
        here = self.partner.register("ml-3", *identity)
        there = agency.register("cd-3", *identity)
        issued = self.partner.call(self.partner.passes.IssuePass, pass_pb2.IssuePassRequest(person_id=here))
        wrong = "000000" if issued.pin != "000000" else "111111"

        def redeem():
            request = pass_pb2.RedeemPassRequest(
                person_id=there, exchange_id=uuid7(), pass_text=issued.pass_text, pin=pin or wrong
            )
            agency.call(agency.passes.RedeemPass, request)

        return redeem


class OfAFaultTest(unittest.TestCase):
    """What a call meets while something is broken. Each test breaks a federation of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=SCRATCH)
        self.addCleanup(folder.cleanup)
        self.nodes = PREPARED.copy(Path(folder.name) / "federation")
        self.addCleanup(self.nodes.stop)
        self.own = self.nodes.nodes[OWN]

    def fetching(self):
        agency = Agency(self.own, "agent-2")
        return lambda: agency.call(agency.journeys.FetchSummary, question(PERSON, PARTNER))

    def test_a_certificate_that_the_configuration_does_not_name_gets_no_answer(self):
        self.nodes.configure(
            OWN, lambda config: re.sub(r'(certificate_sha256: )"\w+"', rf'\1"{secrets.token_hex(32)}"', config)
        )
        self.nodes.start(OWN)
        with self.assertRaises(grpc.RpcError) as raised:
            Agency(self.own)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertIsNone(rpc_status.from_call(raised.exception))

    @provokes(
        error_pb2.ERROR_REASON_PEER_UNREACHABLE,
        grpc.StatusCode.UNAVAILABLE,
        act_by="nobody",
        retry=True,
        since=...,
        organisation=...,
        contact=...,
    )
    def test_the_partner_is_down(self):
        self.nodes.start(OWN)
        return self.fetching()

    @provokes(
        error_pb2.ERROR_REASON_PEER_ANSWER_REFUSED,
        grpc.StatusCode.UNAVAILABLE,
        act_by="operator",
        rule=...,
        organisation=...,
        contact=...,
    )
    def test_the_partner_answers_without_a_proof(self):
        self.nodes.start(OWN)
        self.impersonate_partner()
        return self.fetching()

    @provokes(
        error_pb2.ERROR_REASON_LOG_UNAVAILABLE, grpc.StatusCode.UNAVAILABLE, act_by="operator", retry=True
    )
    def test_the_disk_is_full(self):
        full = self.nodes.dir / "full"
        self.nodes.start(OWN, LD_PRELOAD=FAULTS, FAULT_DISK_FULL=full)
        fetch = self.fetching()
        full.touch()
        return fetch

    @provokes(error_pb2.ERROR_REASON_ROLLED_BACK, grpc.StatusCode.UNAVAILABLE, act_by="operator")
    def test_the_partner_runs_on_an_old_copy_of_its_data(self):
        for name in (OWN, PARTNER):
            self.nodes.start(name)
        self.fetching()()
        self.nodes.stop()
        shutil.rmtree(self.nodes.data(PARTNER))
        shutil.copytree(PREPARED.data(PARTNER), self.nodes.data(PARTNER))
        for name in (PARTNER, OWN):
            self.nodes.start(name)
        return self.fetching()

    @provokes(error_pb2.ERROR_REASON_CLOCK_SKEW, grpc.StatusCode.FAILED_PRECONDITION, act_by="operator")
    def test_the_partners_clock_is_fast(self):
        self.nodes.start(OWN)
        self.nodes.start(PARTNER, LD_PRELOAD=FAULTS, FAULT_CLOCK_SECONDS=300)
        return self.fetching()

    @provokes(error_pb2.ERROR_REASON_TRUST_LIST_EXPIRED, grpc.StatusCode.UNAVAILABLE, act_by="operator")
    def test_the_trust_list_has_ended(self):
        now = int(time.time())
        self.sign_list(lambda claims: claims.update(iat=now - 120, soft_expiry=now - 60, exp=now - 60))
        self.nodes.start(OWN)
        return self.fetching()

    @provokes(
        error_pb2.ERROR_REASON_TOO_SLOW, grpc.StatusCode.DEADLINE_EXCEEDED, act_by="agency_system", retry=True
    )
    def test_a_call_takes_longer_than_it_may(self):
        slow = self.nodes.dir / "slow"
        self.nodes.configure(OWN, limits("  call_seconds: 1\n"))
        self.nodes.start(OWN, LD_PRELOAD=FAULTS, FAULT_DISK_SLOW=slow)
        agency = Agency(self.own, "agent-2")
        slow.touch()
        self.addCleanup(slow.unlink)
        return lambda: agency.register("cd-slow", *identity_of(4))

    def test_a_partner_that_is_down_is_told_later_and_keeps_nobody_waiting(self):
        self.nodes.configure(OWN, limits("  call_seconds: 1\n"))
        self.nodes.start(OWN)
        agency = Agency(self.own, "agent-2")
        outcome = agree(agency, PERSON, PARTNER, shown(self.nodes.dir), "agreement-later", section="project")
        self.assertEqual(outcome.delivery.state, agreement_pb2.DELIVERY_STATE_QUEUED)

    def impersonate_partner(self):
        """Answers in the partner's place, with its certificate, and says nothing."""
        own, authority = self.nodes.dir / PARTNER / "node", self.nodes.dir / "authority" / "ca.pem"
        pair = (own / "private.key").read_bytes(), (own / "certificate.pem").read_bytes()
        credentials = grpc.ssl_server_credentials([pair], authority.read_bytes(), require_client_auth=True)
        server = grpc.server(futures.ThreadPoolExecutor())
        says_nothing = grpc.unary_unary_rpc_method_handler(lambda request, context: b"")
        server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler("passerelle.exchange.v1.ExchangeService", {"Ask": says_nothing})]
        )
        server.add_secure_port(f"127.0.0.1:{self.nodes.node_port(PARTNER)}", credentials)
        server.start()
        self.addCleanup(lambda: server.stop(None).wait())

    def sign_list(self, change):
        """Signs the trust list that follows, as the coordinator would, for the own node."""
        lists = self.nodes.dir / OWN / "trust-lists.jwt"
        last = lists.read_text().split()[-1]
        header = jwt.get_unverified_header(last)
        claims = jwt.decode(last, options={"verify_signature": False})
        claims.update(serial=claims["serial"] + 1, previous=hashlib.sha256(last.encode()).hexdigest())
        change(claims)
        key = (self.nodes.dir / "coordinator.key").read_text()
        with lists.open("a") as file:
            file.write(jwt.encode(claims, key, algorithm=header["alg"], headers=header) + "\n")


class EveryReasonTest(unittest.TestCase):
    def test_every_reason_is_provoked(self):
        self.assertFalse(PROVOKED & IN_RUST.keys(), "provoked here: needs no test in Rust")
        for reason in error_pb2.ErrorReason.values():
            if reason not in PROVOKED | IN_RUST.keys() | {error_pb2.ERROR_REASON_UNSPECIFIED}:
                with self.subTest(error_pb2.ErrorReason.Name(reason)):
                    self.fail("nothing provokes it")

    def test_what_is_provoked_in_rust_is_provoked_there(self):
        for reason, (file, test) in IN_RUST.items():
            name = error_pb2.ErrorReason.Name(reason)
            with self.subTest(name):
                _, found, after = (ROOT / file).read_text().partition(f"fn {test}(")
                body, _, _ = after.partition("\n}\n")
                self.assertTrue(found and name in body, f"{file}: {test}")


if __name__ == "__main__":
    unittest.main()
