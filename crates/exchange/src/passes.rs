//! Continuity passes of this node: issued and revoked.

use std::time::Duration;

use passerelle_domain::{Caller, Class, Malformed, PassId, PersonId, Pii, Timestamp};
use passerelle_linkage::pass::{PassRow, PassSecret, PassTerms, Pin, PinHash, PinSalt};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::passes::{self, KeptPass};
use passerelle_store::tables::persons;

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
                persons::find(tx, &issue.person)?.ok_or(ExchangeError::PersonNotFound)?;
                let issued_at = tx.now();
                let terms = PassTerms {
                    person: issue.person,
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
