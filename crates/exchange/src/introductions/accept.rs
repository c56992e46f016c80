//! The other organisation answers, with the person there: their birth date, as they say it, is what
//! opens an introduction.

use passerelle_domain::claim::IntroductionOutcome;
use passerelle_domain::entry::Outcome;
use passerelle_domain::vocabulary::RefusalReason;
use passerelle_domain::{Caller, LinkId, Malformed, PersonId, Pii, TokenId};
use passerelle_linkage::traits::{IdentityTraits, SearchKey, ShownTraits, TraitsForm, search_keys};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::Tx;
use passerelle_store::tables::changes::{Change, ChangeKind};
use passerelle_store::tables::introductions::{self, Introduced, Introduction, IntroductionState};
use passerelle_store::tables::links::{self, Link, LinkState};
use passerelle_store::tables::{Read, persons};

use super::{IntroductionFile, change, stands};
use crate::changes::append;
use crate::persons::{person_of, reference, stored, traits_of};
use crate::queue::queue;
use crate::{ExchangeError, Passerelle};

/// Birth dates that may be tried.
const MOST_MISSES: u32 = 5;

/// An introduction that is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptIntroduction {
    /// The introduction.
    pub id: TokenId,
    /// As the person says it.
    pub birth_date: Pii<String>,
    /// Whose file it is here.
    pub into: AcceptInto,
}

/// Whose file it is at the organisation that accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AcceptInto {
    /// One that is there.
    Person(PersonId),
    /// A new one, under this reference of the agency system.
    New(Pii<String>),
}

/// What became of a birth date.
enum Verdict {
    Accepted,
    Missed,
}

impl Passerelle {
    /// Accepts an introduction: makes the link, which is in force when this returns. A birth date that
    /// is not the person's counts; the fifth locks the introduction.
    pub async fn accept_introduction(
        &self,
        caller: &Caller,
        accept: AcceptIntroduction,
    ) -> Result<IntroductionFile, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        self.may_exchange()?;
        let row = self.read(|view| received(view, &accept.id))?;
        self.partner(&row.peer)?;
        let into = match accept.into {
            AcceptInto::New(text) => AcceptInto::New(reference(text)?),
            into @ AcceptInto::Person(_) => into,
        };
        // Whether a date can be read is said before it is compared, and counts for nothing.
        ShownTraits::parse("x", "x", accept.birth_date.expose())?;
        let id = accept.id;
        let accepting = Accepting {
            node: self.clone(),
            caller: caller.clone(),
            accept: AcceptIntroduction { into, ..accept },
        };
        let committed = self
            .transact("accept_introduction", move |tx| accepting.accept(tx))
            .await?;
        self.wake_outbox();
        match committed.value {
            Verdict::Accepted => self.received_file(&id),
            Verdict::Missed => Err(ExchangeError::PassRefused),
        }
    }

    /// Declines an introduction, and destroys who it is. `outcome` is one of those that decline.
    pub async fn decline_introduction(
        &self,
        caller: &Caller,
        id: TokenId,
        outcome: IntroductionOutcome,
    ) -> Result<IntroductionFile, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        let state = state_of(outcome)
            .filter(|state| *state != IntroductionState::Accepted)
            .ok_or_else(|| Malformed::new("reason", "one of those that decline"))?;
        let (node, caller) = (self.clone(), caller.clone());
        self.transact("decline_introduction", move |tx| {
            let row = received(tx, &id)?;
            if row.state == state {
                return Ok(());
            }
            open(tx, &row)?;
            introductions::remove_introduced(tx, &id);
            let row = stands(&row, state, tx);
            introductions::put_received(tx, &row)?;
            let signed = node.reply(&row, outcome, None)?;
            queue(tx, &signed)?;
            append(tx, &change(&row, ChangeKind::IntroductionAnswered))?;
            let draft = node.introduced(&row, Outcome::Nothing, &signed.jwt);
            draft.by(&caller).log(tx)?;
            Ok(())
        })
        .await?;
        self.wake_outbox();
        self.received_file(&id)
    }
}

struct Accepting {
    node: Passerelle,
    caller: Caller,
    accept: AcceptIntroduction,
}

impl Accepting {
    fn accept(&self, tx: &mut Tx<'_>) -> Result<Verdict, ExchangeError> {
        let row = received(tx, &self.accept.id)?;
        if row.state == IntroductionState::Accepted {
            return self.same_file(tx, &row).map(|()| Verdict::Accepted);
        }
        if row.state == IntroductionState::Locked {
            return Ok(Verdict::Missed);
        }
        let who = open(tx, &row)?;
        let held = IdentityTraits::try_from(form(&who)).map_err(|_| unreadable())?;
        let said = shown(&who, self.accept.birth_date.expose())?;
        if !said.agree_with(&held) {
            return self.miss(tx, &row).map(|()| Verdict::Missed);
        }
        let person = self.file(tx, &said, &held)?;
        let (link, new) = self.link(tx, &row, person)?;
        introductions::remove_introduced(tx, &row.id);
        let row = Introduction {
            person: Some(person),
            link: Some(link),
            ..stands(&row, IntroductionState::Accepted, tx)
        };
        introductions::put_received(tx, &row)?;
        append(tx, &change(&row, ChangeKind::IntroductionAnswered))?;
        if new {
            append(
                tx,
                &Change::of(person, ChangeKind::LinkMade).with(&row.peer),
            )?;
        }
        let outcome = IntroductionOutcome::Accepted;
        let signed = self.node.reply(&row, outcome, Some(link))?;
        queue(tx, &signed)?;
        let draft = self.node.introduced(&row, Outcome::Done, &signed.jwt);
        draft.by(&self.caller).log(tx)?;
        Ok(Verdict::Accepted)
    }

    /// Counts a birth date that is not the person's. Who it is goes with the last that may be tried,
    /// and the side that introduced them hears that it was declined.
    fn miss(&self, tx: &mut Tx<'_>, row: &Introduction) -> Result<(), ExchangeError> {
        let mut row = Introduction {
            misses: row.misses + 1,
            ..row.clone()
        };
        let mut said = String::new();
        if row.misses >= MOST_MISSES {
            row = stands(&row, IntroductionState::Locked, tx);
            introductions::remove_introduced(tx, &row.id);
            let signed = self.node.reply(&row, IntroductionOutcome::Other, None)?;
            queue(tx, &signed)?;
            append(tx, &change(&row, ChangeKind::IntroductionAnswered))?;
            said = signed.jwt;
        }
        introductions::put_received(tx, &row)?;
        let mut draft = self.node.introduced(&row, Outcome::Nothing, &said);
        if said.is_empty() {
            draft.entry.body = None;
        }
        "wrong_traits".clone_into(&mut draft.fields.reason);
        draft.by(&self.caller).log(tx)?;
        Ok(())
    }

    /// The file here: one with the same traits, or a new one.
    fn file(
        &self,
        tx: &mut Tx<'_>,
        said: &ShownTraits,
        held: &IdentityTraits,
    ) -> Result<PersonId, ExchangeError> {
        let (known, not_the_same) = match &self.accept.into {
            AcceptInto::Person(id) => {
                let kept = persons::kept(tx, id)?;
                let known = persons::find(tx, &kept)?.ok_or(ExchangeError::PersonNotFound)?;
                let rule = "a file of the same birth name, first names and birth date";
                (Some(known), Malformed::new("person_id", rule).into())
            }
            AcceptInto::New(reference) => {
                let known = persons::find_by_reference(tx, reference.expose())?;
                (known, ExchangeError::IdReused("reference"))
            }
        };
        if let Some(known) = known {
            if !said.agree_with(&traits_of(&known)?) {
                return Err(not_the_same);
            }
            if known.protected {
                return Err(ExchangeError::PaperFails(
                    RefusalReason::ProtectedMembership,
                ));
            }
            return Ok(known.id);
        }
        let AcceptInto::New(reference) = &self.accept.into else {
            return Err(ExchangeError::PersonNotFound);
        };
        let new = || (PersonId::from_bytes(tx.random()), tx.now());
        let person = person_of(reference, &stored(held.clone().into()), None, None, new);
        let keys = search_keys(held);
        let keys: Vec<&[u8]> = keys.iter().map(SearchKey::as_bytes).collect();
        persons::put(tx, &person, &keys)?;
        append(tx, &Change::of(person.id, ChangeKind::PersonRegistered))?;
        Ok(person.id)
    }

    /// The link that stands, or a new one, and whether it is new.
    fn link(
        &self,
        tx: &mut Tx<'_>,
        row: &Introduction,
        person: PersonId,
    ) -> Result<(LinkId, bool), ExchangeError> {
        if let Some(standing) = links::live(tx, &person, &row.peer)? {
            return Ok((standing.id, false));
        }
        let link = introduced_link(row, LinkId::from_bytes(tx.random()), person, tx);
        links::put(tx, &link)?;
        Ok((link.id, true))
    }

    /// A call that is repeated names the same file.
    fn same_file(&self, read: &impl Read, row: &Introduction) -> Result<(), ExchangeError> {
        let named = match &self.accept.into {
            AcceptInto::Person(id) => Some(persons::kept(read, id)?),
            AcceptInto::New(reference) => {
                persons::find_by_reference(read, reference.expose())?.map(|known| known.id)
            }
        };
        let accepted = match &row.person {
            Some(person) => Some(persons::kept(read, person)?),
            None => None,
        };
        if named.is_some() && named == accepted {
            return Ok(());
        }
        Err(answered().into())
    }
}

/// A link that is born from an introduction.
pub(super) fn introduced_link(
    row: &Introduction,
    id: LinkId,
    person: PersonId,
    tx: &Tx<'_>,
) -> Link {
    Link {
        id,
        person,
        peer: row.peer.clone(),
        born_from: None,
        own_redemption: false,
        ceiling: Some(row.ceiling),
        state: LinkState::Live,
        since: tx.now(),
        made_at: tx.now(),
        end: None,
    }
}

/// Where an answer of the other side makes an introduction stand; `None` for a withdrawal.
pub(super) const fn state_of(outcome: IntroductionOutcome) -> Option<IntroductionState> {
    Some(match outcome {
        IntroductionOutcome::Accepted => IntroductionState::Accepted,
        IntroductionOutcome::NotConcerned => IntroductionState::NotConcerned,
        IntroductionOutcome::NoCapacity => IntroductionState::NoCapacity,
        IntroductionOutcome::PersonAbsent => IntroductionState::PersonAbsent,
        IntroductionOutcome::Other => IntroductionState::Other,
        IntroductionOutcome::Withdrawn => return None,
    })
}

fn received(read: &impl Read, id: &TokenId) -> Result<Introduction, ExchangeError> {
    introductions::received(read, id)?.ok_or_else(|| ExchangeError::not_found("introduction_id"))
}

/// Who it is, while it waits for an answer and its time is not over.
fn open(tx: &Tx<'_>, row: &Introduction) -> Result<Introduced, ExchangeError> {
    let waits = row.state == IntroductionState::Open && row.expires_at > tx.now();
    let who = if waits {
        introductions::introduced(tx, &row.id)?
    } else {
        None
    };
    who.ok_or_else(|| answered().into())
}

fn answered() -> Malformed {
    Malformed::new("introduction_id", "one that waits for an answer")
}

/// Who is introduced, in the form in which a file holds it.
pub(super) fn form(who: &Introduced) -> TraitsForm {
    TraitsForm {
        birth_name: who.birth_name.expose().clone(),
        first_names: who.first_names.expose().clone(),
        birth_date: who.birth_date.expose().clone(),
        ..TraitsForm::default()
    }
}

fn shown(who: &Introduced, birth_date: &str) -> Result<ShownTraits, Malformed> {
    ShownTraits::parse(
        who.birth_name.expose(),
        who.first_names.expose(),
        birth_date,
    )
}

fn unreadable() -> ExchangeError {
    ExchangeError::Internal {
        what: "who is introduced cannot be read".to_owned(),
    }
}
