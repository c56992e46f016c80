//! The persons whom the organisation accompanies: registered and found at home, never at another
//! node.

mod links;
mod merge;
mod update;

use passerelle_domain::{
    Caller, CivilDate, Class, LinkId, Malformed, NodeId, PersonId, Pii, Timestamp,
};
use passerelle_linkage::traits::{IdentityTraits, Search, SearchKey, TraitsForm, search_keys};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::Tx;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::links::LinkState;
use passerelle_store::tables::persons::{self, IdentityTraits as StoredTraits, Person};
use passerelle_store::tables::{Read, links as link_rows};

use crate::changes::append;
use crate::gate::under_gate;
use crate::paging::{Page, PageSize, page_token};
use crate::{ExchangeError, Passerelle};

pub use links::{EndedLink, LinkFile};
pub use merge::MergedFile;
pub use update::{IdentityChange, UpdatePerson};

/// Candidates of a search that are looked at in one call: a common name in a large node must not
/// hold the others up.
const MOST_CANDIDATES: usize = 2_000;
/// How many of them are read at a time.
const STRIDE: usize = 64;

/// Someone to register, or to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterPerson {
    /// The agency system's own reference, 1 to 64 characters: the same reference is the same
    /// person.
    pub reference: Pii<String>,
    /// Who they are. A NIR is kept only where the trust list lets this organisation keep it.
    pub identity: TraitsForm,
    /// Whether it must stay hidden from every other organisation that they are known here; `None`
    /// leaves it as it is.
    pub hidden: Option<bool>,
}

/// Someone is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The node's id for them.
    pub person: PersonId,
    /// Whether this call made it.
    pub created: bool,
}

/// Whom to find.
#[derive(Clone, Debug)]
pub enum FindPersons {
    /// The one under this reference of the agency system.
    Reference(Pii<String>),
    /// Whoever has these traits.
    Traits(Search),
}

/// A person's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonFile {
    /// The node's id for them.
    pub person: PersonId,
    /// The agency system's own reference.
    pub reference: Pii<String>,
    /// Further references that find them, the latest last.
    pub other_references: Vec<Pii<String>>,
    /// When they were registered.
    pub created_at: Timestamp,
    /// Who they are, without the NIR.
    pub identity: TraitsForm,
    /// Whether it is hidden from every other organisation that they are known here.
    pub hidden: bool,
    /// The links that stand.
    pub links: Vec<PersonLink>,
    /// The files that were merged into this one.
    pub merged: Vec<MergedFile>,
}

/// A link about a person that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonLink {
    /// The link.
    pub id: LinkId,
    /// The other node.
    pub node: NodeId,
    /// Its organisation's name; the node's where the trust list no longer knows it.
    pub organisation: String,
    /// The highest class that any receipt over the link may open.
    pub ceiling: Class,
    /// When it was made.
    pub since: Timestamp,
}

impl Passerelle {
    /// Registers a person, or changes the one who has that reference. Repeating a call changes
    /// nothing.
    pub async fn register_person(
        &self,
        caller: &Caller,
        person: RegisterPerson,
    ) -> Result<Registered, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        let hidden = person.hidden;
        let reference = reference(person.reference)?;
        let traits = self.traits(person.identity)?;
        let keys = search_keys(&traits);
        let identity = stored(traits.into());
        // Whoever is to be hidden from now on is hidden from what is being answered.
        let known = self.read(|view| Ok(persons::file_of_reference(view, reference.expose())?))?;
        let gate = match (known, hidden) {
            (Some(known), Some(_)) => Some(self.kept_gate(known.id).await?),
            _ => None,
        };
        let node = self.clone();
        let transaction = move |tx: &mut Tx<'_>| {
            // Who the person is stays with the file that the reference belongs to; that they are to be
            // hidden is said of the one that leads on from it.
            let known = persons::file_of_reference(tx, reference.expose())?;
            if let (Some(known), Some(hidden)) = (&known, hidden)
                && known.merged_into.is_some()
            {
                hide(tx, &known.kept(), hidden)?;
            }
            let identity = node.identity_over(&identity, known.as_ref());
            let new = || (PersonId::from_bytes(tx.random()), tx.now());
            let changed = person_of(&reference, &identity, known.as_ref(), hidden, new);
            let created = known.is_none();
            if known.as_ref() != Some(&changed) {
                let keys: Vec<&[u8]> = keys.iter().map(SearchKey::as_bytes).collect();
                persons::put(tx, &changed, &keys)?;
                let kind = if created {
                    ChangeKind::PersonRegistered
                } else {
                    ChangeKind::PersonUpdated
                };
                append(tx, &Change::of(changed.kept(), kind))?;
            }
            Ok(Registered {
                person: changed.kept(),
                created,
            })
        };
        let registered = self
            .transact("register_person", under_gate(gate, transaction))
            .await?;
        Ok(registered.value)
    }

    /// The file of a person of this node.
    pub fn person(&self, caller: &Caller, id: &PersonId) -> Result<PersonFile, ExchangeError> {
        let _access = own_access(caller, OwnAct::FindPerson)?;
        self.read(|view| {
            let id = persons::kept(view, id)?;
            let person = persons::find(view, &id)?.ok_or(ExchangeError::PersonNotFound)?;
            self.file(view, person)
        })
    }

    /// Finds persons of this node, in a stable order. `token` is that of the page before, empty for
    /// the first. A page may hold less than was asked for and still not be the last.
    pub fn find_persons(
        &self,
        caller: &Caller,
        find: &FindPersons,
        size: PageSize,
        token: &str,
    ) -> Result<Page<PersonFile>, ExchangeError> {
        let _access = own_access(caller, OwnAct::FindPerson)?;
        let after = page_token(token)?;
        self.read(|view| match find {
            FindPersons::Reference(wanted) => {
                let found = persons::find_by_reference(view, wanted.expose())?;
                let files = found.map(|person| self.file(view, person)).transpose()?;
                Ok(Page {
                    items: files.into_iter().collect(),
                    next: None,
                })
            }
            FindPersons::Traits(search) => self.search(view, search, size.get(), after),
        })
    }

    pub(crate) fn search(
        &self,
        view: &impl Read,
        search: &Search,
        size: usize,
        mut after: Option<PersonId>,
    ) -> Result<Page<PersonFile>, ExchangeError> {
        // Whoever is sought is under every key; the longest word is likely to be the rarest.
        let keys = search.keys();
        let key = keys.iter().max_by_key(|key| key.as_bytes().len());
        let mut items = Vec::new();
        for _ in 0..MOST_CANDIDATES / STRIDE {
            let candidates = match key {
                Some(key) => persons::search(view, key.as_bytes(), after.as_ref(), STRIDE)?,
                None => Vec::new(),
            };
            let last = candidates.len() < STRIDE;
            for candidate in candidates {
                if items.len() == size {
                    return Ok(page(items, after));
                }
                after = Some(candidate);
                let Some(person) = persons::find(view, &candidate)? else {
                    continue;
                };
                if search.accepts(&traits_of(&person)?)
                    && let Some(person) = lead(view, search, person)?
                {
                    items.push(self.file(view, person)?);
                }
            }
            if last {
                return Ok(page(items, None));
            }
        }
        Ok(page(items, after))
    }

    fn file(&self, view: &impl Read, person: Person) -> Result<PersonFile, ExchangeError> {
        let links = link_rows::of_person(view, &person.id)?.into_iter();
        let links = links
            .filter(|link| link.state == LinkState::Live)
            .map(|link| PersonLink {
                id: link.id,
                organisation: self.organisation(&link.peer),
                ceiling: link.ceiling.unwrap_or(Class::MAX),
                since: link.since,
                node: link.peer,
            });
        Ok(PersonFile {
            person: person.id,
            links: links.collect(),
            merged: Self::merged_files(view, &person.id)?,
            hidden: person.protected,
            identity: TraitsForm {
                nir: String::new(),
                ..form(person.identity)
            },
            reference: person.reference,
            other_references: person.other_references,
            created_at: person.created_at,
        })
    }

    /// Traits as they are kept. A NIR goes where the trust list does not let this organisation keep it.
    pub(crate) fn traits(&self, identity: TraitsForm) -> Result<IdentityTraits, Malformed> {
        let mut traits = IdentityTraits::try_from(identity).map_err(|e| e.within("identity"))?;
        if traits.birth_date.expose().earliest() > CivilDate::of(self.now()) {
            return Err(Malformed::new("identity.birth_date", "not after today"));
        }
        if !self.keeps_nir() {
            traits.nir = None;
        }
        Ok(traits)
    }

    /// What is kept from now on of who somebody is: an empty NIR leaves the one that was, which no call
    /// gives back, so that nobody can say it again.
    pub(crate) fn identity_over(
        &self,
        said: &StoredTraits,
        known: Option<&Person>,
    ) -> StoredTraits {
        let mut identity = said.clone();
        if let Some(known) = known
            && identity.nir.is_empty()
            && self.keeps_nir()
        {
            identity.nir.clone_from(&known.identity.nir);
        }
        identity
    }

    /// Whether the trust list lets this organisation keep the NIR.
    fn keeps_nir(&self) -> bool {
        let list = self.0.trust.list();
        list.member(&self.0.own.node)
            .is_some_and(|own| own.rights.nir)
    }
}

/// The row of someone who is registered, or changed.
pub(crate) fn person_of(
    reference: &Pii<String>,
    identity: &StoredTraits,
    known: Option<&Person>,
    hidden: Option<bool>,
    new: impl FnOnce() -> (PersonId, Timestamp),
) -> Person {
    let row = known.cloned().unwrap_or_else(|| {
        let (id, created_at) = new();
        Person {
            id,
            reference: reference.clone(),
            other_references: Vec::new(),
            identity: identity.clone(),
            created_at,
            protected: false,
            merged_into: None,
        }
    });
    // An older reference finds the same file, which keeps the newest as its own.
    Person {
        identity: identity.clone(),
        protected: match row.merged_into {
            None => hidden.unwrap_or(row.protected),
            Some(_) => row.protected,
        },
        ..row
    }
}

/// The file that leads on from one that was found; `None` where another of its files shows it.
fn lead(view: &impl Read, search: &Search, found: Person) -> Result<Option<Person>, ExchangeError> {
    if found.merged_into.is_none() {
        return Ok(Some(found));
    }
    let kept = found.kept();
    // Shown once: for the first of its files that is found.
    for file in persons::files(view, &kept)? {
        if file == found.id {
            return Ok(persons::find(view, &kept)?);
        }
        if let Some(other) = persons::find(view, &file)?
            && search.accepts(&traits_of(&other)?)
        {
            return Ok(None);
        }
    }
    Ok(None)
}

/// Hides a person, or no longer.
fn hide(tx: &mut Tx<'_>, id: &PersonId, hidden: bool) -> Result<(), ExchangeError> {
    let Some(file) = persons::find(tx, id)?.filter(|file| file.protected != hidden) else {
        return Ok(());
    };
    let keys = search_keys(&traits_of(&file)?);
    let keys: Vec<&[u8]> = keys.iter().map(SearchKey::as_bytes).collect();
    let changed = Person {
        protected: hidden,
        ..file
    };
    persons::put(tx, &changed, &keys)?;
    append(tx, &Change::of(*id, ChangeKind::PersonUpdated))
}

/// The traits of a person, as they are compared.
pub(crate) fn traits_of(person: &Person) -> Result<IdentityTraits, ExchangeError> {
    let read = IdentityTraits::try_from(form(person.identity.clone()));
    read.map_err(|malformed| ExchangeError::Internal {
        what: format!("a person's row: {malformed}"),
    })
}

/// Traits as rows hold them.
pub(crate) fn stored(form: TraitsForm) -> StoredTraits {
    StoredTraits {
        birth_name: form.birth_name,
        usage_name: form.usage_name,
        first_names: form.first_names,
        birth_date: form.birth_date,
        sex: form.sex,
        birth_commune: form.birth_commune,
        birth_country: form.birth_country,
        nir: form.nir,
    }
}

fn form(stored: StoredTraits) -> TraitsForm {
    TraitsForm {
        birth_name: stored.birth_name,
        usage_name: stored.usage_name,
        first_names: stored.first_names,
        birth_date: stored.birth_date,
        sex: stored.sex,
        birth_commune: stored.birth_commune,
        birth_country: stored.birth_country,
        nir: stored.nir,
    }
}

fn page(items: Vec<PersonFile>, after: Option<PersonId>) -> Page<PersonFile> {
    Page {
        items,
        next: after.map(|after| after.to_string()),
    }
}

/// A reference of an agency system.
pub(crate) fn reference(reference: Pii<String>) -> Result<Pii<String>, Malformed> {
    let text = reference.expose();
    let fits = (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits {
        Ok(reference)
    } else {
        Err(Malformed::new(
            "reference",
            "1 to 64 characters, no control character",
        ))
    }
}

#[cfg(test)]
mod tests;
