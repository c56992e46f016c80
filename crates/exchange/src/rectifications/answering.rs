//! A request is answered.

use passerelle_domain::{Caller, Malformed, PersonId, Pii, RectificationId};
use passerelle_policy::{NotAllowed, OwnAccess, OwnAct, own_access};
use passerelle_store::Tx;
use passerelle_store::tables::persons;
use passerelle_store::tables::records::RecordAct;
use passerelle_store::tables::rectifications::{
    self, Rectification, RectificationAnswer, RectificationRefusal,
};

use super::{RectificationFile, file, written};
use crate::gate::under_gate;
use crate::records::acting;
use crate::{ExchangeError, Passerelle};

/// What is answered to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRectification {
    /// The person.
    pub person: PersonId,
    /// The request.
    pub rectification: RectificationId,
    /// Why it is refused; `None` where it was done.
    pub refusal: Option<RectificationRefusal>,
    /// What the person is told; may be empty, but for a reason that has no name.
    pub explanation: Pii<String>,
}

impl Passerelle {
    /// Answers a request. The last answer holds; repeating one changes nothing.
    pub async fn answer_rectification(
        &self,
        caller: &Caller,
        mut answer: AnswerRectification,
    ) -> Result<RectificationFile, ExchangeError> {
        let access = may_answer(caller)?;
        explained(&answer)?;
        let said = match answer.refusal {
            None => "done",
            Some(_) => "refused",
        };
        // A restricted record is in no summary that the wal shows before this answer.
        let (person, gate) = self.kept_gate(answer.person).await?;
        answer.person = person;
        let draft = self.rectification_entry(caller, answer.person, said);
        let by = acting(caller);
        let transaction = move |tx: &mut Tx<'_>| {
            let before = answer.request(tx, &access)?;
            if before.answer.as_ref().is_some_and(|one| answer.says(one)) {
                return Ok(before);
            }
            let by = RecordAct {
                at: tx.now(),
                ..by.clone()
            };
            let answered = Rectification {
                answer: Some(RectificationAnswer {
                    refusal: answer.refusal,
                    explanation: answer.explanation.clone(),
                    answered: by,
                }),
                ..before
            };
            rectifications::put(tx, &answered)?;
            draft.clone().log(tx)?;
            Ok(answered)
        };
        let committed = self
            .transact("answer_rectification", under_gate(gate, transaction))
            .await?;
        Ok(file(committed.value, self.now()))
    }
}

impl AnswerRectification {
    fn request(&self, tx: &Tx<'_>, access: &OwnAccess) -> Result<Rectification, ExchangeError> {
        persons::find(tx, &self.person)?.ok_or(ExchangeError::PersonNotFound)?;
        rectifications::find(tx, &self.person, &self.rectification)?
            .filter(|request| access.reaches(request.section, request.class))
            .ok_or_else(|| ExchangeError::not_found("rectification_id"))
    }

    fn says(&self, answer: &RectificationAnswer) -> bool {
        (self.refusal, &self.explanation) == (answer.refusal, &answer.explanation)
    }
}

/// Whoever may change the record, in person; or the privacy officer, who changes none.
fn may_answer(caller: &Caller) -> Result<OwnAccess, NotAllowed> {
    if own_access(caller, OwnAct::Audit).is_ok() {
        return own_access(caller, OwnAct::ReadJourney);
    }
    let _in_person = own_access(caller, OwnAct::MeetPerson)?;
    own_access(caller, OwnAct::WriteJourney)
}

fn explained(answer: &AnswerRectification) -> Result<(), Malformed> {
    let told = !answer.explanation.expose().is_empty();
    if told || answer.refusal == Some(RectificationRefusal::Other) {
        written("explanation", &answer.explanation)?;
    }
    Ok(())
}
