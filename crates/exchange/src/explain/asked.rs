//! An exchange in which this node asked.

use passerelle_domain::{Caller, ExchangeId, Question};
use passerelle_policy::{LocalRules, Standing};
use passerelle_proto::exchange::v1 as wire;
use passerelle_store::tables::questions::{self, KeptQuestion};
use passerelle_store::tables::{Read, exchange_index, links};
use prost::Message;

use super::{Explained, ExplainedEntry, unknown};
use crate::answer::scopes;
use crate::standing::holding;
use crate::{ExchangeError, Passerelle};

/// Entries about the person that are looked at, however many of them are of the exchange.
const MOST_LOOKED_AT: usize = 4_096;
/// How many of them are read at a time.
const STRIDE: usize = 256;

impl Passerelle {
    pub(super) fn explain_asked(
        &self,
        caller: &Caller,
        exchange: ExchangeId,
    ) -> Result<Explained, ExchangeError> {
        let now = self.now();
        self.read(|view| {
            let kept = questions::find(view, &exchange)?.ok_or_else(unknown)?;
            let question = wire::Question::decode(&*kept.question)
                .ok()
                .and_then(|question| Question::try_from(&question).ok())
                .ok_or_else(|| ExchangeError::Internal {
                    what: "a question's row: an encoded Question".to_owned(),
                })?;
            let requester = self.0.own.node.clone();
            let standing = own_standing(view, &kept)?;
            let between = (&kept.holder, &requester);
            let cells = self.decided_now(caller, between, &question, &standing, now);
            let sections = question.sections.iter();
            Ok(Explained {
                person: Some(kept.person),
                asked: scopes(sections.map(|(section, class)| (*section, *class))),
                entries: self.entries_of(view, &kept)?,
                holder: kept.holder,
                requester,
                purpose: question.purpose,
                usage: question.usage,
                cells,
                decided_at: now,
            })
        })
    }

    /// What the log says of a question, the oldest first.
    fn entries_of(
        &self,
        view: &impl Read,
        kept: &KeptQuestion,
    ) -> Result<Vec<ExplainedEntry>, ExchangeError> {
        let (mut found, mut before, mut looked) = (Vec::new(), None, 0);
        while looked < MOST_LOOKED_AT {
            let rows = exchange_index::of_person(view, &kept.person, before, STRIDE)?;
            looked += STRIDE;
            let more = rows.len() == STRIDE;
            before = rows.last().map(|row| row.leaf);
            let since_then = rows.iter().take_while(|row| row.at >= kept.asked_at);
            let all = since_then.clone().count() == rows.len();
            for row in since_then.filter(|row| row.peer.as_ref() == Some(&kept.holder)) {
                let entry = self.entry_at(row.leaf);
                let of_it = entry.filter(|entry| entry.exchange == Some(kept.exchange));
                found.extend(of_it.map(|entry| ExplainedEntry::of(row.leaf, &entry)));
            }
            if !more || !all {
                break;
            }
        }
        found.reverse();
        Ok(found)
    }
}

/// What this node's own papers say to its question. What the holder closes besides is not known here.
fn own_standing(read: &impl Read, kept: &KeptQuestion) -> Result<Standing, ExchangeError> {
    let link = links::find(read, &kept.link)?;
    let held = holding(read, kept.link, link.as_ref(), &[])?;
    Ok(Standing {
        // The holder counts a pass of its own that was redeemed here.
        pass_redeemed: link.is_some_and(|link| link.ceiling.is_some() && !link.own_redemption),
        // Whom this node hides is no reason for another to hide them.
        local: LocalRules::default(),
        ..held.standing
    })
}
