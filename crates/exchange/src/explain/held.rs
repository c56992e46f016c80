//! An exchange in which another organisation asked this one.

use passerelle_domain::entry::Entry;
use passerelle_domain::vocabulary::RefusalReason;
use passerelle_domain::{
    AgentRef, AskingAgent, Caller, Digest, ExchangeId, NodeId, PersonId, Question,
};
use passerelle_store::tables::attempts::{AttemptKind, Attempts};
use passerelle_store::tables::links::{Link, LinkState};
use passerelle_store::tables::{Read, attempts, disclosures, links, receipts};
use passerelle_store::{OpenedPart, View};

use super::{Explained, ExplainedEntry, UsedReceipt, unknown};
use crate::standing::holding;
use crate::{ExchangeError, Passerelle};

impl Passerelle {
    pub(super) fn explain_held(
        &self,
        caller: &Caller,
        requester: &NodeId,
        exchange: ExchangeId,
    ) -> Result<Explained, ExchangeError> {
        let now = self.now();
        self.read(|view| {
            let attempts = attempts::find(view, requester, &exchange)?
                .filter(|attempts| attempts.kind == AttemptKind::Ask)
                .ok_or_else(unknown)?;
            let (mut entries, mut last) = (Vec::new(), None);
            for logged in &attempts.logged {
                let Some(entry) = self.entry_at(logged.leaf) else {
                    continue;
                };
                let sealed = self.sealed_part(view, logged.leaf, entry.commitment)?;
                let mut explained = ExplainedEntry::of(logged.leaf, &entry);
                if let Some(part) = &sealed {
                    explained.reason = RefusalReason::parse(&part.fields.reason);
                    if let Some(person) = &part.person {
                        explained.receipts = used(view, person, requester, &explained)?;
                    }
                }
                entries.push(explained);
                last = Some((entry, sealed));
            }
            let (entry, sealed) = last.ok_or_else(unknown)?;
            let (Some(purpose), Some(usage)) = (entry.purpose, entry.usage) else {
                return Err(unknown());
            };
            let (person, agent) = sealed.map_or((None, None), |part| {
                (part.person, part.fields.agent.map(|agent| agent.reference))
            });
            let link = match &person {
                Some(person) => link_with(view, person, requester)?,
                None => None,
            };
            let holder = self.0.own.node.clone();
            let cells = match link.zip(asking_agent(&entry, agent, &attempts)) {
                Some((link, agent)) => {
                    let sections = entry.asked.iter();
                    let question = Question {
                        exchange,
                        link: link.id,
                        purpose,
                        sections: sections.map(|one| (one.section, one.sensitivity)).collect(),
                        usage,
                        agent,
                        nonce: [0; 32],
                    };
                    let holding = holding(view, link.id, Some(&link), &self.0.denials)?;
                    let between = (&holder, requester);
                    self.decided_now(caller, between, &question, &holding.standing, now)
                }
                None => Vec::new(),
            };
            Ok(Explained {
                person,
                holder,
                requester: requester.clone(),
                purpose,
                usage,
                asked: entry.asked,
                entries,
                cells,
                decided_at: now,
            })
        })
    }

    fn sealed_part(
        &self,
        view: &View<'_>,
        leaf: u64,
        commitment: Option<Digest>,
    ) -> Result<Option<OpenedPart>, ExchangeError> {
        let part = self.0.store.log().sealed(leaf).map_err(|error| {
            tracing::error!(%error, "the log cannot be read");
            ExchangeError::LogUnavailable
        })?;
        match part.zip(commitment) {
            Some((part, commitment)) => Ok(view.open_sealed(leaf, &part, &commitment)?),
            None => Ok(None),
        }
    }
}

/// The agent who asked, as far as a decision depends on them.
fn asking_agent(
    entry: &Entry,
    reference: Option<AgentRef>,
    attempts: &Attempts,
) -> Option<AskingAgent> {
    Some(AskingAgent {
        reference: reference?,
        role: entry.role?,
        assurance: entry.assurance?,
        second_factor: attempts.second_factor,
    })
}

/// The link with a peer about a person that stands, or else the one that ended last.
fn link_with(
    read: &impl Read,
    person: &PersonId,
    peer: &NodeId,
) -> Result<Option<Link>, ExchangeError> {
    let links = links::of_person(read, person)?.into_iter();
    let with_peer = links.filter(|link| link.peer == *peer);
    Ok(with_peer.max_by_key(|link| (link.state == LinkState::Live, link.since)))
}

/// The receipts under which that entry's records went out.
fn used(
    read: &impl Read,
    person: &PersonId,
    peer: &NodeId,
    entry: &ExplainedEntry,
) -> Result<Vec<UsedReceipt>, ExchangeError> {
    let Some(disclosure) = disclosures::find(read, person, peer, entry.leaf)? else {
        return Ok(Vec::new());
    };
    let kept = receipts::over_link(read, &disclosure.link)?;
    let newest = |chain| {
        let then = kept
            .iter()
            .filter(|kept| kept.receipt.chain == chain && kept.received_at <= entry.at);
        then.max_by_key(|kept| kept.receipt.version)
    };
    let used = disclosure.chains.into_iter().filter_map(newest);
    Ok(used
        .map(|kept| UsedReceipt {
            issuer: kept.receipt.issuer.clone(),
            receipt: kept.receipt.id,
            chain: kept.receipt.chain,
            version: kept.receipt.version,
            basis: kept.receipt.basis,
        })
        .collect())
}
