use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::vocabulary::Section;
use passerelle_domain::{Class, LinkId};

use super::*;
use crate::testing::{Federation, Met, awa, step};
use crate::{
    CellVerdict, ClosingSource, FetchSummary, Objecting, RecordObjection, RequestId,
    WithdrawAgreement,
};

const HERE: &str = "departement";
const THERE: &str = "mission-locale";

/// Somebody whose journey `HERE` may read at `THERE` up to class 2.
async fn met(federation: &Federation) -> Met {
    let met = federation.meet(THERE, HERE, Class::MAX).await;
    federation
        .write(THERE, met.there, "R-1", step("Soudure"))
        .await;
    let mut receipt = federation.receipt(HERE, met.link, THERE, HERE);
    for class in receipt.grants[0].sections.values_mut() {
        *class = Class::LivingConditions;
    }
    federation.keep(&receipt).await;
    met
}

/// Asks for everything, whatever comes of it, and says in which exchange.
async fn asked(federation: &Federation, met: &Met) -> ExchangeId {
    ask(federation, federation.question(met.here, THERE)).await
}

async fn ask(federation: &Federation, question: FetchSummary) -> ExchangeId {
    let caller = federation.caseworker(HERE);
    let exchange = question.exchange;
    let _whatever = federation.node(HERE).fetch_summary(&caller, question).await;
    exchange
}

/// A question that the receipt opens whole.
fn steps(federation: &Federation, met: &Met) -> FetchSummary {
    FetchSummary {
        sections: [(Section::Steps, Class::LivingConditions)].into(),
        ..federation.question(met.here, THERE)
    }
}

impl Federation {
    fn explained(
        &self,
        node: &str,
        role: AgentRole,
        exchange: ExchangeId,
    ) -> Result<Explained, ExchangeError> {
        let asked_by = (node == THERE).then(|| HERE.parse().unwrap());
        let request = ExplainDecision { exchange, asked_by };
        let caller = self.caller(node, role, true);
        self.node(node).explain_decision(&caller, &request)
    }
}

/// The section at a class, and why.
fn cell(explained: &Explained, class: Class) -> &CellVerdict {
    let found = explained
        .cells
        .iter()
        .find(|cell| (cell.section, cell.class) == (Section::Steps, class));
    &found.unwrap().verdict
}

#[tokio::test]
async fn both_nodes_say_which_receipt_and_which_row_open_and_why_the_rest_is_closed() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let exchange = asked(&federation, &met).await;
    for (node, person, kinds) in [
        (THERE, met.there, vec![EntryKind::Disclosed]),
        (HERE, met.here, vec![EntryKind::Asked, EntryKind::Received]),
    ] {
        let told = federation.explained(node, AgentRole::Caseworker, exchange);
        let told = told.unwrap();
        assert_eq!(told.person, Some(person));
        assert_eq!(
            (told.holder.as_str(), told.requester.as_str()),
            (THERE, HERE)
        );
        let found: Vec<_> = told.entries.iter().map(|entry| entry.kind).collect();
        assert_eq!(found, kinds);
        let last = told.entries.last().unwrap();
        assert_eq!((last.attempt, last.outcome), (1, Outcome::Partial));
        assert_eq!(last.records, Some(1));
        assert_eq!(last.given.len(), Section::ALL.len());
        let CellVerdict::Open { ground, rule, .. } = cell(&told, Class::Professional) else {
            panic!("closed at {node}");
        };
        assert_eq!(ground.issuer.as_str(), HERE);
        assert!(!rule.is_empty());
        let CellVerdict::Closed(why) = cell(&told, Class::Health) else {
            panic!("open at {node}");
        };
        assert_eq!(why[0].reason, RefusalReason::ClassNotAllowed);
        // What was used then is what opens now.
        let used: Vec<_> = last.receipts.iter().map(|used| used.receipt).collect();
        let expected = if node == THERE {
            vec![ground.receipt]
        } else {
            vec![]
        };
        assert_eq!(used, expected);
    }
}

#[tokio::test]
async fn what_was_decided_then_stays_when_it_would_be_decided_otherwise_now() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let exchange = asked(&federation, &met).await;
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let listed = node.list_agreements(&caller, &met.there).unwrap();
    let chains = listed.agreements.iter().map(|one| one.chain).collect();
    let request = WithdrawAgreement {
        person: met.there,
        chains,
    };
    node.withdraw_agreement(&caller, request).await.unwrap();

    let told = federation
        .explained(THERE, AgentRole::Caseworker, exchange)
        .unwrap();
    assert_eq!(told.entries[0].kind, EntryKind::Disclosed);
    assert_eq!(told.entries[0].receipts.len(), 1);
    let CellVerdict::Closed(why) = cell(&told, Class::Professional) else {
        panic!("open");
    };
    assert_eq!(why[0].reason, RefusalReason::ReceiptWithdrawn);
    assert_eq!(why[0].source, ClosingSource::Receipt);
}

#[tokio::test]
async fn i13_the_asker_hears_nothing_of_an_objection_and_only_the_officer_whose_it_is() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let request = RecordObjection {
        person: met.there,
        request: RequestId::new("once").unwrap(),
        objection: Objecting::To(ObjectionScope::All),
    };
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    node.record_objection(&caller, request).await.unwrap();
    let question = steps(&federation, &met);
    let exchange = ask(&federation, question).await;

    for (role, named) in [
        (AgentRole::Caseworker, false),
        (AgentRole::PrivacyOfficer, true),
    ] {
        let told = federation.explained(THERE, role, exchange).unwrap();
        assert_eq!(told.entries[0].reason, Some(RefusalReason::Objection));
        assert_eq!(told.entries[0].told, None);
        let CellVerdict::Closed(why) = cell(&told, Class::Professional) else {
            panic!("open");
        };
        assert_eq!(why[0].reason, RefusalReason::Objection);
        assert_eq!(why[0].paper.is_some(), named);

        // Here its own papers hold, and nothing says why the other node opened nothing.
        let told = federation.explained(HERE, role, exchange).unwrap();
        let last = told.entries.last().unwrap();
        assert_eq!((last.outcome, last.reason), (Outcome::Nothing, None));
        assert!(matches!(
            cell(&told, Class::Professional),
            CellVerdict::Open { .. }
        ));
    }
}

#[tokio::test]
async fn the_second_factor_of_the_asking_agent_counts_as_it_was_then() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let question = steps(&federation, &met);
    let exchange = question.exchange;
    let caller = federation.caller(HERE, AgentRole::Caseworker, false);
    let node = federation.node(HERE);
    node.fetch_summary(&caller, question).await.unwrap();
    let with = asked(&federation, &met).await;
    let factor = |exchange| {
        let node = federation.node(THERE);
        let found = node.read(|view| {
            let peer = HERE.parse().unwrap();
            Ok(passerelle_store::tables::attempts::find(
                view, &peer, &exchange,
            )?)
        });
        found.unwrap().unwrap().second_factor
    };
    assert_eq!((factor(exchange), factor(with)), (false, true));
}

#[tokio::test]
async fn who_is_not_known_here_is_for_the_officer_alone() {
    let federation = Federation::new(1);
    let person = federation.register(HERE, "P-1", awa()).await;
    let link = LinkId::random(federation.chance());
    federation
        .link_at(HERE, person, link, THERE, Class::MAX)
        .await;
    let exchange = ask(&federation, federation.question(person, THERE)).await;
    let told = federation.explained(THERE, AgentRole::PrivacyOfficer, exchange);
    let told = told.unwrap();
    assert_eq!(told.person, None);
    assert_eq!(told.entries[0].reason, Some(RefusalReason::PersonUnknown));
    assert!(told.cells.is_empty());
    let refused = federation.explained(THERE, AgentRole::Caseworker, exchange);
    assert_eq!(refused.err(), Some(unknown()));
}

#[tokio::test]
async fn an_exchange_that_was_never_and_a_role_that_reads_nothing_are_refused() {
    let federation = Federation::new(1);
    let met = met(&federation).await;
    let known = asked(&federation, &met).await;
    let never = ExchangeId::new(federation.now(), federation.chance());
    for node in [HERE, THERE] {
        let refused = federation.explained(node, AgentRole::PrivacyOfficer, never);
        assert_eq!(refused.err(), Some(unknown()));
        let refused = federation.explained(node, AgentRole::Operator, known);
        assert_eq!(refused.err(), Some(ExchangeError::RoleNotAllowed));
    }
}
