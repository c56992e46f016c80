"""The agency system of one organisation, as its tests play it."""

import hashlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from federation import agent_proof, channel, uuid7  # noqa: E402

from passerelle.agency.v1 import (  # noqa: E402
    agreement_pb2,
    agreement_pb2_grpc,
    change_pb2_grpc,
    directory_pb2_grpc,
    journey_pb2,
    introduction_pb2_grpc,
    journey_pb2_grpc,
    pass_pb2,
    pass_pb2_grpc,
    person_pb2,
    person_pb2_grpc,
    record_pb2,
    record_pb2_grpc,
    rectification_pb2_grpc,
    session_pb2,
    session_pb2_grpc,
)
from passerelle.audit.v1 import audit_pb2_grpc  # noqa: E402
from passerelle.journey.v1 import body_pb2 as body  # noqa: E402
from passerelle.journey.v1 import journey_pb2 as journeys  # noqa: E402
from passerelle.journey.v1 import vocabulary_pb2 as words  # noqa: E402

DEADLINE = 20


class Agency:
    """The agency system of one organisation, in the session of one agent."""

    def __init__(self, node, subject="agent-1", **proof):
        self.node = node
        self.channel = channel(node)
        sessions = session_pb2_grpc.SessionServiceStub(self.channel)
        self.session = sessions.OpenSession(
            session_pb2.OpenSessionRequest(asserted=agent_proof(node, subject, **proof)), timeout=DEADLINE
        )
        self.sessions = sessions
        self.persons = person_pb2_grpc.PersonServiceStub(self.channel)
        self.records = record_pb2_grpc.RecordServiceStub(self.channel)
        self.directory = directory_pb2_grpc.DirectoryServiceStub(self.channel)
        self.rectifications = rectification_pb2_grpc.RectificationServiceStub(self.channel)
        self.agreements = agreement_pb2_grpc.AgreementServiceStub(self.channel)
        self.introductions = introduction_pb2_grpc.IntroductionServiceStub(self.channel)
        self.passes = pass_pb2_grpc.PassServiceStub(self.channel)
        self.journeys = journey_pb2_grpc.JourneyServiceStub(self.channel)
        self.changes = change_pb2_grpc.ChangeServiceStub(self.channel)
        self.audit = audit_pb2_grpc.AuditServiceStub(self.channel)

    def call(self, method, request, token=None):
        metadata = (("authorization", "Bearer " + (token or self.session.token)),)
        return method(request, metadata=metadata, timeout=DEADLINE)

    def register(self, reference, birth_name, first_names, birth_date):
        identity = person_pb2.Identity(birth_name=birth_name, first_names=first_names, birth_date=birth_date)
        request = person_pb2.RegisterPersonRequest(reference=reference, identity=identity)
        return self.call(self.persons.RegisterPerson, request).person_id


def identity_of(number):
    """A fictitious person for each number; names hold letters alone."""
    return f"Démo-{chr(ord('A') + number)}", "Camille", "2000-11-24"


def step(label, version=1, reference="step-1"):
    record = journeys.Record(
        observed_at="2026-10-05",
        source=journeys.Source(system="demo"),
        step=body.Step(
            kind=words.Code(code="job_search"),
            label=label,
            status=words.ACTION_STATUS_DONE,
        ),
    )
    own = journeys.OwnRecord(record=record, note="A note that stays at home.")
    return record_pb2.RecordUpsert(reference=reference, version=version, record=own)


def shown(folder):
    """The notice of the demo's folder that a person was shown."""
    notice = folder / "notices" / "spie-information.fr.txt"
    return agreement_pb2.ShownNotice(
        notice_id="spie-information", lang="fr", sha256=hashlib.sha256(notice.read_bytes()).hexdigest()
    )


def linked(holder, asker, number):
    """A person known at both nodes, linked by a pass that the holder issued: their two ids."""
    identity = identity_of(number)
    here = holder.register(f"ml-{number}", *identity)
    there = asker.register(f"cd-{number}", *identity)
    issued = holder.call(holder.passes.IssuePass, pass_pb2.IssuePassRequest(person_id=here, ceiling=2))
    # An agent whom the node has known for less than a week redeems five passes a day.
    redeemer = Agency(asker.node, f"referent-of-{number}")
    redeemer.call(
        redeemer.passes.RedeemPass,
        pass_pb2.RedeemPassRequest(
            person_id=there, exchange_id=uuid7(), pass_text=issued.pass_text, pin=issued.pin
        ),
    )
    return here, there


def agree(asker, person, holder, notice, request_id, section="steps"):
    """What the person agreed to: the holder gives that section to the asker."""
    grant = agreement_pb2.AgreementGrant(
        effect=agreement_pb2.GRANT_EFFECT_PERMIT,
        actions=["read"],
        sections=[agreement_pb2.GrantSection(section=section, sensitivity=2)],
        purposes=["pathway_follow_up"],
    )
    request = agreement_pb2.RecordAgreementRequest(
        person_id=person,
        request_id=request_id,
        partners=[
            agreement_pb2.AgreementPartner(
                node=holder, direction=agreement_pb2.AGREEMENT_DIRECTION_PARTNER_TO_OWN
            )
        ],
        basis="public_task",
        given_by="person",
        notice=notice,
        evidence="pass",
        grants=[grant],
    )
    return asker.call(asker.agreements.RecordAgreement, request).outcomes[0]


def question(person, holder, exchange=None, sections=("steps",), sensitivity=2, purpose="pathway_follow_up"):
    """A question to the holder, ready to be asked."""
    return journey_pb2.FetchSummaryRequest(
        person_id=person,
        holder=holder,
        exchange_id=exchange or uuid7(),
        purpose=purpose,
        sections=[journey_pb2.SectionScope(section=s, sensitivity=sensitivity) for s in sections],
        usage="display",
    )
