use passerelle_domain::{Pii, Timestamp};
use passerelle_store::Tx;
use passerelle_store::tables::copies::{Copy, CopySource, HeldCopy};
use passerelle_store::tables::questions::{KeptQuestion, QuestionState};
use passerelle_store::tables::source_states::{SourceStanding, SourceState};
use passerelle_store::tables::{copies, questions, source_states};

use super::overtaken::live_chains;
use super::{Given, Kept, Received};
use crate::ExchangeError;
use crate::changes::source_changed;
use crate::fetch::Sent;
use crate::journey::copied;
use crate::merging::{Asked, is_empty, together};
use crate::trimming::put_trimmed;

/// Keeps what an answer gives, beside what was received before and was not asked now.
pub(super) fn store_answer(
    tx: &mut Tx<'_>,
    sent: &Sent,
    received: &Received,
    kept: &Kept,
    leaf: u64,
    now: Timestamp,
) -> Result<(), ExchangeError> {
    let mut question =
        questions::find(tx, &sent.question.exchange)?.unwrap_or_else(|| sent.question.clone());
    question.result_leaf = Some(leaf);
    question.state = QuestionState::Answered;
    let asked = Asked(&sent.entry.asked);
    let before = match copies::find(tx, &source(&question))? {
        Some(Copy::Held(held)) => Some(held),
        _ => None,
    };
    let state = match (&received.result, kept) {
        (
            Given::Summary {
                body,
                summary,
                first_end,
            },
            Kept::Summary,
        ) => {
            let source = source(&question);
            let mut held = HeldCopy {
                body: Pii::new(body.clone()),
                received_at: now,
                exchange: question.exchange,
                attempt: sent.question.last_attempt,
                chains: live_chains(tx, &question, now)?,
                leaf,
                records: u64::try_from(summary.records.len()).unwrap_or(u64::MAX),
                asked: asked.with_earlier(before.as_ref(), now),
            };
            let left = left_of(asked, before.as_ref(), now)?;
            match (left, &before) {
                (Some(left), Some(before)) => {
                    held.chains.extend(&before.chains);
                    held.chains.sort_unstable();
                    held.chains.dedup();
                    let merged = together(copied(&held)?, left, now);
                    put_trimmed(tx, &source, held, &merged)?;
                }
                _ => {
                    copies::put(tx, &source, &held)?;
                    if let Some(at) = first_end {
                        copies::put_due(tx, &source, *at)?;
                    }
                }
            }
            Some(SourceState::Received)
        }
        (_, Kept::Nothing) => {
            // What was received of it before is no longer permitted (I6); the rest was not asked.
            let source = source(&question);
            let left = left_of(asked, before.as_ref(), now)?;
            match (left, before) {
                (Some(left), Some(before)) if !left.records.is_empty() => {
                    let held = HeldCopy {
                        asked: asked.with_earlier(Some(&before), now),
                        ..before
                    };
                    put_trimmed(tx, &source, held, &asked.closed(left, sent.entry.usage))?;
                    Some(SourceState::Received)
                }
                _ => {
                    copies::purge(tx, &source, now)?;
                    Some(SourceState::NothingToShare)
                }
            }
        }
        (Given::Duplicate(last), _) => {
            // This node's own count is behind what the holder has seen.
            question.last_attempt = question.last_attempt.max(*last);
            question.state = QuestionState::Failed;
            None
        }
        _ => None,
    };
    questions::put(tx, &question)?;
    if let Some(state) = state {
        let standing = SourceStanding { state, since: now };
        source_states::put(tx, &question.person, &question.holder, standing)?;
        source_changed(tx, &question.person, &question.holder)?;
    }
    Ok(())
}

/// What an answer leaves of the copy before, if anything.
fn left_of(
    asked: Asked<'_>,
    before: Option<&HeldCopy>,
    now: Timestamp,
) -> Result<Option<passerelle_domain::Summary>, ExchangeError> {
    let left = before
        .map(|before| asked.left_of(before, now))
        .transpose()?;
    Ok(left.filter(|left| !is_empty(left)))
}

/// Where the copy of a holder's answers about a person is.
pub(super) fn source(question: &KeptQuestion) -> CopySource {
    CopySource {
        person: question.person,
        holder: question.holder.clone(),
        link: question.link,
    }
}
