//! A person objects, or lifts an objection, at this node: it binds the node as holder and as asker
//! when the call returns.
//!
//! The nodes that this one has asked are told, and adopt it as holders; those that received from it
//! are ordered to destroy what they received, without a reason.

mod answered;
mod told;

use passerelle_domain::claim::ObjectionScope;
use passerelle_domain::entry::Outcome;
use passerelle_domain::vocabulary::EntryKind;
use passerelle_domain::{Caller, NodeId, PersonId, TokenId};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::links::LinkState;
use passerelle_store::tables::objections::{KeptObjection, OfficerAnswer};
use passerelle_store::tables::{links, objections, persons};
use passerelle_store::{ExclusiveGuard, Tx};

use self::told::{ordered_as, told, told_as};
use crate::changes::append;
use crate::gate::under_gate;
use crate::logging::Draft;
use crate::purging::purge;
use crate::queue::{Delivery, delivery};
use crate::requests::{Request, RequestId};
use crate::{ExchangeError, Passerelle};

pub use answered::AnswerObjection;
pub(crate) use told::{concerned_receivers, objection_deliveries};

/// What a person objects to, or lifts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordObjection {
    /// The person.
    pub person: PersonId,
    /// Chosen by the caller: repeating a call with it records nothing again.
    pub request: RequestId,
    /// What the person says.
    pub objection: Objecting,
}

/// What the person says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objecting {
    /// An objection.
    To(ObjectionScope),
    /// An objection taken here no longer stands.
    Lift(TokenId),
}

/// An objection stands, or was lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedObjection {
    /// Names it, to lift it.
    pub id: TokenId,
    /// The partners who are told, and how far that is.
    pub deliveries: Vec<(NodeId, Delivery)>,
}

impl Passerelle {
    /// Records that a person objects, or lifts an objection. In force when this returns, even with a
    /// full disk.
    pub async fn record_objection(
        &self,
        caller: &Caller,
        mut request: RecordObjection,
    ) -> Result<RecordedObjection, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        if let Objecting::To(scope) = &request.objection {
            scope.check().map_err(|e| e.within("scope"))?;
        }
        let (person, id) = {
            let (person, gate) = self.kept_gate(request.person).await?;
            request.person = person;
            (person, self.object(caller, request, gate).await?)
        };
        self.wake_outbox();
        let told = self.read(|view| told(view, &person, id))?;
        let waited_for = told.iter().map(|told| (told.subject, told.peer.clone()));
        self.wait_delivered(&waited_for.collect::<Vec<_>>()).await?;
        Ok(RecordedObjection {
            id,
            deliveries: self.read(|view| objection_deliveries(view, &person, id))?,
        })
    }

    /// Takes an objection under the gate of the person.
    async fn object(
        &self,
        caller: &Caller,
        request: RecordObjection,
        gate: ExclusiveGuard,
    ) -> Result<TokenId, ExchangeError> {
        let asked = Request::of(
            caller,
            "objection",
            &request.request,
            &request_text(&request),
        );
        let drawn = TokenId::random(self.rng());
        let entry = self.entry(EntryKind::Objected, Outcome::Done);
        let draft = Draft::new(entry, Some(request.person)).by(caller);
        let node = self.clone();
        let transaction = move |tx: &mut Tx<'_>| {
            if let Some(before) = asked.answered(tx)? {
                return Ok(TokenId::from_slice(&before).map_err(|e| e.within("request"))?);
            }
            if persons::find(tx, &request.person)?.is_none() {
                return Err(ExchangeError::PersonNotFound);
            }
            let id = match &request.objection {
                Objecting::To(scope) => {
                    node.object_to(tx, &request.person, drawn, scope, &draft)?
                }
                Objecting::Lift(lifted) => {
                    node.lift(tx, &request.person, drawn, *lifted, &draft)?
                }
            };
            asked.answer(tx, id.as_bytes())?;
            Ok(id)
        };
        let committed = self
            .transact_urgent("object", under_gate(gate, transaction))
            .await?;
        Ok(committed.value)
    }

    fn object_to(
        &self,
        tx: &mut Tx<'_>,
        person: &PersonId,
        id: TokenId,
        scope: &ObjectionScope,
        draft: &Draft,
    ) -> Result<TokenId, ExchangeError> {
        let kept = self.own_objection(tx, id, scope.clone(), None);
        objections::put(tx, person, &kept)?;
        for link in self.asked_links(tx, person, scope)? {
            self.tell(tx, &link, &kept, None)?;
        }
        for link in concerned_receivers(tx, person, scope)? {
            self.order_purge(tx, &link, ordered_as(id, &link))?;
        }
        let mut draft = draft.clone();
        if self.binds_as_asker(scope) {
            let mut purged = 0;
            for link in links::of_person(tx, person)? {
                purged += purge(tx, &link)?;
            }
            draft.entry.records = (purged > 0).then_some(purged);
        }
        draft.log(tx)?;
        append(
            tx,
            &Change::of(*person, ChangeKind::ObjectionRecorded).about(&id),
        )?;
        Ok(id)
    }

    fn lift(
        &self,
        tx: &mut Tx<'_>,
        person: &PersonId,
        id: TokenId,
        lifted: TokenId,
        draft: &Draft,
    ) -> Result<TokenId, ExchangeError> {
        let found = objections::find(tx, person, &self.0.own.node, &lifted)?;
        let objection = found
            .filter(|found| found.lifts.is_none())
            .ok_or_else(|| ExchangeError::not_found("lifts"))?;
        if objection.lifted_at.is_some() {
            let all = objections::of_person(tx, person)?;
            let lifting = all
                .into_iter()
                .find(|one| one.issuer == objection.issuer && one.lifts == Some(lifted));
            return Ok(lifting.map_or(lifted, |lifting| lifting.id));
        }
        let lifting = self.own_objection(tx, id, objection.scope.clone(), Some(lifted));
        objections::put(tx, person, &lifting)?;
        let no_longer = KeptObjection {
            lifted_at: Some(tx.now()),
            ..objection
        };
        objections::put(tx, person, &no_longer)?;
        // Told to those who were told of the objection, and to nobody else.
        for link in links::of_person(tx, person)? {
            if delivery(tx, lifted, &link.peer)?.is_some() && link.state == LinkState::Live {
                self.tell(tx, &link, &lifting, Some(told_as(lifted, &link)))?;
            }
        }
        let mut draft = draft.clone();
        "lifted".clone_into(&mut draft.fields.reason);
        draft.log(tx)?;
        append(
            tx,
            &Change::of(*person, ChangeKind::ObjectionLifted).about(&lifted),
        )?;
        Ok(id)
    }

    fn own_objection(
        &self,
        tx: &Tx<'_>,
        id: TokenId,
        scope: ObjectionScope,
        lifts: Option<TokenId>,
    ) -> KeptObjection {
        KeptObjection {
            issuer: self.0.own.node.clone(),
            id,
            scope,
            lifts,
            via: None,
            taken_at: tx.now(),
            lifted_at: None,
            officer: OfficerAnswer::Pending,
        }
    }
}

/// What makes two requests the same.
fn request_text(request: &RecordObjection) -> String {
    let objection = match &request.objection {
        Objecting::To(scope) => format!("to {scope:?}"),
        Objecting::Lift(id) => format!("lift {id}"),
    };
    format!("{}\n{objection}", request.person)
}

#[cfg(test)]
mod tests;
