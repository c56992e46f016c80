use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::{Clock, Digest, NodeId};
use passerelle_transport::key_file;
use passerelle_transport::throwaway::Federation;
use passerelle_transport::trust_list::sign;
use tempfile::TempDir;

use super::*;
use crate::config::Config;
use crate::origin::{HalfYear, origin};
use crate::runtime::SystemRng;
use crate::sample::plan;
use crate::throwaway::{config, publish_log_key};

/// 2027-01-15T08:00:00Z.
const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const ID: &str = "ml-nord";

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        NOW
    }
}

struct Stand {
    /// Gone with it.
    _folder: TempDir,
    federation: Federation,
    config: Config,
    trust: TrustUnits,
}

impl Stand {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let federation = "test.example".parse().unwrap();
        let federation = Federation::create(folder.path(), &federation, &[plan(ID)], NOW).unwrap();
        let own = folder.path().join("own");
        fs::create_dir(&own).unwrap();
        let rules = Path::new("rules.json");
        let config = config(&federation, &id(), &own, rules, &SystemRng::new()).unwrap();
        Self {
            _folder: folder,
            federation,
            trust: load(&config),
            config,
        }
    }

    /// What the check of that name says at `now`.
    fn says(&self, name: &str, now: Timestamp) -> Result<(), String> {
        let checks = of(&self.trust);
        let check = checks.iter().find(|check| check.name == name).unwrap();
        (check.holds)(now)
    }

    /// What is said of the node's own keys, when its log began in the half-year of `begun`.
    fn of_keys(&self, begun: Timestamp, receipt: &SigningKey) -> Result<(), String> {
        let federation = "test.example".parse().unwrap();
        let name = origin(&id(), &federation, HalfYear::of(begun)).unwrap();
        let key = key_file::load(&self.federation.node(&id()).unwrap().log_key).unwrap();
        let log = passerelle_tlog::LogKey::from_pkcs8(&key, name).unwrap();
        let log = log.verifying_key().clone();
        let check = own_keys(self.trust.nodes.clone(), log, receipt.clone());
        (check.holds)(NOW)
    }

    fn receipt_key(&self) -> SigningKey {
        self.federation.node(&id()).unwrap().receipt_key().unwrap()
    }
}

#[test]
fn what_others_refuse_once_it_has_ended_is_said_from_that_moment() {
    let stand = Stand::new();
    let (nodes, agency) = (stand.trust.nodes.current(), stand.trust.agency.current());
    let ends = [
        ("certificate", nodes.own().not_after),
        ("revocation_lists", nodes.revocation_ends()),
        ("agency_certificate", agency.certificate_ends()),
        ("agency_revocation_lists", agency.revocation_ends().unwrap()),
        ("trust_list", nodes.list().list().hard_expiry.at()),
    ];
    for (check, ends) in ends {
        let before = Timestamp::from_millis(ends.as_millis() - 1);
        assert_eq!(stand.says(check, before), Ok(()), "{check}");
        let said = stand.says(check, ends).unwrap_err();
        assert!(said.contains(&ends.to_string()), "{check}: {said}");
    }
}

#[test]
fn a_certificate_that_the_trust_list_does_not_pin_is_said() {
    let mut stand = Stand::new();
    let own = stand.trust.nodes.current().own().key_sha256;
    for (pin, holds) in [(Digest::of(b"another"), false), (own, true)] {
        let pinned = |member: &mut Member| member.certificate_pins = vec![pin];
        let publish = stand.federation.publish(NOW, |list| {
            list.members.iter_mut().for_each(pinned);
        });
        publish.unwrap();
        stand.trust.reload().unwrap();
        assert_eq!(stand.says("certificate", NOW).is_ok(), holds);
    }
}

#[test]
fn own_keys_that_the_trust_list_does_not_name_are_said() {
    let mut stand = Stand::new();
    let receipt = stand.receipt_key();
    let said = stand.of_keys(NOW, &receipt).unwrap_err();
    assert!(said.contains("/exchange/2027h1+"), "{said}");

    publish_log_key(&mut stand.federation, &id(), NOW).unwrap();
    stand.trust.reload().unwrap();
    assert_eq!(stand.of_keys(NOW, &receipt), Ok(()));

    let next_half = NOW.plus(Duration::from_secs(200 * DAY));
    let said = stand.of_keys(next_half, &receipt).unwrap_err();
    assert!(said.contains("/exchange/2027h2+"), "{said}");

    let other = SigningKey::load(&stand.federation.node(&id()).unwrap().session_key).unwrap();
    let said = stand.of_keys(NOW, &other).unwrap_err();
    assert!(said.contains(other.kid()), "{said}");
}

#[test]
fn between_soft_and_hard_expiry_the_days_are_counted() {
    let stand = Stand::new();
    let (soft, hard) = {
        let unit = stand.trust.nodes.current();
        let list = unit.list().list();
        (list.soft_expiry.at(), list.hard_expiry.at())
    };
    let says = |now| stand.says("trust_list_age", now);
    assert_eq!(says(Timestamp::from_millis(soft.as_millis() - 1)), Ok(()));
    let said = says(soft).unwrap_err();
    assert!(
        said.contains("60 whole days") && said.contains(&hard.to_string()),
        "{said}"
    );
    let same_day = says(soft.plus(Duration::from_secs(DAY / 2))).unwrap_err();
    let day_after = says(soft.plus(Duration::from_secs(DAY))).unwrap_err();
    assert_ne!(same_day, said);
    assert_eq!(same_day, day_after, "one sentence a day");
    assert_eq!(says(hard), Ok(()), "now the trust list itself fails");
}

#[test]
fn two_trust_lists_of_one_number_alarm_until_somebody_took_the_other_away() {
    let mut stand = Stand::new();
    let first = stand.federation.list().clone();
    stand.federation.publish(NOW, |_| {}).unwrap();
    stand.trust.reload().unwrap();
    assert_eq!(stand.says("trust_list_conflict", NOW), Ok(()));

    let mut other = stand.federation.list().list().clone();
    other.soft_expiry = other.hard_expiry;
    let other = sign(other, Some(&first), stand.federation.coordinator()).unwrap();
    let offered = &stand.config.trust.list_file;
    fs::write(offered, other).unwrap();
    stand.trust.reload().unwrap_err();
    let told = |stand: &Stand| stand.says("trust_list_conflict", NOW).unwrap_err();
    let said = told(&stand);
    assert!(said.contains("/conflict-"), "{said}");

    // Taking the list out of the file, or starting again, does not silence it.
    fs::remove_file(offered).unwrap();
    stand.trust.reload().unwrap();
    assert_eq!(told(&stand), said);
    stand.trust = load(&stand.config);
    assert_eq!(told(&stand), said);
    assert_eq!(stand.says("trust_list", NOW), Ok(()), "it serves");

    let kept = stand.config.node.data_dir.join("trust-lists");
    for file in fs::read_dir(kept)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        if file.display().to_string().contains("/conflict-") {
            fs::remove_file(file).unwrap();
        }
    }
    stand.trust.reload().unwrap();
    assert_eq!(stand.says("trust_list_conflict", NOW), Ok(()));
}

#[test]
fn files_that_were_refused_are_told_until_good_ones_were_read() {
    let stand = Stand::new();
    let files = [
        stand.config.trust.list_file.clone(),
        stand.config.agency_listener.certificate_file.clone(),
    ];
    let good = files.clone().map(|file| fs::read(file).unwrap());
    for file in &files {
        fs::write(file, "no such thing").unwrap();
    }
    let refused = stand.trust.reload().unwrap_err().refused;
    assert_eq!(refused.len(), 2, "neither side hides the other's fault");
    let said = stand.says("refused_files", NOW).unwrap_err();
    for error in refused {
        assert!(said.contains(&error.to_string()), "{said}");
    }

    fs::write(&files[1], &good[1]).unwrap();
    let said = |trust| {
        let check = refused_files(trust);
        (check.holds)(NOW)
    };
    said(load(&stand.config)).unwrap_err();
    fs::write(&files[0], &good[0]).unwrap();
    stand.trust.reload().unwrap();
    assert_eq!(said(stand.trust.clone()), Ok(()));
}

fn load(config: &Config) -> TrustUnits {
    let clock: Arc<dyn Clock> = Arc::new(StoppedClock);
    TrustUnits::load(config, &clock).unwrap()
}

fn id() -> NodeId {
    ID.parse().unwrap()
}
