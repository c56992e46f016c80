use passerelle_domain::entry::Outcome;
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Caller, NodeId, PersonId, TokenId};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::Tx;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::objections::{self, KeptObjection, OfficerAnswer};

use crate::changes::append;
use crate::gate::under_gate;
use crate::logging::Draft;
use crate::{ExchangeError, Passerelle};

/// What the privacy officer answers to an objection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerObjection {
    /// The person.
    pub person: PersonId,
    /// The node that took it.
    pub issuer: NodeId,
    /// The objection.
    pub objection: TokenId,
    /// Whether it closes also what the text does not leave open to objection.
    pub upheld: bool,
}

impl Passerelle {
    /// Records what the privacy officer answered to an objection, taken here or adopted: until then,
    /// and where it is upheld, it closes all that it names; overruled, only what is open to objection
    /// anyway. The last answer holds; repeating one changes nothing.
    pub async fn answer_objection(
        &self,
        caller: &Caller,
        mut answer: AnswerObjection,
    ) -> Result<(), ExchangeError> {
        let _access = own_access(caller, OwnAct::Audit)?;
        let (person, gate) = self.kept_gate(answer.person).await?;
        answer.person = person;
        let entry = self.entry(EntryKind::Objected, Outcome::Done);
        let mut draft = Draft::new(entry, Some(answer.person)).by(caller);
        let (officer, said) = if answer.upheld {
            (OfficerAnswer::Upheld, "upheld")
        } else {
            (OfficerAnswer::Overruled, "overruled")
        };
        said.clone_into(&mut draft.fields.reason);
        let transaction = move |tx: &mut Tx<'_>| {
            let found = objections::find(tx, &answer.person, &answer.issuer, &answer.objection)?;
            let objection = found
                .filter(|found| found.lifts.is_none())
                .ok_or_else(|| ExchangeError::not_found("objection_id"))?;
            if objection.officer == officer {
                return Ok(());
            }
            let answered = KeptObjection {
                officer,
                ..objection
            };
            objections::put(tx, &answer.person, &answered)?;
            let change = Change::of(answer.person, ChangeKind::ObjectionAnswered);
            append(tx, &change.about(&answer.objection))?;
            draft.clone().log(tx)?;
            Ok(())
        };
        self.transact("answer_objection", under_gate(gate, transaction))
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
