//! The story, step by step. Each step is a call that an agency system repeats until it succeeds:
//! with the same ids each time.

use std::collections::BTreeMap;
use std::time::Duration;

use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::vocabulary::{Class, DiagnosisTheme, RefusalReason};
use passerelle_domain::{ChainId, ExchangeId, PersonId, Pii};
use passerelle_store::sim::Fault;
use passerelle_store::tables::outbox;

use super::Cut;
use super::acknowledged::Acknowledged;
use crate::testing::{Federation, awa, constraint, contact_card, step, upsert};
use crate::{
    Direction, ExchangeError, FetchSummary, IssuePass, IssuedPass, Objecting, PageSize,
    RecordAgreement, RecordObjection, RedeemPass, RequestId, Unlink, Upserted, WithdrawAgreement,
};

pub(super) const HOLDER: &str = "mission-locale";
pub(super) const REQUESTER: &str = "departement";
pub(super) const THIRD: &str = "association";
pub(super) const NODES: [&str; 3] = [HOLDER, REQUESTER, THIRD];

/// The node whose power is cut.
#[derive(Clone, Copy, Debug)]
pub(super) enum Victim {
    Holder,
    Requester,
    Third,
}

impl Victim {
    pub(super) const fn node(self) -> &'static str {
        match self {
            Self::Holder => HOLDER,
            Self::Requester => REQUESTER,
            Self::Third => THIRD,
        }
    }
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The holder's agents enter a record.
    Write(Entered),
    /// The requester redeems the pass.
    Redeem,
    /// The person is informed, or agrees, at one of two nodes.
    Agree(Agreed),
    /// A node asks the holder; the question differs by its number.
    Ask(Asking),
    /// The person objects, at the holder, to what the third asks.
    Object,
    /// The person withdraws at the holder what they agreed to at the requester.
    Withdraw,
    /// The person asks the holder to end the link with the third.
    Unlink,
    /// All outboxes are delivered once.
    Deliver,
    /// The stores publish their logs and do whatever else they do by themselves.
    Tend,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Entered {
    Step,
    Contact,
    Family,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Agreed {
    /// At the requester, for all classes.
    Wide,
    /// Goes on with it, for class 1.
    Narrow,
    /// At the holder, for the third.
    ForThird,
    /// At the holder, for the requester, up to class 2.
    Again,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asking {
    Wide,
    Narrow,
    Third,
    ThirdOnceMore,
    Withdrawn,
    Again,
}

pub(super) const STEPS: &[Step] = &[
    Step::Write(Entered::Step),
    Step::Write(Entered::Contact),
    Step::Redeem,
    Step::Deliver,
    Step::Agree(Agreed::Wide),
    Step::Deliver,
    Step::Ask(Asking::Wide),
    Step::Deliver,
    Step::Tend,
    Step::Write(Entered::Family),
    Step::Agree(Agreed::Narrow),
    // Not delivered: the question carries it.
    Step::Ask(Asking::Narrow),
    Step::Deliver,
    Step::Agree(Agreed::ForThird),
    Step::Deliver,
    Step::Ask(Asking::Third),
    Step::Deliver,
    Step::Object,
    Step::Deliver,
    Step::Ask(Asking::ThirdOnceMore),
    Step::Tend,
    Step::Withdraw,
    Step::Deliver,
    Step::Ask(Asking::Withdrawn),
    Step::Agree(Agreed::Again),
    Step::Deliver,
    Step::Ask(Asking::Again),
    Step::Deliver,
    Step::Unlink,
    Step::Deliver,
];

/// How often a call is repeated.
const TRIES: usize = 4;

/// A federation in which one person is known to three nodes.
pub(super) struct Story {
    pub(super) federation: Federation,
    pub(super) persons: BTreeMap<&'static str, PersonId>,
    pub(super) pass: IssuedPass,
    pub(super) done: Acknowledged,
    redeem: ExchangeId,
    requests: BTreeMap<Agreed, RecordAgreement>,
    objection: RequestId,
    questions: BTreeMap<Asking, FetchSummary>,
    wide: Option<ChainId>,
    threat: Option<(Victim, Cut)>,
    cut: bool,
}

impl Story {
    /// The person is known everywhere, was given a pass by the holder, and is linked with the third.
    pub(super) async fn begin() -> Self {
        let federation = Federation::with_small_disks(7);
        let mut persons = BTreeMap::new();
        for node in NODES {
            persons.insert(node, federation.register(node, "A-1", awa()).await);
        }
        let issue = IssuePass {
            person: persons[HOLDER],
            ceiling: Some(Class::MAX),
            valid_days: None,
        };
        let caller = federation.caseworker(HOLDER);
        let pass = federation.node(HOLDER).issue_pass(&caller, issue).await;
        let pass = pass.expect("a pass");
        let (there, here) = ((HOLDER, persons[HOLDER]), (THIRD, persons[THIRD]));
        federation.link(there, here, Class::MAX).await;
        let agreement = |node, partner, direction, class| {
            federation.agreement(persons[node], partner, direction, class)
        };
        let (theirs, ours) = (Direction::PartnerToOwn, Direction::OwnToPartner);
        let requests = BTreeMap::from([
            (
                Agreed::Wide,
                agreement(REQUESTER, HOLDER, theirs, Class::MAX),
            ),
            (
                Agreed::Narrow,
                agreement(REQUESTER, HOLDER, theirs, Class::Professional),
            ),
            (Agreed::ForThird, agreement(HOLDER, THIRD, ours, Class::MAX)),
            (
                Agreed::Again,
                agreement(HOLDER, REQUESTER, ours, Class::LivingConditions),
            ),
        ]);
        let question = |node| federation.question(persons[node], HOLDER);
        let questions = BTreeMap::from([
            (Asking::Wide, question(REQUESTER)),
            (Asking::Narrow, question(REQUESTER)),
            (Asking::Third, question(THIRD)),
            (Asking::ThirdOnceMore, question(THIRD)),
            (Asking::Withdrawn, question(REQUESTER)),
            (Asking::Again, question(REQUESTER)),
        ]);
        Self {
            redeem: ExchangeId::new(federation.now(), federation.chance()),
            objection: RequestId::new("objection-1".to_owned()).expect("11 characters"),
            federation,
            persons,
            pass,
            done: Acknowledged::default(),
            requests,
            questions,
            wide: None,
            threat: None,
            cut: false,
        }
    }

    /// The same story, to go on separately.
    pub(super) fn fork(&self) -> Self {
        Self {
            federation: self.federation.fork(),
            persons: self.persons.clone(),
            pass: self.pass.clone(),
            done: self.done.clone(),
            redeem: self.redeem,
            requests: self.requests.clone(),
            objection: self.objection.clone(),
            questions: self.questions.clone(),
            wide: self.wide,
            threat: self.threat,
            cut: self.cut,
        }
    }

    /// How many operations on the disk of a node there were so far.
    pub(super) fn operations(&self, node: Victim) -> u64 {
        self.federation.disk(node.node()).files.operations()
    }

    /// Has the power of a node cut on the way.
    pub(super) fn threaten(&mut self, victim: Victim, cut: Cut) {
        let disk = self.federation.disk(victim.node());
        disk.files.fail_at(cut.operation, Fault::PowerCut);
        self.threat = Some((victim, cut));
    }

    /// Whether the power was cut.
    pub(super) const fn is_cut(&self) -> bool {
        self.cut
    }

    /// Tells one step, whatever it takes.
    pub(super) async fn tell(&mut self, step: Step) {
        for tries in 1.. {
            let outcome = self.step(step).await;
            let just_cut = self.start_again();
            match outcome {
                Ok(()) => break,
                // Without a power cut nothing fails; after one, not for long.
                Err(error) => assert!(
                    self.cut && tries < TRIES,
                    "{step:?}, {:?}: {error:?}",
                    self.threat
                ),
            }
            if !just_cut {
                // What could not be delivered comes again by itself.
                self.settle().await;
            }
        }
        self.federation.pass(Duration::from_secs(1));
    }

    /// Starts the victim again if its power was just cut.
    fn start_again(&mut self) -> bool {
        let Some((victim, cut)) = self.threat.filter(|_| !self.cut) else {
            return false;
        };
        self.cut = self.operations(victim) > cut.operation;
        if self.cut {
            self.federation.crash(victim.node(), cut.crash, cut.applied);
        }
        self.cut
    }

    /// Delivers everything, however long that takes.
    pub(super) async fn settle(&self) {
        for _ in 0..5 {
            self.federation.deliver_all().await;
            let waits = |node: &str| {
                let waiting = self
                    .federation
                    .node(node)
                    .read(|view| Ok(outbox::waiting(view)?));
                !waiting.expect("a store that is read").is_empty()
            };
            if !NODES.into_iter().any(waits) {
                return;
            }
            self.federation.pass(Duration::from_secs(300));
        }
    }

    async fn step(&mut self, step: Step) -> Result<(), ExchangeError> {
        match step {
            Step::Write(entered) => self.write(entered).await,
            Step::Redeem => self.redeem().await,
            Step::Agree(agreed) => self.agree(agreed).await,
            Step::Ask(asking) => self.ask(asking).await,
            Step::Object => self.object().await,
            Step::Withdraw => self.withdraw().await,
            Step::Unlink => self.unlink().await,
            Step::Deliver => self.deliver().await,
            Step::Tend => {
                let tend = |node| self.federation.node(node).store().tend().is_ok();
                // All of them, whatever becomes of one.
                let tended: Vec<bool> = NODES.into_iter().map(tend).collect();
                done_or(tended.into_iter().all(|tended| tended))
            }
        }
    }

    async fn write(&mut self, entered: Entered) -> Result<(), ExchangeError> {
        let (reference, record) = match entered {
            Entered::Step => ("R-1", step("Soudure")),
            Entered::Contact => {
                let siret = self.federation.caseworker(HOLDER).siret;
                ("R-2", contact_card("Chloé Martin", siret))
            }
            Entered::Family => ("R-3", constraint(DiagnosisTheme::Family)),
        };
        let (node, person) = (self.federation.node(HOLDER), self.persons[HOLDER]);
        let caller = self.federation.caseworker(HOLDER);
        let batch = vec![upsert(reference, 1, record)];
        let kept = node.upsert_records(&caller, person, batch).await?;
        match kept.as_slice() {
            [Upserted::Created(kept) | Upserted::Unchanged(kept)] => {
                self.done.records.push((person, kept.record));
                Ok(())
            }
            other => panic!("not kept: {other:?}"),
        }
    }

    async fn redeem(&mut self) -> Result<(), ExchangeError> {
        let empty = || Pii::new(String::new());
        let request = RedeemPass {
            person: self.persons[REQUESTER],
            exchange: self.redeem,
            pass_text: self.pass.secret.text(),
            pin: Pii::new(self.pass.pin.reveal().to_owned()),
            birth_name: empty(),
            first_name: empty(),
            birth_date: empty(),
        };
        let node = self.federation.node(REQUESTER);
        let caller = self.federation.caseworker(REQUESTER);
        node.redeem_pass(&caller, request).await?;
        self.done.linked.push(node.own().node.clone());
        Ok(())
    }

    async fn agree(&mut self, agreed: Agreed) -> Result<(), ExchangeError> {
        let node = match agreed {
            Agreed::Wide | Agreed::Narrow => REQUESTER,
            Agreed::ForThird | Agreed::Again => HOLDER,
        };
        let mut request = self.requests[&agreed].clone();
        if agreed == Agreed::Narrow {
            request.replaces = self.wide;
        }
        let caller = self.federation.caseworker(node);
        let node = self.federation.node(node);
        for outcome in node.record_agreement(&caller, request).await? {
            if agreed == Agreed::Wide {
                self.wide = Some(outcome.chain);
            }
            let agreement = (node.own().node.clone(), outcome.chain, outcome.version);
            self.done.agreements.push(agreement);
        }
        Ok(())
    }

    async fn ask(&mut self, asking: Asking) -> Result<(), ExchangeError> {
        let (node, records) = match asking {
            Asking::Wide | Asking::Narrow | Asking::Again => (REQUESTER, Some(2)),
            Asking::Withdrawn => (REQUESTER, None),
            Asking::Third => (THIRD, Some(3)),
            Asking::ThirdOnceMore => (THIRD, None),
        };
        let caller = self.federation.caseworker(node);
        let node = self.federation.node(node);
        let request = self.questions[&asking].clone();
        let withdrawn = RefusalReason::ReceiptWithdrawn;
        match node.fetch_summary(&caller, request).await {
            Ok(fetched) => {
                let came = fetched.summary.map(|summary| summary.records.len());
                assert_eq!(came, records, "{asking:?}, {:?}", self.threat);
                let received = (node.own().node.clone(), fetched.log_index);
                self.done.received.push(received);
                Ok(())
            }
            Err(ExchangeError::PaperFails(reason))
                if asking == Asking::Withdrawn && reason == withdrawn =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn object(&mut self) -> Result<(), ExchangeError> {
        let node = self.federation.node(HOLDER);
        let third = self.federation.node(THIRD).own().node.clone();
        let request = RecordObjection {
            person: self.persons[HOLDER],
            request: self.objection.clone(),
            objection: Objecting::To(ObjectionScope::Requester(third)),
        };
        let caller = self.federation.caseworker(HOLDER);
        let recorded = node.record_objection(&caller, request).await?;
        self.done.objections.push(recorded.id);
        Ok(())
    }

    async fn withdraw(&mut self) -> Result<(), ExchangeError> {
        let chain = self.wide.expect("an agreement before its withdrawal");
        let request = WithdrawAgreement {
            person: self.persons[HOLDER],
            chains: vec![chain],
        };
        let caller = self.federation.caseworker(HOLDER);
        let node = self.federation.node(HOLDER);
        node.withdraw_agreement(&caller, request).await?;
        self.done.withdrawn.push((node.own().node.clone(), chain));
        Ok(())
    }

    async fn unlink(&mut self) -> Result<(), ExchangeError> {
        let node = self.federation.node(HOLDER);
        let caller = self.federation.caseworker(HOLDER);
        let person = self.persons[HOLDER];
        let links = node.list_links(&caller, &person, PageSize::MAX, "")?;
        let link = links.items.iter().find(|link| link.node.as_str() == THIRD);
        let unlink = Unlink {
            person,
            link: link.expect("a link with the third").id,
            person_asked: true,
        };
        node.unlink_person(&caller, unlink).await?;
        self.done
            .unlinked
            .push((node.own().node.clone(), unlink.link));
        Ok(())
    }

    /// Once to each peer, as the run of the outbox does: what fails is tried again later.
    async fn deliver(&mut self) -> Result<(), ExchangeError> {
        let mut delivered = true;
        for node in NODES {
            let node = self.federation.node(node);
            let Ok(waiting) = node.read(|view| Ok(outbox::waiting(view)?)) else {
                delivered = false;
                continue;
            };
            for (peer, _) in waiting {
                delivered &= node.deliver_once(&peer).await.is_ok();
            }
        }
        done_or(delivered)
    }
}

/// What fails in a store whose power is cut.
fn done_or(done: bool) -> Result<(), ExchangeError> {
    done.then_some(()).ok_or(ExchangeError::LogUnavailable)
}
