use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use passerelle_domain::{
    Caller, Class, ExchangeId, Malformed, NodeId, PersonId, Purpose, RecordUse, Section,
};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::links::{self, LinkState};
use passerelle_store::tables::persons;

use super::{FetchSummary, Fetched};
use crate::{ExchangeError, Passerelle};

/// What an agent asks of several organisations at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchSummaries {
    /// The person here.
    pub person: PersonId,
    /// The nodes to ask; if there are none, every one with which a link stands.
    pub holders: BTreeSet<NodeId>,
    /// Chosen by the caller; the exchange with each node follows from it, so that repeating a call
    /// with it repeats the same questions.
    pub exchange: ExchangeId,
    /// Why.
    pub purpose: Purpose,
    /// Sections with the highest class asked for.
    pub sections: BTreeMap<Section, Class>,
    /// What is meant to be done with it.
    pub usage: RecordUse,
}

/// What came of asking one of them.
pub struct HolderOutcome {
    /// The node.
    pub holder: NodeId,
    /// The exchange with it.
    pub exchange: ExchangeId,
    /// What came back, or why nothing did.
    pub outcome: Result<Fetched, ExchangeError>,
}

impl Passerelle {
    /// Asks several nodes at once, each in an exchange of its own: what one answers is kept, whatever
    /// becomes of the others. The outcomes come by name of the node.
    ///
    /// What keeps this node or this agent from asking anybody is an error of the whole, and nobody was
    /// asked.
    pub async fn fetch_summaries(
        &self,
        caller: &Caller,
        mut request: FetchSummaries,
    ) -> Result<Vec<HolderOutcome>, ExchangeError> {
        let access = own_access(caller, OwnAct::AskPartner)?;
        self.may_ask(caller, &access, &request.of(&self.0.own.node))?;
        request.person = self.kept(request.person)?;
        let holders = self.holders(&request)?;
        if holders.len() > MOST_HOLDERS {
            return Err(Malformed::new("holders", "at most 16").into());
        }
        let asked = holders.into_iter().map(|holder| {
            let question = request.of(&holder);
            async move {
                HolderOutcome {
                    exchange: question.exchange,
                    outcome: Box::pin(self.fetch_summary(caller, question)).await,
                    holder,
                }
            }
        });
        // Every one of them ends: a peer's answer is waited for so long and no longer.
        Ok(stream::iter(asked).buffered(MOST_HOLDERS).collect().await)
    }

    fn holders(&self, request: &FetchSummaries) -> Result<BTreeSet<NodeId>, ExchangeError> {
        self.read(|view| {
            persons::find(view, &request.person)?.ok_or(ExchangeError::PersonNotFound)?;
            if !request.holders.is_empty() {
                return Ok(request.holders.clone());
            }
            let links = links::of_person(view, &request.person)?.into_iter();
            let live = links.filter(|link| link.state == LinkState::Live);
            Ok(live.map(|link| link.peer).collect())
        })
    }
}

impl FetchSummaries {
    /// What one of them is asked.
    fn of(&self, holder: &NodeId) -> FetchSummary {
        FetchSummary {
            person: self.person,
            holder: holder.clone(),
            exchange: self.exchange.with(holder),
            purpose: self.purpose,
            sections: self.sections.clone(),
            usage: self.usage,
        }
    }
}

/// So many nodes are asked in one call, all at once.
const MOST_HOLDERS: usize = 16;

#[cfg(test)]
mod tests;
