use passerelle_domain::entry::Outcome;
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Caller, Digest, Timestamp};
use passerelle_store::tables::questions::QuestionState;
use passerelle_store::tables::source_states::{SourceStanding, SourceState};
use passerelle_store::tables::{peers, questions, source_states};

use super::about;
use crate::changes::source_changed;
use crate::fetch::Sent;
use crate::logging::Draft;
use crate::ports::PeerError;
use crate::{ExchangeError, Passerelle};

impl Passerelle {
    /// Logs that an answer came that cannot be accepted, with the rule that it breaks.
    pub(crate) async fn log_unaccepted(
        &self,
        caller: &Caller,
        sent: &Sent,
        certificate: Option<Digest>,
        rule: &'static str,
    ) -> Result<(), ExchangeError> {
        self.log_no_answer(caller, sent, certificate, rule.to_owned(), false)
            .await?;
        Ok(())
    }

    /// Logs that no answer came, and since when the holder has not been reached.
    pub(crate) async fn note_failed(
        &self,
        caller: &Caller,
        sent: &Sent,
        error: &PeerError,
    ) -> Result<Timestamp, ExchangeError> {
        let unreachable = *error == PeerError::Unreachable;
        self.log_no_answer(caller, sent, None, error.to_string(), unreachable)
            .await
    }

    async fn log_no_answer(
        &self,
        caller: &Caller,
        sent: &Sent,
        certificate: Option<Digest>,
        reason: String,
        unreachable: bool,
    ) -> Result<Timestamp, ExchangeError> {
        let (caller, sent) = (caller.clone(), sent.clone());
        let own = self.entry(EntryKind::Failed, Outcome::Failed);
        let committed = self
            .transact("fail", move |tx| {
                let now = tx.now();
                let mut question = questions::find(tx, &sent.question.exchange)?
                    .unwrap_or_else(|| sent.question.clone());
                // An answer to another attempt may have come meanwhile: it stands.
                if question.state == QuestionState::Open {
                    question.state = QuestionState::Failed;
                    questions::put(tx, &question)?;
                }
                let mut since = now;
                if unreachable {
                    let mut peer = peers::find(tx, &question.holder)?.unwrap_or_default();
                    since = *peer.unreachable_since.get_or_insert(now);
                    peers::put(tx, &question.holder, &peer)?;
                    let standing = SourceStanding {
                        state: SourceState::Unreachable,
                        since,
                    };
                    let known = source_states::find(tx, &question.person, &question.holder)?;
                    source_states::put(tx, &question.person, &question.holder, standing)?;
                    if known != Some(standing) {
                        source_changed(tx, &question.person, &question.holder)?;
                    }
                }
                let entry = about(&own, &sent);
                let mut draft = Draft::new(entry, Some(question.person))
                    .by(&caller)
                    .with(&question.holder, certificate);
                draft.fields.reason.clone_from(&reason);
                draft.log(tx)?;
                Ok(since)
            })
            .await?;
        Ok(committed.value)
    }
}
