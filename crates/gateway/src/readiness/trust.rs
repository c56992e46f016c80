//! What must hold of certificates, lists and keys for others to let this node in.

use passerelle_domain::Timestamp;
use passerelle_domain::claim::Freshness;
use passerelle_domain::member::{KeyUsage, Member};
use passerelle_tlog::VerifyingKey as LogKey;
use passerelle_transport::jwt::{SigningKey, VerifyingKey};
use passerelle_transport::tls::{AgencyHandle, LoadError, TrustHandle, TrustUnit};
use passerelle_transport::trust_list::ListError;

use super::{Check, Needs};
use crate::trust::TrustUnits;

/// What every node looks at.
pub(crate) fn of(trust: &TrustUnits) -> Vec<Check> {
    vec![
        trust_list(trust.nodes.clone()),
        trust_list_age(trust.nodes.clone()),
        certificate(trust.nodes.clone()),
        revocation_lists(trust.nodes.clone()),
        agency_certificate(trust.agency.clone()),
        agency_revocation_lists(trust.agency.clone()),
        trust_list_conflict(trust.nodes.clone()),
        refused_files(trust.clone()),
    ]
}

/// That the list in force names the keys that this node signs with: without them its peers refuse
/// whatever it signs. The key of a log bears the name of a half-year: the one of the next log is
/// another.
pub(crate) fn own_keys(trust: TrustHandle, log: LogKey, receipt: SigningKey) -> Check {
    Check::new("own_keys", Needs::Exchange, move |_| {
        let unit = trust.current();
        // A node that is no member is another check's affair.
        let Some(member) = unit.list().list().member(&unit.own().node) else {
            return Ok(());
        };
        if !names_log_key(member, &log) {
            return Err(format!(
                "the trust list does not name the key of this node's log, {log}; send it to the coordinator"
            ));
        }
        if names_receipt_key(member, &receipt) {
            Ok(())
        } else {
            Err(format!(
                "the trust list does not name this node's receipt key, {}; send it to the coordinator",
                receipt.kid()
            ))
        }
    })
}

fn names_log_key(member: &Member, own: &LogKey) -> bool {
    member.keys_for(KeyUsage::Log).any(|key| {
        key.public_key
            .parse::<LogKey>()
            .is_ok_and(|key| key == *own)
    })
}

/// Tokens name their key by its thumbprint, and so must the list.
fn names_receipt_key(member: &Member, own: &SigningKey) -> bool {
    let is_own = |pem: &str| VerifyingKey::from_pem(pem).is_ok_and(|key| key.kid() == own.kid());
    member
        .keys_for(KeyUsage::Receipt)
        .any(|key| key.kid == own.kid() && is_own(&key.public_key))
}

/// That it is not past its hard expiry, and that this node is a live member of it.
fn trust_list(trust: TrustHandle) -> Check {
    Check::new("trust_list", Needs::Exchange, move |now| {
        let unit = trust.current();
        let list = unit.list().list();
        if list.freshness(now) == Freshness::Expired {
            return Err(format!(
                "the trust list expired at {}; get a new one",
                list.hard_expiry.at()
            ));
        }
        unit.live_member(&unit.own().node)
            .map(drop)
            .map_err(|error| error.to_string())
    })
}

/// Counts down from the soft expiry to the hard one.
fn trust_list_age(trust: TrustHandle) -> Check {
    Check::warning("trust_list_age", move |now| {
        let unit = trust.current();
        let list = unit.list().list();
        if list.freshness(now) != Freshness::Stale {
            return Ok(());
        }
        let ends = list.hard_expiry.at();
        let days = ends.since(now).as_secs() / DAY;
        Err(format!(
            "the trust list is past its soft expiry, {}: nothing is disclosed from {ends}, {days} whole days from now; get a new one",
            list.soft_expiry.at()
        ))
    })
}

fn certificate(trust: TrustHandle) -> Check {
    Check::new("certificate", Needs::Exchange, move |now| {
        let unit = trust.current();
        in_date(
            "the certificate that this node shows to others",
            unit.own().not_after,
            now,
        )?;
        if is_pinned(&unit) {
            Ok(())
        } else {
            Err("the trust list pins another certificate key than this node's; send its pin to the coordinator".to_owned())
        }
    })
}

fn is_pinned(unit: &TrustUnit) -> bool {
    let own = unit.own();
    let member = unit.list().list().member(&own.node);
    member.is_none_or(|member| {
        member.certificate_pins.is_empty() || member.certificate_pins.contains(&own.key_sha256)
    })
}

/// From their end on nobody is let in.
fn revocation_lists(trust: TrustHandle) -> Check {
    Check::new("revocation_lists", Needs::Exchange, move |now| {
        let ends = trust.current().revocation_ends();
        in_date("the list of revoked certificates", ends, now)
    })
}

/// Agency systems refuse it from then on: nothing is served to them.
fn agency_certificate(agency: AgencyHandle) -> Check {
    Check::new("agency_certificate", Needs::Withdrawals, move |now| {
        let ends = agency.current().certificate_ends();
        in_date("the certificate of the agency listener", ends, now)
    })
}

fn agency_revocation_lists(agency: AgencyHandle) -> Check {
    Check::new("agency_revocation_lists", Needs::Withdrawals, move |now| {
        agency.current().revocation_ends().map_or(Ok(()), |ends| {
            in_date("the agency's list of revoked certificates", ends, now)
        })
    })
}

/// The coordinators signed two histories: nothing changes, and somebody must look into it.
fn trust_list_conflict(trust: TrustHandle) -> Check {
    Check::alarm("trust_list_conflict", move |_| {
        // At a reload that was refused for it, the unit in force is the one before.
        let refused = trust.refused();
        let refused = match refused.as_deref() {
            Some(LoadError::List(ListError::TwoLists { kept, .. })) => Some(kept.clone()),
            _ => None,
        };
        let unit = trust.current();
        match refused.as_ref().or_else(|| unit.conflicts().first()) {
            None => Ok(()),
            Some(kept) => Err(format!(
                "two different trust lists of one number are signed; the list in force stays; show {} to the coordinators, then take it away and reload",
                kept.display()
            )),
        }
    })
}

/// That what lies in the files is what is in force.
fn refused_files(trust: TrustUnits) -> Check {
    Check::warning("refused_files", move |_| {
        let nodes = trust.nodes.refused().map(|error| error.to_string());
        let at_start = || {
            let unit = trust.nodes.current();
            unit.refused_list().map(ToString::to_string)
        };
        let agency = trust.agency.refused().map(|error| error.to_string());
        let notices = trust.notices.refused().map(|error| error.to_string());
        let refused: Vec<_> = [nodes.or_else(at_start), agency, notices]
            .into_iter()
            .flatten()
            .collect();
        if refused.is_empty() {
            Ok(())
        } else {
            Err(format!(
                "a new file is refused, and what was in force stays in force: {}; mend it and reload",
                refused.join("; ")
            ))
        }
    })
}

fn in_date(what: &str, ends: Timestamp, now: Timestamp) -> Result<(), String> {
    if now < ends {
        Ok(())
    } else {
        Err(format!(
            "{what} ended at {ends}; put a new one in place and reload"
        ))
    }
}

const DAY: u64 = 24 * 3600;

#[cfg(test)]
mod tests;
