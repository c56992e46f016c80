"""An agency system in a second language: from session to summary, and every error on the way."""

import sys
import unittest
from pathlib import Path

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

sys.path.insert(0, str(Path(__file__).parent))

from agency import DEADLINE, Agency, agree, identity_of, linked, question, shown, step  # noqa: E402
from federation import Federation, agent_proof, channel, uuid7  # noqa: E402

from passerelle.agency.v1 import (  # noqa: E402
    agreement_pb2,
    directory_pb2,
    error_pb2,
    introduction_pb2,
    journey_pb2,
    pass_pb2,
    person_pb2,
    rectification_pb2,
    record_pb2,
    session_pb2,
    session_pb2_grpc,
)
from passerelle.audit.v1 import audit_pb2  # noqa: E402


class AgencySystemTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.federation = Federation()
        cls.addClassCleanup(cls.end)
        cls.holder = Agency(cls.federation.of_kind("mission_locale"), "conseillere-1")
        cls.asker = Agency(cls.federation.of_kind("department"), "referent-1")
        cls.notice = shown(cls.federation.dir)

    @classmethod
    def end(cls):
        code = cls.federation.stop()
        assert code == 0, f"the demo ended with status {code}"

    def fails(self, code, reason, call, *arguments):
        """The call fails with that status and reason, and says so in French; gives the metadata."""
        with self.assertRaises(grpc.RpcError) as raised:
            call(*arguments)
        error = raised.exception
        self.assertEqual(error.code(), code, error.details())
        details = rpc_status.from_call(error).details
        info, localized = error_details_pb2.ErrorInfo(), error_details_pb2.LocalizedMessage()
        for detail in details:
            detail.Unpack(info)
            detail.Unpack(localized)
        self.assertEqual(info.domain, "passerelle")
        self.assertEqual(info.reason, error_pb2.ErrorReason.Name(reason))
        self.assertEqual(localized.locale, "fr")
        self.assertTrue(localized.message)
        return dict(info.metadata)

    def linked_person(self, number):
        return linked(self.holder, self.asker, number)

    def agree(self, person, request_id="agreement-1"):
        return agree(self.asker, person, self.holder.node["node"], self.notice, request_id)

    def question(self, person, exchange=None, **asked):
        return question(person, self.holder.node["node"], exchange, **asked)

    def fetch(self, request):
        return self.asker.call(self.asker.journeys.FetchSummary, request)

    def test_a_person_who_is_introduced_is_linked_once_their_birth_date_is_said(self):
        person = self.holder.register("ml-introduced", "Présentée", "Camille", "1999-02-03")
        introduce = introduction_pb2.IntroduceRequest(
            person_id=person,
            request_id="introduction-1",
            node=self.asker.node["node"],
            purpose="pathway_follow_up",
            notice=self.notice,
            given_by="person",
            message_to_partner="Elle cherche une formation.",
        )
        sent = self.holder.call(self.holder.introductions.Introduce, introduce).introduction
        self.assertEqual(sent.state, introduction_pb2.INTRODUCTION_STATE_OPEN, sent)
        again = self.holder.call(self.holder.introductions.Introduce, introduce).introduction
        self.assertEqual(again.introduction_id, sent.introduction_id)
        asked = introduction_pb2.ListIntroductionsRequest(
            side=introduction_pb2.INTRODUCTION_SIDE_RECEIVED, waiting_only=True
        )
        arrived = self.asker.call(self.asker.introductions.ListIntroductions, asked).introductions[0]
        self.assertEqual((arrived.initials, arrived.person_id), ("C. P.", ""))
        self.assertEqual(arrived.message, introduce.message_to_partner)
        accept = introduction_pb2.AcceptIntroductionRequest(
            introduction_id=sent.introduction_id, birth_date="1999-02-04", reference="cd-introduced"
        )
        code, reason = grpc.StatusCode.FAILED_PRECONDITION, error_pb2.ERROR_REASON_PASS_REFUSED
        self.fails(code, reason, self.asker.call, self.asker.introductions.AcceptIntroduction, accept)
        accept.birth_date = "1999-02-03"
        accepted = self.asker.call(self.asker.introductions.AcceptIntroduction, accept).introduction
        self.assertTrue(accepted.link_id)
        self.agree(accepted.person_id, "agreement-introduced")
        mine = introduction_pb2.ListIntroductionsRequest(
            side=introduction_pb2.INTRODUCTION_SIDE_SENT, person_id=person
        )
        known = self.holder.call(self.holder.introductions.ListIntroductions, mine).introductions[0]
        self.assertEqual(known.state, introduction_pb2.INTRODUCTION_STATE_ACCEPTED, known)
        self.assertEqual(known.link_id, accepted.link_id)

    def test_from_session_to_summary_to_withdrawal(self):
        here, there = self.linked_person(1)
        upserted = self.holder.call(
            self.holder.records.UpsertRecords,
            record_pb2.UpsertRecordsRequest(person_id=here, records=[step("Atelier de rédaction du CV")]),
        )
        self.assertEqual(upserted.results[0].status, record_pb2.UPSERT_STATUS_CREATED, upserted)

        outcome = self.agree(there)
        self.assertEqual(outcome.delivery.state, agreement_pb2.DELIVERY_STATE_DELIVERED)
        repeated = self.agree(there)
        self.assertEqual(repeated.chain, outcome.chain, "a repeated request records nothing again")

        asked = self.question(there, sections=("steps", "diagnosis"))
        answer = self.fetch(asked)
        self.assertFalse(answer.nothing_to_share)
        labels = [shared.record.step.label for shared in answer.summary.records]
        self.assertEqual(labels, ["Atelier de rédaction du CV"])
        self.assertNotIn(b"stays at home", answer.SerializeToString())
        self.assertIn("diagnosis", {cell.section for cell in answer.summary.not_opened})
        self.assertEqual(self.fetch(asked).log_index, answer.log_index, "a repeated question is asked once")

        journey = self.asker.call(self.asker.journeys.GetJourney, journey_pb2.GetJourneyRequest(person_id=there))
        source = next(s for s in journey.sources if s.node == self.holder.node["node"])
        self.assertEqual(source.state, journey_pb2.SOURCE_STATE_RECEIVED)

        withdrawn = self.asker.call(
            self.asker.agreements.WithdrawAgreement,
            agreement_pb2.WithdrawAgreementRequest(person_id=there, chains=[outcome.chain]),
        )
        self.assertEqual(withdrawn.outcomes[0].delivery.state, agreement_pb2.DELIVERY_STATE_DELIVERED)
        self.fails(
            grpc.StatusCode.FAILED_PRECONDITION, error_pb2.ERROR_REASON_PAPER_FAILS, self.fetch, self.question(there)
        )
        journey = self.asker.call(self.asker.journeys.GetJourney, journey_pb2.GetJourneyRequest(person_id=there))
        source = next(s for s in journey.sources if s.node == self.holder.node["node"])
        self.assertEqual(source.state, journey_pb2.SOURCE_STATE_PURGED)

    def test_a_journey_is_read_page_by_page(self):
        here, _ = self.linked_person(11)
        records = [step(f"Atelier {n}", reference=f"step-{n}") for n in range(5)]
        self.holder.call(
            self.holder.records.UpsertRecords, record_pb2.UpsertRecordsRequest(person_id=here, records=records)
        )
        labels, sources, token = [], [], ""
        while True:
            page = self.holder.call(
                self.holder.journeys.GetJourney,
                journey_pb2.GetJourneyRequest(person_id=here, page_size=2, page_token=token),
            )
            self.assertLessEqual(len(page.own_records), 2)
            labels += [own.record.step.label for own in page.own_records]
            sources += [source.node for source in page.sources]
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(sorted(labels), [f"Atelier {n}" for n in range(5)])
        self.assertEqual(sources, [self.asker.node["node"]])

    def test_the_directory_tells_whom_to_ring_and_what_may_be_asked(self):
        listing = directory_pb2.ListMembersRequest(kinds=["mission_locale"])
        (listed,) = self.asker.call(self.asker.directory.ListMembers, listing).members
        self.assertEqual(listed.node, self.holder.node["node"])
        self.assertEqual(listed.sirets, [self.holder.node["siret"]])
        self.assertEqual(listed.status, directory_pb2.MEMBER_STATUS_ACTIVE)
        self.assertTrue(listed.contact)
        request = directory_pb2.GetMemberRequest(node=listed.node)
        found = self.asker.call(self.asker.directory.GetMember, request)
        self.assertEqual(found.member, listed)
        asked = {(one.purpose, one.section): list(one.readable) for one in found.to_ask}
        self.assertEqual(asked["pathway_follow_up", "contact_card"], [1, 2])
        self.assertNotIn(("pathway_follow_up", "identity"), asked)
        self.assertTrue(found.asked_of_us)
        unknown = directory_pb2.GetMemberRequest(node="nobody")
        self.fails(
            grpc.StatusCode.NOT_FOUND,
            error_pb2.ERROR_REASON_MEMBER_UNKNOWN,
            self.asker.call,
            self.asker.directory.GetMember,
            unknown,
        )
        odd = directory_pb2.ListMembersRequest(kinds=["department", "departement"])
        told = self.fails(
            grpc.StatusCode.INVALID_ARGUMENT,
            error_pb2.ERROR_REASON_FIELD_INVALID,
            self.asker.call,
            self.asker.directory.ListMembers,
            odd,
        )
        self.assertEqual(told["field"], "kinds[1]")

    def test_a_message_that_is_too_long_is_told_the_limit(self):
        request = person_pb2.FindPersonsRequest(reference="x" * 70_000)
        metadata = self.fails(
            grpc.StatusCode.INVALID_ARGUMENT,
            error_pb2.ERROR_REASON_FIELD_INVALID,
            lambda: self.asker.call(self.asker.persons.FindPersons, request),
        )
        self.assertEqual((metadata["field"], metadata["rule"]), ("message", "at most 65536 bytes"))

    def test_without_a_receipt_the_agent_is_told_which_paper_is_missing(self):
        _, there = self.linked_person(2)
        metadata = self.fails(
            grpc.StatusCode.FAILED_PRECONDITION, error_pb2.ERROR_REASON_PAPER_FAILS, self.fetch, self.question(there)
        )
        self.assertEqual(metadata["reason"], "no_receipt")

    def test_without_a_link_there_is_nobody_to_ask(self):
        there = self.asker.register("cd-3", *identity_of(3))
        self.fails(
            grpc.StatusCode.FAILED_PRECONDITION, error_pb2.ERROR_REASON_NO_LINK, self.fetch, self.question(there)
        )

    def test_an_exchange_id_is_for_one_question(self):
        here, there = self.linked_person(4)
        self.agree(there, "agreement-4")
        asked = self.question(there)
        self.fetch(asked)
        other = self.question(there, exchange=asked.exchange_id, sections=("status",))
        self.fails(grpc.StatusCode.ALREADY_EXISTS, error_pb2.ERROR_REASON_ID_REUSED, self.fetch, other)

    def test_bad_input_names_the_field_and_the_rule(self):
        here, there = self.linked_person(5)
        for spoil, field in [
            (lambda q: setattr(q, "purpose", "curiosity"), "purpose"),
            (lambda q: setattr(q, "exchange_id", "not-a-uuid"), "exchange_id"),
            (lambda q: setattr(q, "usage", "sell"), "usage"),
            (lambda q: setattr(q.sections[0], "sensitivity", 9), "sections[0].sensitivity"),
        ]:
            asked = self.question(there)
            spoil(asked)
            with self.subTest(field):
                metadata = self.fails(
                    grpc.StatusCode.INVALID_ARGUMENT, error_pb2.ERROR_REASON_FIELD_INVALID, self.fetch, asked
                )
                self.assertEqual(metadata["field"], field)
                self.assertTrue(metadata["rule"])

    def test_a_record_that_is_refused_keeps_no_other_out(self):
        here, _ = self.linked_person(6)
        results = self.holder.call(
            self.holder.records.UpsertRecords,
            record_pb2.UpsertRecordsRequest(
                person_id=here,
                records=[step("Appeler le 06 12 34 56 78", reference="bad"), step("Forum emploi", reference="good")],
            ),
        ).results
        self.assertEqual(results[0].status, record_pb2.UPSERT_STATUS_REFUSED)
        self.assertEqual(results[0].field, "record.step.label")
        self.assertIn("téléphone", results[0].message_fr)
        self.assertEqual(results[1].status, record_pb2.UPSERT_STATUS_CREATED)

    def test_a_record_is_read_changed_and_deleted_and_its_history_told(self):
        here = self.holder.register("ml-records", *identity_of(20))
        records, call = self.holder.records, self.holder.call

        def upsert(label, version):
            request = record_pb2.UpsertRecordsRequest(person_id=here, records=[step(label, version)])
            return call(records.UpsertRecords, request).results[0].status

        self.assertEqual(upsert("Forum emploi", 1), record_pb2.UPSERT_STATUS_CREATED)
        self.assertEqual(upsert("Salon emploi", 2), record_pb2.UPSERT_STATUS_UPDATED)
        by_reference = {"person_id": here, "reference": "step-1"}
        kept = call(records.GetRecord, record_pb2.GetRecordRequest(**by_reference)).record
        self.assertEqual((kept.version, kept.record.record.step.label), (2, "Salon emploi"))
        listed = call(records.ListRecords, record_pb2.ListRecordsRequest(person_id=here)).records
        self.assertEqual([one.record_id for one in listed], [kept.record_id])

        delete = record_pb2.DeleteRecordRequest(person_id=here, record_id=kept.record_id, version=3)
        for status in (record_pb2.DELETE_STATUS_DELETED, record_pb2.DELETE_STATUS_ALREADY_DELETED):
            self.assertEqual(call(records.DeleteRecord, delete).status, status)
        gone = record_pb2.GetRecordRequest(**by_reference)
        metadata = self.fails(
            grpc.StatusCode.NOT_FOUND, error_pb2.ERROR_REASON_NOT_FOUND, call, records.GetRecord, gone
        )
        self.assertEqual(metadata["field"], "reference")
        self.assertEqual(upsert("Salon emploi", 3), record_pb2.UPSERT_STATUS_OUTDATED)

        history = call(records.ListRecordHistory, record_pb2.ListRecordHistoryRequest(**by_reference)).changes
        kinds = ["DELETED", "UPDATED", "CREATED"]
        self.assertEqual([record_pb2.RecordChangeKind.Name(c.kind).rsplit("_", 1)[1] for c in history], kinds)
        changed = history[1].fields[0]
        self.assertEqual(
            (changed.path, changed.former, changed.later), ("record.step.label", "Forum emploi", "Salon emploi")
        )
        self.assertEqual((history[1].agent, history[1].role), ("conseillere-1", "caseworker"))

    def test_a_contested_record_says_so_and_a_restricted_one_is_not_shared(self):
        here = self.holder.register("ml-contested", *identity_of(21))
        records, rectifications, call = self.holder.records, self.holder.rectifications, self.holder.call
        call(records.UpsertRecords, record_pb2.UpsertRecordsRequest(person_id=here, records=[step("Stage", 1)]))
        request = rectification_pb2.RequestRectificationRequest(
            person_id=here,
            request_id="contested-1",
            reference="step-1",
            kind=rectification_pb2.RECTIFICATION_KIND_RESTRICT,
            wrong="Le stage n'a pas eu lieu.",
        )
        asked = call(rectifications.RequestRectification, request).rectification
        self.assertEqual(call(rectifications.RequestRectification, request).rectification, asked)
        waiting = call(rectifications.ListRectifications, rectification_pb2.ListRectificationsRequest())
        self.assertIn(asked, waiting.rectifications)

        def marks():
            journey = call(self.holder.journeys.GetJourney, journey_pb2.GetJourneyRequest(person_id=here))
            return [(m.record_id, m.contested_since, m.restricted_since) for m in journey.own_marks]

        since = asked.requested_at
        self.assertEqual(marks(), [(asked.record_id, since, since)])
        answer = rectification_pb2.AnswerRectificationRequest(
            person_id=here,
            rectification_id=asked.rectification_id,
            outcome=rectification_pb2.RECTIFICATION_OUTCOME_REFUSED,
        )
        metadata = self.fails(
            grpc.StatusCode.INVALID_ARGUMENT,
            error_pb2.ERROR_REASON_FIELD_INVALID,
            call,
            rectifications.AnswerRectification,
            answer,
        )
        self.assertEqual(metadata["field"], "refusal")
        answer.refusal = rectification_pb2.RECTIFICATION_REFUSAL_ACCURATE
        answered = call(rectifications.AnswerRectification, answer).rectification.answer
        self.assertEqual((answered.refusal, answered.answered_by), (answer.refusal, "conseillere-1"))
        self.assertEqual(marks(), [])

    def test_forbidden_purposes_cannot_be_asked(self):
        _, there = self.linked_person(7)
        self.fails(
            grpc.StatusCode.PERMISSION_DENIED,
            error_pb2.ERROR_REASON_NOT_ENTITLED,
            self.fetch,
            self.question(there, purpose="sanction"),
        )

    def test_sensitive_classes_need_a_second_factor(self):
        _, there = self.linked_person(8)
        weak = Agency(self.asker.node, "referent-2", amr=("pwd",))
        self.fails(
            grpc.StatusCode.FAILED_PRECONDITION,
            error_pb2.ERROR_REASON_SECOND_FACTOR_REQUIRED,
            lambda: weak.call(weak.journeys.FetchSummary, self.question(there, sensitivity=3)),
        )

    def test_a_wrong_pin_is_not_told_from_a_wrong_name(self):
        here = self.holder.register("ml-9", *identity_of(9))
        there = self.asker.register("cd-9", *identity_of(9))
        issued = self.holder.call(self.holder.passes.IssuePass, pass_pb2.IssuePassRequest(person_id=here))
        wrong_pin = "000000" if issued.pin != "000000" else "111111"
        for change in [{"pin": wrong_pin}, {"pin": issued.pin, "birth_name": "Autre", "first_name": "Camille",
                                            "birth_date": "2000-11-24"}]:
            request = pass_pb2.RedeemPassRequest(
                person_id=there, exchange_id=uuid7(), pass_text=issued.pass_text, **change
            )
            self.fails(
                grpc.StatusCode.FAILED_PRECONDITION,
                error_pb2.ERROR_REASON_PASS_REFUSED,
                lambda: self.asker.call(self.asker.passes.RedeemPass, request),
            )

    def test_sessions_are_closed_and_proofs_used_once(self):
        node = self.asker.node
        proof = agent_proof(node, "referent-3")
        sessions = session_pb2_grpc.SessionServiceStub(channel(node))
        request = session_pb2.OpenSessionRequest(asserted=proof)
        opened = sessions.OpenSession(request, timeout=DEADLINE)
        self.fails(
            grpc.StatusCode.UNAUTHENTICATED,
            error_pb2.ERROR_REASON_PROOF_REFUSED,
            lambda: sessions.OpenSession(request, timeout=DEADLINE),
        )
        for _ in range(2):
            self.asker.call(sessions.CloseSession, session_pb2.CloseSessionRequest(), token=opened.token)
        self.fails(
            grpc.StatusCode.UNAUTHENTICATED,
            error_pb2.ERROR_REASON_SESSION_INVALID,
            lambda: self.asker.call(
                self.asker.persons.FindPersons, person_pb2.FindPersonsRequest(reference="x"), token=opened.token
            ),
        )

    def links(self, agency, person):
        listed = agency.call(agency.persons.ListLinks, person_pb2.ListLinksRequest(person_id=person))
        return {link.node: link for link in listed.links}

    def test_a_link_that_was_ended_is_no_link(self):
        _, there = self.linked_person(11)
        self.agree(there, "agreement-11")
        self.fetch(self.question(there))
        link = self.links(self.asker, there)[self.holder.node["node"]]
        request = person_pb2.UnlinkPersonRequest(
            person_id=there, link_id=link.link_id, reason=person_pb2.UNLINK_REASON_PERSON_ASKED
        )
        for _ in range(2):
            ended = self.asker.call(self.asker.persons.UnlinkPerson, request).link
            self.assertEqual(ended.state, person_pb2.LINK_STATE_ENDED)
            self.assertTrue(ended.end.here)
        self.fails(
            grpc.StatusCode.FAILED_PRECONDITION, error_pb2.ERROR_REASON_NO_LINK, self.fetch, self.question(there)
        )

    def test_a_wrong_link_is_told_to_both_officers_and_to_whoever_asks(self):
        here, there = self.linked_person(12)
        link = self.links(self.holder, here)[self.asker.node["node"]]
        request = person_pb2.ReportWrongLinkRequest(person_id=here, link_id=link.link_id)
        reported = self.holder.call(self.holder.persons.ReportWrongLink, request).link
        self.assertEqual(reported.end.delivery.state, agreement_pb2.DELIVERY_STATE_DELIVERED)
        metadata = self.fails(
            grpc.StatusCode.FAILED_PRECONDITION, error_pb2.ERROR_REASON_PAPER_FAILS, self.fetch, self.question(there)
        )
        self.assertEqual((metadata["reason"], metadata["act_by"]), ("wrong_link_reported", "officer"))
        for agency, person, own in [(self.holder, here, True), (self.asker, there, False)]:
            officer = Agency(agency.node, "dpo-2", role="privacy_officer")
            incidents = officer.call(officer.audit.ListIncidents, audit_pb2.ListIncidentsRequest()).incidents
            incident = next(one for one in incidents if one.person_id == person)
            self.assertEqual(incident.reported_here, own)
            self.assertTrue(incident.confirmed_at)

    def test_a_file_is_found_under_every_reference_that_it_had(self):
        person = self.holder.register("ml-13", *identity_of(13))
        request = person_pb2.UpdatePersonRequest(person_id=person, reference="ml-13-b")
        self.holder.call(self.holder.persons.UpdatePerson, request)
        found = self.holder.call(self.holder.persons.FindPersons, person_pb2.FindPersonsRequest(reference="ml-13"))
        self.assertEqual([(file.person_id, file.reference) for file in found.persons], [(person, "ml-13-b")])
        self.holder.register("ml-14", *identity_of(14))
        taken = person_pb2.UpdatePersonRequest(person_id=person, reference="ml-14")
        metadata = self.fails(
            grpc.StatusCode.ALREADY_EXISTS,
            error_pb2.ERROR_REASON_ID_REUSED,
            lambda: self.holder.call(self.holder.persons.UpdatePerson, taken),
        )
        self.assertEqual(metadata["field"], "reference")

    def test_the_privacy_officer_reads_the_log_and_nobody_else(self):
        here, there = self.linked_person(10)
        self.agree(there, "agreement-10")
        self.fetch(self.question(there))
        self.fails(
            grpc.StatusCode.PERMISSION_DENIED,
            error_pb2.ERROR_REASON_ROLE_NOT_ALLOWED,
            lambda: self.asker.call(self.asker.audit.ListExchanges, audit_pb2.ListExchangesRequest()),
        )
        officer = Agency(self.asker.node, "dpo-1", role="privacy_officer")
        listed = officer.call(officer.audit.ListExchanges, audit_pb2.ListExchangesRequest(person_id=there))
        self.assertIn('"kind":"received"', "".join(e.entry_json for e in listed.exchanges))
        found = officer.call(
            officer.audit.GetExchange, audit_pb2.GetExchangeRequest(log_index=listed.exchanges[0].log_index)
        )
        self.assertTrue(found.proof.startswith("c2sp.org/tlog-proof@v1\n"))
        self.assertEqual(found.sealed_part.person_id, there)
        verified = officer.call(officer.audit.VerifyLog, audit_pb2.VerifyLogRequest())
        self.assertTrue(verified.whole, verified.finding)


if __name__ == "__main__":
    unittest.main()
