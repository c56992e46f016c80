//! What nobody has answered in 24 hours is closed, so that the log says how every exchange ended.

use std::time::Duration;

use bytes::Bytes;
use passerelle_domain::entry::{Entry, Outcome};
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Digest, ExchangeId, Malformed, NodeId, PersonId, Pii};
use passerelle_store::Tx;
use passerelle_store::tables::meta::MetaName;
use passerelle_store::tables::questions::{KeptQuestion, QuestionState};
use passerelle_store::tables::redemptions::Redemption;
use passerelle_store::tables::{Read, TableError, meta, questions, redemptions};

use crate::attempt::QUESTION_LIFE;
use crate::logging::Draft;
use crate::{ExchangeError, Passerelle};

/// Exchanges that are read at a time.
const LOOKED_AT: usize = 256;
/// What cannot be asked any more is closed this much later: whoever began to ask just before has
/// begun by then.
const MARGIN: Duration = Duration::from_secs(600);

impl Passerelle {
    /// Closes questions and redemptions that were not answered in 24 hours, with an entry each.
    /// The oldest first, each in its own transaction; says how many it closed.
    pub async fn close_abandoned(&self) -> Result<usize, ExchangeError> {
        let questions = self.close::<KeptQuestion>().await?;
        Ok(questions + self.close::<Redemption>().await?)
    }

    async fn close<B: Begun>(&self) -> Result<usize, ExchangeError> {
        let mut closed = 0;
        while let Some(now_closed) = self.close_some::<B>().await? {
            closed += now_closed;
        }
        Ok(closed)
    }

    /// The same for the next of them; `None` if nothing is over.
    async fn close_some<B: Begun>(&self) -> Result<Option<usize>, ExchangeError> {
        let page = self.read(|view| {
            let after = closed_to(view, B::CLOSED_TO)?;
            Ok(B::page(view, after.as_ref())?)
        })?;
        // Exchange ids begin with their time.
        let over =
            |one: &B| self.now().since(one.about().exchange.made_at()) > QUESTION_LIFE + MARGIN;
        let over: Vec<B> = page.into_iter().take_while(over).collect();
        let Some(last) = over.last().map(|one| one.about().exchange) else {
            return Ok(None);
        };
        let mut closed = 0;
        for one in over.iter().map(B::about).filter(About::is_open) {
            let entry = Entry {
                exchange: Some(one.exchange),
                attempt: Some(one.attempt),
                question: Some(one.question),
                ..self.entry(EntryKind::Abandoned, Outcome::Failed)
            };
            let draft = Draft::new(entry, Some(one.person)).with(&one.peer, None);
            let exchange = one.exchange;
            self.transact("abandon", move |tx| abandon::<B>(tx, &exchange, &draft))
                .await?;
            closed += 1;
        }
        self.transact("closed", move |tx| {
            let last = Bytes::copy_from_slice(last.as_bytes());
            Ok(meta::put(tx, B::CLOSED_TO, last)?)
        })
        .await?;
        Ok(Some(closed))
    }
}

fn abandon<B: Begun>(
    tx: &mut Tx<'_>,
    exchange: &ExchangeId,
    draft: &Draft,
) -> Result<(), ExchangeError> {
    let found = B::find(tx, exchange)?;
    // Its answer may have come meanwhile.
    let Some(one) = found.filter(|one| one.about().is_open()) else {
        return Ok(());
    };
    let appended = draft.clone().log(tx)?;
    Ok(one.abandoned(appended.leaf).put(tx)?)
}

/// The exchange up to which all are closed.
fn closed_to(read: &impl Read, name: MetaName) -> Result<Option<ExchangeId>, ExchangeError> {
    let found = meta::find(read, name)?;
    let read = found
        .map(|bytes| ExchangeId::from_slice(&bytes))
        .transpose();
    read.map_err(|error: Malformed| ExchangeError::Internal {
        what: error.within("closed_to").to_string(),
    })
}

/// What this node has begun at another: a question, or a redemption.
trait Begun: Sized + 'static {
    /// Under what is kept up to where all are closed.
    const CLOSED_TO: MetaName;
    fn page(read: &impl Read, after: Option<&ExchangeId>) -> Result<Vec<Self>, TableError>;
    fn find(read: &impl Read, exchange: &ExchangeId) -> Result<Option<Self>, TableError>;
    fn about(&self) -> About;
    fn abandoned(self, leaf: u64) -> Self;
    fn put(&self, tx: &mut Tx<'_>) -> Result<(), TableError>;
}

/// What the entry says of it.
struct About {
    exchange: ExchangeId,
    attempt: u32,
    person: PersonId,
    peer: NodeId,
    question: Digest,
    state: QuestionState,
}

impl About {
    fn is_open(&self) -> bool {
        matches!(self.state, QuestionState::Open | QuestionState::Failed)
    }
}

impl Begun for KeptQuestion {
    const CLOSED_TO: MetaName = MetaName::new("questions-closed-to");

    fn page(read: &impl Read, after: Option<&ExchangeId>) -> Result<Vec<Self>, TableError> {
        questions::page(read, after, LOOKED_AT)
    }

    fn find(read: &impl Read, exchange: &ExchangeId) -> Result<Option<Self>, TableError> {
        questions::find(read, exchange)
    }

    fn about(&self) -> About {
        About {
            exchange: self.exchange,
            attempt: self.last_attempt,
            person: self.person,
            peer: self.holder.clone(),
            question: Digest::of(&self.question),
            state: self.state,
        }
    }

    fn abandoned(self, leaf: u64) -> Self {
        Self {
            state: QuestionState::Abandoned,
            result_leaf: Some(leaf),
            ..self
        }
    }

    fn put(&self, tx: &mut Tx<'_>) -> Result<(), TableError> {
        questions::put(tx, self)
    }
}

impl Begun for Redemption {
    const CLOSED_TO: MetaName = MetaName::new("redemptions-closed-to");

    fn page(read: &impl Read, after: Option<&ExchangeId>) -> Result<Vec<Self>, TableError> {
        redemptions::page(read, after, LOOKED_AT)
    }

    fn find(read: &impl Read, exchange: &ExchangeId) -> Result<Option<Self>, TableError> {
        redemptions::find(read, exchange)
    }

    fn about(&self) -> About {
        About {
            exchange: self.exchange,
            attempt: self.last_attempt,
            person: self.person,
            peer: self.peer.clone(),
            question: Digest::of(self.question.expose()),
            state: self.state,
        }
    }

    fn abandoned(self, leaf: u64) -> Self {
        Self {
            state: QuestionState::Abandoned,
            result_leaf: Some(leaf),
            // It holds the PIN.
            question: Pii::new(Bytes::new()),
            ..self
        }
    }

    fn put(&self, tx: &mut Tx<'_>) -> Result<(), TableError> {
        redemptions::put(tx, self)
    }
}

#[cfg(test)]
mod tests;
