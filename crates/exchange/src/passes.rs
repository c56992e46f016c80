//! Continuity passes of this node: issued, listed, given a new PIN, revoked.

use std::cmp::Reverse;
use std::time::Duration;

use passerelle_domain::{Caller, Class, Malformed, PassId, PersonId, Pii, Timestamp};
use passerelle_linkage::pass::{PassRow, PassSecret, PassStatus, PassTerms, Pin, PinHash, PinSalt};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::passes::{self, KeptPass};
use passerelle_store::tables::persons;

use crate::paging::{Page, PageSize, page_token};
use crate::{ExchangeError, Passerelle};

/// Where the agent does not say.
const CEILING: Class = Class::LivingConditions;
const VALID_DAYS: u32 = 90;
/// Pixels a module of the PNG: readable on a phone and on paper.
const SCALE: u32 = 6;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A pass to issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuePass {
    /// Who carries it.
    pub person: PersonId,
    /// The highest class that any receipt over a link born from it may open; 2 where not said.
    pub ceiling: Option<Class>,
    /// How many days it can be redeemed, 1 to 365; 90 where not said.
    pub valid_days: Option<u32>,
}

/// A pass: to be handed over, and kept by nobody.
#[derive(Clone)]
pub struct IssuedPass {
    /// Names it here: to revoke it. It does not open it.
    pub id: PassId,
    /// What is printed and drawn.
    pub secret: PassSecret,
    /// Told to the person apart from the pass.
    pub pin: Pin,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A pass of a person, as it stands. What is printed on it is kept by nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassFile {
    /// Names it.
    pub id: PassId,
    /// What it is good for.
    pub status: PassStatus,
    /// The highest class that any receipt over a link born from it may open.
    pub ceiling: Class,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How many links may still be born from it.
    pub redemptions_left: u8,
    /// How many misses are left before it is locked.
    pub attempts_left: u8,
}

impl IssuedPass {
    /// The code as a drawing.
    pub fn qr_svg(&self) -> Pii<String> {
        Pii::new(self.secret.qr().svg())
    }

    /// The code as an image.
    pub fn qr_png(&self) -> Pii<Vec<u8>> {
        Pii::new(self.secret.qr().png(SCALE))
    }
}

impl std::fmt::Debug for IssuedPass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IssuedPass(***)")
    }
}

impl Passerelle {
    /// Issues a pass for a person.
    pub async fn issue_pass(
        &self,
        caller: &Caller,
        issue: IssuePass,
    ) -> Result<IssuedPass, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        let ceiling = issue.ceiling.unwrap_or(CEILING);
        if ceiling > Class::LivingConditions && !caller.second_factor {
            return Err(ExchangeError::SecondFactorRequired);
        }
        let days = issue.valid_days.unwrap_or(VALID_DAYS);
        if !(1..=365).contains(&days) {
            return Err(Malformed::new("valid_days", "1 to 365, or 0 for 90").into());
        }
        self.read(|view| {
            persons::find(view, &issue.person)?
                .map(drop)
                .ok_or(ExchangeError::PersonNotFound)
        })?;
        let secret = PassSecret::random(self.0.own.node.clone(), self.rng());
        let (pin, hash) = self.new_pin().await?;
        let id = secret.id();
        let printed = secret.clone();
        let committed = self
            .transact("issue_pass", move |tx| {
                let person = persons::kept(tx, &issue.person)?;
                persons::find(tx, &person)?.ok_or(ExchangeError::PersonNotFound)?;
                let issued_at = tx.now();
                let terms = PassTerms {
                    person,
                    ceiling,
                    issued_at,
                    expires_at: issued_at.plus(DAY * days),
                };
                let row = PassRow::issue(&printed, terms, hash.clone())?;
                passes::put(tx, &kept_pass(&row)?)?;
                Ok(row.expires_at())
            })
            .await?;
        Ok(IssuedPass {
            id,
            secret,
            pin,
            expires_at: committed.value,
        })
    }

    /// Ends a pass for good. Ending it twice is no error. Links that were born from it stand.
    pub async fn revoke_pass(&self, caller: &Caller, pass: PassId) -> Result<(), ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        self.transact("revoke_pass", move |tx| {
            let kept =
                passes::find(tx, &pass)?.ok_or_else(|| ExchangeError::not_found("pass_id"))?;
            let row = pass_row(&kept)?;
            let revoked = row.revoke(tx.now());
            if revoked != row {
                passes::put(tx, &kept_pass(&revoked)?)?;
            }
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// The passes of a person, the newest first. `token` is that of the page before, empty for the
    /// first.
    pub fn list_passes(
        &self,
        caller: &Caller,
        person: &PersonId,
        size: PageSize,
        token: &str,
    ) -> Result<Page<PassFile>, ExchangeError> {
        let _access = own_access(caller, OwnAct::FindPerson)?;
        let after: Option<PassId> = page_token(token)?;
        let now = self.now();
        let mut files = self.read(|view| {
            let person = persons::kept(view, person)?;
            persons::find(view, &person)?.ok_or(ExchangeError::PersonNotFound)?;
            let mut kept = Vec::new();
            for file in persons::files(view, &person)? {
                kept.extend(passes::of_person(view, &file)?);
            }
            let file = |kept: &KeptPass| Ok(PassFile::of(&pass_row(kept)?, now));
            kept.iter().map(file).collect::<Result<Vec<_>, _>>()
        })?;
        files.sort_by_key(|file| (Reverse(file.issued_at), file.id));
        let begin = after.map_or(0, |after| {
            let last = files.iter().position(|file| file.id == after);
            last.map_or(files.len(), |last| last + 1)
        });
        let rest = files.split_off(begin);
        let items: Vec<_> = rest.iter().take(size.get()).copied().collect();
        let more = rest.len() > items.len();
        Ok(Page {
            next: items
                .last()
                .filter(|_| more)
                .map(|last| last.id.to_string()),
            items,
        })
    }

    /// Gives a pass another PIN, shown once, here: the one before is dead, its misses forgotten, and
    /// a pass that misses had locked opens again. Redemptions that were used stay used.
    pub async fn replace_pin(&self, caller: &Caller, pass: PassId) -> Result<Pin, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        let known = self.read(|view| Ok(passes::find(view, &pass)?))?;
        let known = pass_row(&known.ok_or_else(|| ExchangeError::not_found("pass_id"))?)?;
        if known.ceiling() > Class::LivingConditions && !caller.second_factor {
            return Err(ExchangeError::SecondFactorRequired);
        }
        let (pin, hash) = self.new_pin().await?;
        self.transact("replace_pin", move |tx| {
            let kept =
                passes::find(tx, &pass)?.ok_or_else(|| ExchangeError::not_found("pass_id"))?;
            let replaced = pass_row(&kept)?.replace_pin(hash.clone(), tx.now());
            let replaced = replaced.map_err(|_| {
                Malformed::new("pass_id", "a pass that has not ended; issue a new one")
            })?;
            passes::put(tx, &kept_pass(&replaced)?)?;
            Ok(())
        })
        .await?;
        Ok(pin)
    }

    async fn new_pin(&self) -> Result<(Pin, PinHash), ExchangeError> {
        let (pin, salt) = (Pin::random(self.rng()), PinSalt::random(self.rng()));
        let to_hash = pin.clone();
        let hash = self
            .0
            .blocking
            .compute(move || PinHash::of(&to_hash, &salt))
            .await;
        let hash = hash.ok_or_else(|| internal("the pool for hashes has shut down"))?;
        Ok((pin, hash))
    }
}

impl PassFile {
    fn of(row: &PassRow, now: Timestamp) -> Self {
        Self {
            id: row.id(),
            status: row.status(now),
            ceiling: row.ceiling(),
            issued_at: row.issued_at(),
            expires_at: row.expires_at(),
            redemptions_left: row.redemptions_left(),
            attempts_left: row.attempts_left(),
        }
    }
}

/// A pass in the form in which it is stored.
pub(crate) fn kept_pass(row: &PassRow) -> Result<KeptPass, ExchangeError> {
    let pass = serde_json::to_vec(row).map_err(|_| internal("a pass is not written"))?;
    Ok(KeptPass {
        id: row.id(),
        person: row.person(),
        pass: pass.into(),
    })
}

/// A pass as it was stored.
pub(crate) fn pass_row(kept: &KeptPass) -> Result<PassRow, ExchangeError> {
    // The text of the error may hold what stood in the row.
    serde_json::from_slice(&kept.pass).map_err(|_| internal("the row of a pass is not read"))
}

fn internal(what: &str) -> ExchangeError {
    ExchangeError::Internal {
        what: what.to_owned(),
    }
}

#[cfg(test)]
mod tests;
