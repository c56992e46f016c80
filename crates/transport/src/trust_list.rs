//! Trust list files: which list is in force, and which may take its place.
//!
//! A list is accepted when a coordinator key of the list before it signed it, and its number
//! (epoch, serial) rises by exactly one serial with `previous` naming that list. The first list of
//! an epoch is signed by the key that the configuration pins. Every accepted list is kept, so that
//! the chain is checked again at each start and can be shown to others.

mod error;
mod kept;
mod list;

pub use error::ListError;
pub use kept::{Offered, TrustLists};
pub use list::{AcceptedList, Pin};

use passerelle_domain::claim::TrustList;
use passerelle_domain::{Timestamp, Verified};

use crate::jwt::{self, CoordinatorKeys, MemberKeys, SigningKey};

/// Signs `list` as the one that follows `previous`, a signed list, or as the first.
///
/// Fills in `previous`. Refuses what nodes would refuse: a number that does not follow, a key that
/// may not sign it, a member key that cannot be read.
pub fn sign(
    mut list: TrustList,
    previous: Option<&AcceptedList>,
    key: &SigningKey,
) -> Result<String, ListError> {
    MemberKeys::of(&list).map_err(ListError::member_key)?;
    CoordinatorKeys::of(&list.federation, &list.coordinator_keys)
        .map_err(ListError::CoordinatorKey)?;
    list.previous = previous.map(|p| *p.sha256());
    if let Some(previous) = previous {
        check_follows(&list, previous.list(), key)?;
    }
    jwt::sign(&list, key).map_err(ListError::Sign)
}

/// Checks a signed list by itself: signature by one of `keys`, and times.
pub fn verify(
    token: &str,
    keys: &CoordinatorKeys,
    now: Timestamp,
) -> Result<AcceptedList, ListError> {
    let token = token.trim_ascii();
    let claims: Verified<TrustList> = jwt::verify_unaddressed(token, keys, now)?;
    AcceptedList::new(token, claims)
}

/// Checks that `list` is the one after `before`: what a node asks of a list that it is to put in
/// force.
pub fn follows(list: &TrustList, before: &AcceptedList) -> Result<(), ListError> {
    let (in_force, offered) = (before.list().number(), list.number());
    if list.epoch != before.list().epoch {
        return Err(ListError::OtherEpoch {
            pinned: before.list().epoch,
            offered: list.epoch,
        });
    }
    if offered <= in_force {
        return Err(ListError::NotRising { in_force, offered });
    }
    if list.serial != before.list().serial + 1 {
        return Err(ListError::Gap { in_force, offered });
    }
    if list.previous.as_ref() != Some(before.sha256()) {
        return Err(ListError::OtherPrevious(offered));
    }
    Ok(())
}

fn check_follows(
    list: &TrustList,
    previous: &TrustList,
    key: &SigningKey,
) -> Result<(), ListError> {
    if list.federation != previous.federation {
        return Err(ListError::OtherFederation);
    }
    let same_epoch = list.epoch == previous.epoch;
    if same_epoch && list.serial != previous.serial + 1 {
        return Err(ListError::Gap {
            in_force: previous.number(),
            offered: list.number(),
        });
    }
    if list.number() <= previous.number() {
        return Err(ListError::NotRising {
            in_force: previous.number(),
            offered: list.number(),
        });
    }
    // Across epochs operators pin the new key by hand, so it need not be in the list before.
    if same_epoch && !previous.coordinator_keys.iter().any(|k| k.kid == key.kid()) {
        return Err(ListError::NotACoordinator);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
