//! One attempt to redeem a pass, at its issuer: begin, compare, finish.
//!
//! 1. [`Attempt::begin`] in a transaction, together with the log's record of the attempt; durable
//!    before anything is compared, so that a crash in between counts as a miss.
//! 2. [`Attempt::compare`] through [`Blocking`](crate::Blocking).
//! 3. [`Compared::finish`] in a transaction, with the row as it is by then.
//! 4. The answer goes out at [`release_at`](super::release_at).
//!
//! An unknown pass, or one that is closed, takes the same steps and costs the same (I13).

use passerelle_domain::{Class, PassId, PersonId, Rng, Timestamp};

use super::row::{LivePass, MAX_MISSES, PassState};
use super::{PassRow, PassStatus, Pin, PinHash, PinSalt};
use crate::traits::{IdentityTraits, ShownTraits, TraitsForm};

/// An attempt that has begun and was not compared yet. Dropping it leaves the miss counted.
#[derive(Debug)]
pub struct Attempt(Admission);

/// An attempt whose PIN and traits were compared.
#[derive(Debug)]
pub struct Compared {
    admission: Admission,
    pin_fits: bool,
    traits_fit: bool,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// What to answer.
    pub outcome: Outcome,
    /// The row to store with it, if it changed.
    pub row: Option<PassRow>,
}

/// What to answer to a redemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A link is born: one redemption is used.
    NewLink(LinkTerms),
    /// The requester has a live link about the person: it is returned, no redemption is used.
    StandingLink(LinkTerms),
    /// The one answer for every failure. Why is for the sealed part of the issuer's own log.
    Refused(PassRefusal),
}

/// What a link from a pass is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkTerms {
    /// The person at the issuer.
    pub person: PersonId,
    /// The highest class that any receipt over the link may open.
    pub ceiling: Class,
}

/// Why a pass was not accepted. No requester ever learns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassRefusal {
    /// The issuer knows no such pass, or no longer the person.
    Unknown,
    /// It was revoked, before the attempt or during it.
    Revoked,
    /// Its time is over.
    Expired,
    /// Too many misses before this attempt.
    Locked,
    /// The PIN is wrong.
    WrongPin,
    /// The PIN is right, a trait is wrong.
    WrongTraits,
    /// The PIN was replaced during the attempt.
    PinReplaced,
    /// All is right, and no redemption is left.
    Spent,
}

/// What an attempt at an unknown or closed pass is compared with, at the same cost. One a node,
/// made when it starts.
#[derive(Clone, Debug)]
pub struct Decoy {
    pin: PinHash,
    traits: IdentityTraits,
}

#[derive(Clone, Debug)]
enum Admission {
    Open(Admitted),
    Closed(PassRefusal),
}

#[derive(Clone, Debug)]
struct Admitted {
    id: PassId,
    pin: PinHash,
    pin_version: u32,
}

impl Attempt {
    /// Begins an attempt at the pass whose row this is, or at none. The row returned has one
    /// attempt less, and must be durable before [`Attempt::compare`].
    pub fn begin(row: Option<&PassRow>, now: Timestamp) -> (Self, Option<PassRow>) {
        match row.map_or(Err(PassRefusal::Unknown), |row| admit(row, now)) {
            Ok((admitted, row)) => (Self(Admission::Open(admitted)), Some(row)),
            Err(refusal) => (Self(Admission::Closed(refusal)), None),
        }
    }

    /// Compares what was shown with what is known of the person; slow, and of one cost whatever
    /// the attempt is about. `held` is nothing where there is no such person.
    pub fn compare(
        self,
        pin: &Pin,
        shown: &ShownTraits,
        held: Option<&IdentityTraits>,
        decoy: &Decoy,
    ) -> Compared {
        let (admission, held) = match (self.0, held) {
            (Admission::Open(admitted), Some(held)) => (Admission::Open(admitted), held),
            (Admission::Open(_), None) => (Admission::Closed(PassRefusal::Unknown), &decoy.traits),
            (closed @ Admission::Closed(_), _) => (closed, &decoy.traits),
        };
        let hash = match &admission {
            Admission::Open(admitted) => &admitted.pin,
            Admission::Closed(_) => &decoy.pin,
        };
        let (pin_fits, traits_fit) = (hash.matches(pin), shown.agree_with(held));
        Compared {
            admission,
            pin_fits,
            traits_fit,
        }
    }
}

impl Compared {
    /// Decides, with the row as it is now: it may have been revoked, or its PIN replaced, during
    /// the comparison. `has_link`: a live link between issuer and requester about the person
    /// stands. It may be called more than once with one row, as transactions are.
    pub fn finish(&self, row: Option<&PassRow>, has_link: bool, now: Timestamp) -> Finished {
        match self.matched(row, now) {
            Ok((row, live)) => accept(row, live, has_link),
            Err(refusal) => Finished {
                outcome: Outcome::Refused(refusal),
                row: None,
            },
        }
    }

    fn matched<'a>(
        &self,
        row: Option<&'a PassRow>,
        now: Timestamp,
    ) -> Result<(&'a PassRow, &'a LivePass), PassRefusal> {
        let admitted = match &self.admission {
            Admission::Open(admitted) => admitted,
            Admission::Closed(refusal) => return Err(*refusal),
        };
        let row = row
            .filter(|row| row.id == admitted.id)
            .ok_or(PassRefusal::Unknown)?;
        match &row.state {
            PassState::Revoked(_) => Err(PassRefusal::Revoked),
            PassState::Live(_) if row.has_expired(now) => Err(PassRefusal::Expired),
            PassState::Live(live) if live.pin_version != admitted.pin_version => {
                Err(PassRefusal::PinReplaced)
            }
            PassState::Live(_) if !self.pin_fits => Err(PassRefusal::WrongPin),
            PassState::Live(_) if !self.traits_fit => Err(PassRefusal::WrongTraits),
            PassState::Live(live) => Ok((row, live)),
        }
    }
}

impl Decoy {
    /// A new one. Slow: it makes a hash.
    pub fn random(rng: &dyn Rng) -> Self {
        let form = TraitsForm {
            birth_name: "Personne-Inconnue".to_owned(),
            first_names: "Camille Dominique".to_owned(),
            birth_date: "1900-01-01".to_owned(),
            ..TraitsForm::default()
        };
        Self {
            pin: PinHash::of(&Pin::random(rng), &PinSalt::random(rng)),
            traits: form
                .try_into()
                .expect("the constants above are names and a day"),
        }
    }
}

fn admit(row: &PassRow, now: Timestamp) -> Result<(Admitted, PassRow), PassRefusal> {
    let live = match (&row.state, row.status(now)) {
        // A spent pass is compared as well: the requester may have a link that stands.
        (PassState::Live(live), PassStatus::Usable | PassStatus::Spent) => live,
        (_, PassStatus::Expired) => return Err(PassRefusal::Expired),
        (_, PassStatus::Locked) => return Err(PassRefusal::Locked),
        (_, _) => return Err(PassRefusal::Revoked),
    };
    let admitted = Admitted {
        id: row.id,
        pin: live.pin.clone(),
        pin_version: live.pin_version,
    };
    let one_less = LivePass {
        attempts_left: live.attempts_left.saturating_sub(1),
        ..live.clone()
    };
    Ok((admitted, row.with(PassState::Live(one_less))))
}

/// Gives the attempt back, and uses a redemption where a link is born. Misses before it stay
/// counted: someone else may have made them.
fn accept(row: &PassRow, live: &LivePass, has_link: bool) -> Finished {
    let terms = LinkTerms {
        person: row.person,
        ceiling: row.ceiling,
    };
    let (outcome, redemptions_left) = match live.redemptions_left.checked_sub(1) {
        _ if has_link => (Outcome::StandingLink(terms), live.redemptions_left),
        Some(left) => (Outcome::NewLink(terms), left),
        None => (Outcome::Refused(PassRefusal::Spent), 0),
    };
    let attempts_left = live.attempts_left.saturating_add(1).min(MAX_MISSES);
    let state = PassState::Live(LivePass {
        attempts_left,
        redemptions_left,
        ..live.clone()
    });
    Finished {
        outcome,
        row: Some(row.with(state)),
    }
}

#[cfg(test)]
mod tests;
