use std::time::Duration;

use passerelle_domain::claim::{CoordinatorKey, NumericDate, TrustList};
use passerelle_domain::member::Member;
use passerelle_domain::{FederationId, Timestamp};
use passerelle_transport::trust_list::AcceptedList;
use serde::Deserialize;

/// A trust list as a coordinator writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Draft {
    pub(super) federation: FederationId,
    epoch: u32,
    coordinator_keys: Vec<CoordinatorKey>,
    members: Vec<Member>,
    #[serde(default = "soft")]
    soft_expiry_days: u32,
    #[serde(default = "hard")]
    hard_expiry_days: u32,
}

impl Draft {
    /// The claims to sign. Members keep the order of the draft when they are checked, so that what is
    /// refused is found there; nodes want them by name.
    pub(super) fn list(self, previous: Option<&AcceptedList>, now: Timestamp) -> TrustList {
        let serial = match previous.map(|list| list.list().number()) {
            Some((epoch, serial)) if epoch == self.epoch => serial + 1,
            _ => 1,
        };
        let mut members = self.members;
        members.sort_by(|a, b| a.node.cmp(&b.node));
        TrustList {
            federation: self.federation,
            epoch: self.epoch,
            serial,
            previous: None,
            coordinator_keys: self.coordinator_keys,
            issued_at: NumericDate::of(now),
            soft_expiry: NumericDate::of(now.plus(days(self.soft_expiry_days))),
            hard_expiry: NumericDate::of(now.plus(days(self.hard_expiry_days))),
            members,
        }
    }
}

fn days(days: u32) -> Duration {
    Duration::from_secs(u64::from(days) * 24 * 3600)
}

fn soft() -> u32 {
    30
}

fn hard() -> u32 {
    90
}
