//! A person's file is changed: what it says, and under what it is found.

use passerelle_domain::{Caller, Malformed, PersonId, Pii};
use passerelle_linkage::traits::{SearchKey, TraitsForm, search_keys};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::Tx;
use passerelle_store::tables::Read;
use passerelle_store::tables::changes::{self, ChangeKind};
use passerelle_store::tables::persons::{self, Person};

use super::{PersonFile, reference, stored, traits_of};
use crate::changes::append;
use crate::gate::under_gate;
use crate::{ExchangeError, Passerelle};

/// References of a file beside its own.
const MOST_OTHERS: usize = 16;

/// What to change of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdatePerson {
    /// The person.
    pub person: PersonId,
    /// Who they are.
    pub identity: IdentityChange,
    /// The reference that the file has from now on; the one before goes on to find it.
    pub reference: Option<Pii<String>>,
    /// References that find it from now on.
    pub add: Vec<Pii<String>>,
    /// References that no longer do.
    pub drop: Vec<Pii<String>>,
    /// Whether it must stay hidden from every other organisation that they are known here; `None`
    /// leaves it as it is.
    pub hidden: Option<bool>,
}

/// What to change of who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityChange {
    /// All traits, but that an empty NIR leaves the one that is kept; `None` leaves them all.
    pub traits: Option<TraitsForm>,
    /// Whether the NIR that is kept goes.
    pub forget_nir: bool,
}

impl Passerelle {
    /// Changes a file. Repeating a call changes nothing.
    pub async fn update_person(
        &self,
        caller: &Caller,
        update: UpdatePerson,
    ) -> Result<PersonFile, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        let named = update.person;
        let change = self.change(update)?;
        // Whoever is to be hidden from now on is hidden from what is being answered.
        let gate = match change.hidden {
            Some(_) => Some(self.kept_gate(named).await?),
            None => None,
        };
        let transaction = move |tx: &mut Tx<'_>| {
            let id = persons::kept(tx, &named)?;
            let before = persons::find(tx, &id)?.ok_or(ExchangeError::PersonNotFound)?;
            let changed = change.of(tx, &before)?;
            if changed != before {
                let keys = search_keys(&traits_of(&changed)?);
                let keys: Vec<&[u8]> = keys.iter().map(SearchKey::as_bytes).collect();
                persons::put(tx, &changed, &keys)?;
                append(tx, &changes::Change::of(id, ChangeKind::PersonUpdated))?;
            }
            Ok(changed)
        };
        let changed = self
            .transact("update_person", under_gate(gate, transaction))
            .await?;
        self.read(|view| self.file(view, changed.value))
    }

    fn change(&self, update: UpdatePerson) -> Result<Change, ExchangeError> {
        let IdentityChange { traits, forget_nir } = update.identity;
        let gives_nir = traits.as_ref().is_some_and(|form| !form.nir.is_empty());
        if gives_nir && forget_nir {
            return Err(Malformed::new("forget_nir", "not together with identity.nir").into());
        }
        let each = |field: &str, all: Vec<Pii<String>>| {
            let read = |(i, one)| reference(one).map_err(|e| named(&e, &format!("{field}[{i}]")));
            let all = all.into_iter().enumerate();
            all.map(read).collect::<Result<Vec<_>, _>>()
        };
        Ok(Change {
            traits: traits
                .map(|form| Ok::<_, ExchangeError>(self.traits(form)?.into()))
                .transpose()?,
            forget_nir: forget_nir || !self.keeps_nir(),
            reference: update.reference.map(reference).transpose()?,
            add: each("add_references", update.add)?,
            drop: each("drop_references", update.drop)?,
            hidden: update.hidden,
        })
    }
}

/// A change whose parts are read.
struct Change {
    traits: Option<TraitsForm>,
    forget_nir: bool,
    reference: Option<Pii<String>>,
    add: Vec<Pii<String>>,
    drop: Vec<Pii<String>>,
    hidden: Option<bool>,
}

impl Change {
    fn of(&self, read: &impl Read, before: &Person) -> Result<Person, ExchangeError> {
        let mut after = before.clone();
        if let Some(traits) = &self.traits {
            after.identity = stored(traits.clone());
            if after.identity.nir.is_empty() {
                after.identity.nir.clone_from(&before.identity.nir);
            }
        }
        if self.forget_nir {
            after.identity.nir.clear();
        }
        after.protected = self.hidden.unwrap_or(before.protected);
        self.refer(read, &mut after)?;
        Ok(after)
    }

    fn refer(&self, read: &impl Read, file: &mut Person) -> Result<(), ExchangeError> {
        let others = |known: Option<Person>| known.is_some_and(|known| known.id != file.id);
        if let Some(own) = &self.reference
            // That of a file that was merged into this one stays with that file.
            && others(persons::file_of_reference(read, own.expose())?)
        {
            return Err(ExchangeError::IdReused("reference"));
        }
        for wanted in &self.add {
            if others(persons::find_by_reference(read, wanted.expose())?) {
                return Err(ExchangeError::IdReused("add_references"));
            }
        }
        let before = file.reference.clone();
        if let Some(own) = &self.reference {
            file.reference = own.clone();
        }
        for one in std::iter::once(&before).chain(&self.add) {
            // One of a file that was merged into this one finds it already, and stays with that file.
            let finds = *one != before && persons::find_by_reference(read, one.expose())?.is_some();
            if !finds && !file.other_references.contains(one) {
                file.other_references.push(one.clone());
            }
        }
        file.other_references
            .retain(|one| *one != file.reference && !self.drop.contains(one));
        if self.drop.contains(&file.reference) {
            return Err(Malformed::new("drop_references", "others than the file's own").into());
        }
        if file.other_references.len() > MOST_OTHERS {
            return Err(
                Malformed::new("add_references", "at most 16 beside the file's own").into(),
            );
        }
        Ok(())
    }
}

/// The rule that a reference breaks, in the field that it stands in.
fn named(error: &Malformed, field: &str) -> Malformed {
    Malformed::new(field, error.rule())
}

#[cfg(test)]
mod tests;
