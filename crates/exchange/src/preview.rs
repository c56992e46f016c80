//! What would leave if another organisation asked now: shown to an own agent, sent to nobody.

use std::collections::BTreeMap;

use passerelle_domain::entry::{Entry, Outcome};
use passerelle_domain::vocabulary::{AgentRole, EntryKind, RefusalReason, SessionAssurance};
use passerelle_domain::{
    AskingAgent, Caller, Class, ExchangeId, LinkId, NodeId, PersonId, Purpose, Question, RecordId,
    RecordUse, Section, Timestamp,
};
use passerelle_policy::{
    Answer, OwnAccess, OwnAct, Standing, Terms, check_summary_size, own_access, preview,
    summarise_preview,
};
use passerelle_proto::journey::v1::Summary;
use passerelle_store::Tx;
use passerelle_store::tables::{Read, records};
use prost::Message;

use crate::answer::scopes;
use crate::fetch::linked;
use crate::gate::under_gate;
use crate::logging::Draft;
use crate::rectifications::marks;
use crate::verdicts::{DecidedCell, verdicts};
use crate::weighing::{Weighed, parties, permitted, refused, too_large, weighed};
use crate::{ExchangeError, Passerelle};

/// A question that another organisation might ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewSummary {
    /// The person here.
    pub person: PersonId,
    /// The node that would ask.
    pub requester: NodeId,
    /// Why it would.
    pub purpose: Purpose,
    /// Sections with the highest class it would ask for.
    pub sections: BTreeMap<Section, Class>,
    /// What it would do with it.
    pub usage: RecordUse,
    /// The role of the agent who would ask.
    pub role: AgentRole,
    /// Whether that agent would have a second factor.
    pub second_factor: bool,
}

/// What would leave.
#[derive(Clone, PartialEq)]
pub struct Previewed {
    /// The summary; `None` where nothing would leave.
    pub summary: Option<Summary>,
    /// What the asker would be told instead.
    pub told: Option<RefusalReason>,
    /// Why each cell is open or closed.
    pub cells: Vec<DecidedCell>,
    /// Records in open cells that are kept back because their use is restricted.
    pub restricted: Vec<RecordId>,
    /// The time that it was decided at.
    pub decided_at: Timestamp,
    /// Where the look is in this node's log.
    pub log_index: u64,
}

impl Passerelle {
    /// Decides, reads and summarises as if the other organisation had asked now, and shows the agent
    /// what it would have been sent. The look is in the log before it is shown; the other
    /// organisation hears nothing of it.
    ///
    /// What the agent's own role does not reach cannot be seen in this way: it may not be named in
    /// the question.
    pub async fn preview_summary(
        &self,
        caller: &Caller,
        mut request: PreviewSummary,
    ) -> Result<Previewed, ExchangeError> {
        let access = own_access(caller, OwnAct::ReadJourney)?;
        may_see(caller, &access, &request.sections)?;
        self.partner(&request.requester)?;
        self.may_exchange()?;
        // So that in the wal nothing is looked at under what was withdrawn before.
        request.person = self.kept(request.person)?;
        let gate = self.0.store.gate(request.person).shared().await;
        let (mut draft, mut previewed) = self.previewed(caller, &request)?;
        if let Some(summary) = &previewed.summary {
            draft.entry.records = u64::try_from(summary.records.len()).ok();
        }
        let transaction = move |tx: &mut Tx<'_>| Ok(draft.clone().log(tx)?.leaf);
        let committed = self
            .transact("preview", under_gate(Some(gate), transaction))
            .await?;
        previewed.log_index = committed.value;
        Ok(previewed)
    }

    /// The same path as an answer takes, with a permit that is good for no answer.
    fn previewed(
        &self,
        caller: &Caller,
        request: &PreviewSummary,
    ) -> Result<(Draft, Previewed), ExchangeError> {
        let list = self.0.trust.list();
        let (_, rules) = self.0.rules.now();
        let parties = parties(&list, &self.0.own.node, &request.requester)?;
        let now = self.now();
        self.read(|view| {
            let link = linked(view, &request.person, &request.requester)?;
            let question = self.question_of(caller, request, link.id, now);
            let weigh = |standing: &Standing| preview(&question, standing, &parties, &rules, now);
            let (holding, weighed) = weighed(view, link.id, Some(&link), &self.0.denials, weigh)?;
            let mut draft = self.preview_draft(caller, request);
            let mut previewed = Previewed {
                summary: None,
                told: None,
                cells: Vec::new(),
                restricted: Vec::new(),
                decided_at: now,
                log_index: 0,
            };
            match weighed {
                Weighed::Opened(opened) => {
                    previewed.cells = verdicts(opened.terms().trace(), caller);
                    previewed.restricted = restricted(view, &request.person, opened.terms())?;
                    let terms = opened.terms().clone();
                    let message = Summary::from(summarise_preview(opened).summary());
                    if check_summary_size(message.encoded_len()).is_err() {
                        previewed.told = Some(reason_told(too_large(&mut draft)));
                    } else {
                        permitted(&mut draft, &terms, &holding);
                        previewed.summary = Some(message);
                    }
                }
                Weighed::Refused(refusal) => {
                    previewed.cells = verdicts(refusal.trace(), caller);
                    previewed.told = Some(reason_told(refused(&mut draft, &refusal)));
                }
            }
            Ok((draft, previewed))
        })
    }

    fn question_of(
        &self,
        caller: &Caller,
        request: &PreviewSummary,
        link: LinkId,
        now: Timestamp,
    ) -> Question {
        Question {
            exchange: ExchangeId::new(now, self.rng()),
            link,
            purpose: request.purpose,
            sections: request.sections.clone(),
            usage: request.usage,
            agent: AskingAgent {
                // Who would ask is not known, and nothing depends on it.
                reference: caller.reference.clone(),
                role: request.role,
                assurance: SessionAssurance::Asserted,
                second_factor: request.second_factor,
            },
            nonce: self.rng().bytes(),
        }
    }

    fn preview_draft(&self, caller: &Caller, request: &PreviewSummary) -> Draft {
        let sections = request.sections.iter();
        let entry = Entry {
            purpose: Some(request.purpose),
            usage: Some(request.usage),
            asked: scopes(sections.map(|(section, class)| (*section, *class))),
            ..self.entry(EntryKind::Previewed, Outcome::Nothing)
        };
        Draft::new(entry, Some(request.person))
            .by(caller)
            .with(&request.requester, None)
    }
}

/// Whether the agent could see all that the question names in the own journey.
fn may_see(
    caller: &Caller,
    access: &OwnAccess,
    sections: &BTreeMap<Section, Class>,
) -> Result<(), ExchangeError> {
    let with_agent = caller.assurance != SessionAssurance::System;
    for (section, class) in sections {
        if access.reaches(*section, *class) {
            continue;
        }
        let factor_misses = with_agent && !caller.second_factor && *class > Class::LivingConditions;
        return Err(if factor_misses {
            ExchangeError::SecondFactorRequired
        } else {
            ExchangeError::RoleNotAllowed
        });
    }
    Ok(())
}

/// Records that the permit would open, if their use were not restricted.
fn restricted(
    read: &impl Read,
    person: &PersonId,
    terms: &Terms,
) -> Result<Vec<RecordId>, ExchangeError> {
    let mut kept_back = Vec::new();
    for (id, mark) in marks(read, person)? {
        if mark.restricted.is_none() {
            continue;
        }
        let stored = records::find(read, person, &id)?;
        if stored.is_some_and(|one| terms.open_cell(one.section, one.class).is_some()) {
            kept_back.push(id);
        }
    }
    Ok(kept_back)
}

fn reason_told(answer: Answer) -> RefusalReason {
    match answer {
        Answer::NothingToShare => RefusalReason::NothingToShare,
        Answer::Paper(reason) => reason,
    }
}

#[cfg(test)]
mod tests;
