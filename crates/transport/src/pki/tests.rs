use std::fs;
use std::path::{Path, PathBuf};

use passerelle_domain::{Digest, FederationId};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SanType};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tempfile::TempDir;
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use super::*;
use crate::identity::{PeerIdentity, parse};
use crate::sample::{DAY, HOLDER, NOW, OTHER, federation_id, node};

struct Bench {
    folder: TempDir,
    authority: Authority,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca");
        let authority = Authority::init(&ca, "SPIE fictif", AUTHORITY_VALIDITY, NOW).unwrap();
        Self { folder, authority }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn requested(&self, subject: &Subject) -> PathBuf {
        request(subject, &self.path("key"), &self.path("csr")).unwrap();
        self.path("csr")
    }

    fn issue(&self, subject: &Subject) -> Issued {
        let csr = self.requested(subject);
        self.authority
            .issue(&csr, subject, LEAF_VALIDITY, NOW)
            .unwrap()
    }

    /// A request that our own command would not make.
    fn odd_request(&self, change: impl FnOnce(&mut CertificateParams), key: &KeyPair) -> PathBuf {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![uri("spiffe://spie.example/node/ml-nord")];
        change(&mut params);
        fs::write(
            self.path("csr"),
            params.serialize_request(key).unwrap().pem().unwrap(),
        )
        .unwrap();
        self.path("csr")
    }

    fn refused_for(&self, csr: &Path, subject: &Subject, rule: &str) {
        let error = self
            .authority
            .issue(csr, subject, LEAF_VALIDITY, NOW)
            .unwrap_err()
            .to_string();
        assert!(error.contains(rule), "{error} does not say {rule}");
        assert!(error.contains("csr"), "{error} does not name the file");
    }
}

fn holder() -> Subject {
    Subject::Node {
        federation: federation_id(),
        node: node(HOLDER),
    }
}

fn uri(uri: &str) -> SanType {
    SanType::URI(uri.try_into().unwrap())
}

fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

#[test]
fn an_authority_signs_leaves_and_revocation_lists_and_no_authority() {
    let bench = Bench::new();
    let pem = fs::read_to_string(bench.authority.certificate_file()).unwrap();
    let (_, certificate) =
        x509_parser::parse_x509_certificate(&bench.authority.certificate).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
    let constraints = certificate.basic_constraints().unwrap().unwrap().value;
    assert_eq!(
        (constraints.ca, constraints.path_len_constraint),
        (true, Some(0))
    );
    let usage = certificate.key_usage().unwrap().unwrap().value;
    assert!(usage.key_cert_sign() && usage.crl_sign() && !usage.digital_signature());
    assert!(certificate.verify_signature(None).is_ok());
}

#[test]
fn an_authority_is_never_made_over_another() {
    let bench = Bench::new();
    let before = fs::read(bench.path("ca/ca.key")).unwrap();
    let error = Authority::init(&bench.path("ca"), "autre", AUTHORITY_VALIDITY, NOW).map(drop);
    assert!(error.unwrap_err().to_string().contains("never overwritten"));
    assert_eq!(fs::read(bench.path("ca/ca.key")).unwrap(), before);
    // Nor beside what is left of one.
    fs::remove_file(bench.path("ca/ca.key")).unwrap();
    assert!(Authority::init(&bench.path("ca"), "autre", AUTHORITY_VALIDITY, NOW).is_err());
    assert!(!bench.path("ca/ca.key").exists());
}

#[test]
fn an_authority_that_is_opened_again_issues_as_before() {
    let bench = Bench::new();
    let opened = Authority::open(&bench.path("ca")).unwrap();
    let csr = bench.requested(&holder());
    let issued = opened.issue(&csr, &holder(), LEAF_VALIDITY, NOW).unwrap();
    let leaf = der(&issued.pem);
    let authority = parse(&bench.authority.certificate).unwrap();
    assert!(
        parse(&leaf)
            .unwrap()
            .verify_signature(Some(authority.public_key()))
            .is_ok()
    );
}

#[test]
fn an_authority_whose_key_is_another_is_not_opened() {
    let (bench, other) = (Bench::new(), Bench::new());
    fs::copy(other.path("ca/ca.key"), bench.path("ca/ca.key")).unwrap();
    let error = Authority::open(&bench.path("ca"))
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("ca.key: not the key of the certificate"),
        "{error}"
    );
}

#[test]
fn a_nodes_certificate_names_the_node_and_serves_both_ends() {
    let bench = Bench::new();
    let issued = bench.issue(&holder());
    let leaf = der(&issued.pem);
    let identity = PeerIdentity::from_certificate(&leaf).unwrap();
    assert_eq!(
        (&identity.node, &identity.federation),
        (&node(HOLDER), &federation_id())
    );
    assert_eq!(identity.certificate_sha256, issued.fingerprints.certificate);
    assert_eq!(identity.key_sha256, issued.fingerprints.key);
    assert_eq!(identity.not_after, issued.not_after);
    let certificate = parse(&leaf).unwrap();
    assert_eq!(certificate.raw_serial().len(), 16);
    assert!(!certificate.is_ca());
    let usage = certificate.key_usage().unwrap().unwrap().value;
    assert!(usage.digital_signature() && !usage.key_cert_sign());
    assert_eq!(
        fs::read_to_string(bench.authority.issued_file(&issued.serial)).unwrap(),
        issued.pem
    );
    assert_eq!(
        fingerprints(&bench.authority.issued_file(&issued.serial)).unwrap(),
        issued.fingerprints
    );
    assert_eq!(issued.fingerprints.certificate, Digest::of(&leaf));
}

#[test]
fn a_listener_and_a_system_have_one_dns_name_and_one_use() {
    let bench = Bench::new();
    let dns = || "noeud.example".to_owned();
    for (subject, server) in [
        (Subject::Listener { dns: dns() }, true),
        (Subject::System { dns: dns() }, false),
    ] {
        let issued = bench.issue(&subject);
        let leaf = der(&issued.pem);
        let certificate = parse(&leaf).unwrap();
        let usage = certificate.extended_key_usage().unwrap().unwrap().value;
        assert_eq!((usage.server_auth, usage.client_auth), (server, !server));
        fs::remove_file(bench.path("key")).unwrap();
        fs::remove_file(bench.path("csr")).unwrap();
    }
}

#[test]
fn a_request_overwrites_no_key() {
    let bench = Bench::new();
    bench.requested(&holder());
    let key = fs::read(bench.path("key")).unwrap();
    assert!(request(&holder(), &bench.path("key"), &bench.path("csr2")).is_err());
    assert_eq!(fs::read(bench.path("key")).unwrap(), key);
}

#[test]
fn a_request_for_another_name_than_the_one_expected_is_refused() {
    let bench = Bench::new();
    let csr = bench.requested(&holder());
    let other = Subject::Node {
        federation: federation_id(),
        node: node(OTHER),
    };
    bench.refused_for(&csr, &other, "asks for another node");
    let elsewhere = FederationId::new("autre.example").unwrap();
    let other = Subject::Node {
        federation: elsewhere,
        node: node(HOLDER),
    };
    bench.refused_for(&csr, &other, "asks for another node");
    let listener = Subject::Listener {
        dns: HOLDER.to_owned(),
    };
    bench.refused_for(&csr, &listener, "named by a DNS name");
}

#[test]
fn a_request_with_other_than_one_name_is_refused() {
    let bench = Bench::new();
    let key = KeyPair::generate().unwrap();
    let more = |params: &mut CertificateParams| {
        params
            .subject_alt_names
            .push(uri("spiffe://spie.example/node/association-lien"));
    };
    let csr = bench.odd_request(more, &key);
    bench.refused_for(&csr, &holder(), "not exactly one alternative name");
    let csr = bench.odd_request(|params| params.subject_alt_names.clear(), &key);
    bench.refused_for(&csr, &holder(), "not exactly one alternative name");
    let mixed = |params: &mut CertificateParams| {
        params
            .subject_alt_names
            .push(SanType::DnsName("ml-nord".try_into().unwrap()));
    };
    let csr = bench.odd_request(mixed, &key);
    bench.refused_for(&csr, &holder(), "not exactly one alternative name");
}

#[test]
fn a_request_with_a_key_of_another_kind_is_refused() {
    let bench = Bench::new();
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let csr = bench.odd_request(|_| {}, &p384);
    bench.refused_for(&csr, &holder(), "neither ECDSA P-256 nor Ed25519");
    let ed25519 = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let csr = bench.odd_request(|_| {}, &ed25519);
    assert!(
        bench
            .authority
            .issue(&csr, &holder(), LEAF_VALIDITY, NOW)
            .is_ok()
    );
}

#[test]
fn a_request_that_its_key_did_not_sign_is_refused() {
    let bench = Bench::new();
    let csr = bench.requested(&holder());
    let pem = fs::read_to_string(&csr).unwrap();
    let mut der = rustls::pki_types::CertificateSigningRequestDer::from_pem_slice(pem.as_bytes())
        .unwrap()
        .to_vec();
    let last = der.len() - 1;
    der[last] ^= 1;
    let body = data_encoding::BASE64.encode(&der);
    let pem =
        format!("-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n");
    fs::write(&csr, pem).unwrap();
    bench.refused_for(&csr, &holder(), "not signed by its own key");
    fs::write(&csr, "no request").unwrap();
    bench.refused_for(&csr, &holder(), "not a certificate request in PEM");
}

#[test]
fn what_a_request_asks_beyond_its_name_is_not_granted() {
    let bench = Bench::new();
    let key = KeyPair::generate().unwrap();
    let ambitious = |params: &mut CertificateParams| {
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        params
            .distinguished_name
            .push(rcgen::DnType::OrganizationName, "Préfecture");
    };
    let csr = bench.odd_request(ambitious, &key);
    let issued = bench
        .authority
        .issue(&csr, &holder(), LEAF_VALIDITY, NOW)
        .unwrap();
    let leaf = der(&issued.pem);
    let certificate = parse(&leaf).unwrap();
    assert!(
        !certificate
            .key_usage()
            .unwrap()
            .unwrap()
            .value
            .key_cert_sign()
    );
    assert_eq!(certificate.subject().to_string(), "CN=ml-nord");
}

#[test]
fn a_certificate_does_not_outlive_its_authority() {
    let bench = Bench::new();
    let csr = bench.requested(&holder());
    let late = NOW.plus(AUTHORITY_VALIDITY).minus(DAY);
    assert!(
        bench
            .authority
            .issue(&csr, &holder(), LEAF_VALIDITY, late)
            .is_err()
    );
    assert!(
        bench
            .authority
            .issue(&csr, &holder(), DAY.mul_f32(0.5), late)
            .is_ok()
    );
}

#[test]
fn names_that_are_none_are_refused() {
    let bench = Bench::new();
    for dns in ["", "-a", "a b", "É.example", "a..b", "*.example"] {
        let subject = Subject::Listener {
            dns: dns.to_owned(),
        };
        assert!(
            request(&subject, &bench.path("key"), &bench.path("csr")).is_err(),
            "{dns}"
        );
        assert!(!bench.path("key").exists());
    }
    assert!(Authority::init(&bench.path("ca2"), "", AUTHORITY_VALIDITY, NOW).is_err());
}

/// Number, serials and reasons of a revocation list.
fn read_list(bench: &Bench) -> (u64, Vec<(String, Option<u8>)>) {
    let pem = fs::read(bench.authority.revocation_file()).unwrap();
    let der = rustls::pki_types::CertificateRevocationListDer::from_pem_slice(&pem).unwrap();
    let (_, list) = CertificateRevocationList::from_der(&der).unwrap();
    let revoked = list
        .iter_revoked_certificates()
        .map(|r| {
            let serial = data_encoding::HEXLOWER.encode(r.raw_serial());
            (serial, r.reason_code().map(|(_, code)| code.0))
        })
        .collect();
    (list.crl_number().unwrap().try_into().unwrap(), revoked)
}

#[test]
fn a_revocation_list_grows_and_its_number_rises() {
    let bench = Bench::new();
    assert_eq!(read_list(&bench), (1, vec![]));
    let first = bench.issue(&holder());
    let revoke = |serial: &str, reason, now| {
        let file = bench.authority.issued_file(serial);
        bench
            .authority
            .revoke(&file, reason, REVOCATION_LIST_VALIDITY, now)
            .unwrap();
    };
    revoke(&first.serial, RevocationReason::KeyCompromise, NOW);
    assert_eq!(
        read_list(&bench),
        (2, vec![(first.serial.clone(), Some(1))])
    );
    let again = Authority::open(&bench.path("ca")).unwrap();
    let second = again
        .issue(&bench.path("csr"), &holder(), LEAF_VALIDITY, NOW)
        .unwrap();
    revoke(&second.serial, RevocationReason::Unspecified, NOW.plus(DAY));
    revoke(&first.serial, RevocationReason::Superseded, NOW.plus(DAY));
    let both = vec![(first.serial, Some(1)), (second.serial, None)];
    assert_eq!(read_list(&bench), (4, both.clone()));
    bench
        .authority
        .renew_revocation_list(REVOCATION_LIST_VALIDITY, NOW.plus(DAY))
        .unwrap();
    assert_eq!(read_list(&bench), (5, both));
}

#[test]
fn only_a_certificate_of_the_authority_is_revoked() {
    let (bench, other) = (Bench::new(), Bench::new());
    let issued = other.issue(&holder());
    let file = other.authority.issued_file(&issued.serial);
    let outcome = bench.authority.revoke(
        &file,
        RevocationReason::Superseded,
        REVOCATION_LIST_VALIDITY,
        NOW,
    );
    assert!(
        outcome
            .unwrap_err()
            .to_string()
            .contains("not issued by this authority")
    );
    assert_eq!(read_list(&bench).0, 1);
}

#[test]
fn a_lost_revocation_list_is_not_begun_again() {
    let bench = Bench::new();
    let issued = bench.issue(&holder());
    fs::remove_file(bench.authority.revocation_file()).unwrap();
    let file = bench.authority.issued_file(&issued.serial);
    let revoke = || {
        bench.authority.revoke(
            &file,
            RevocationReason::Superseded,
            REVOCATION_LIST_VALIDITY,
            NOW,
        )
    };
    assert!(revoke().unwrap_err().to_string().contains("crl.pem"));
    let other = Bench::new();
    fs::copy(
        other.authority.revocation_file(),
        bench.authority.revocation_file(),
    )
    .unwrap();
    assert!(
        revoke()
            .unwrap_err()
            .to_string()
            .contains("not signed by this authority")
    );
}

#[test]
fn reasons_read_as_they_are_written() {
    for reason in [
        RevocationReason::Unspecified,
        RevocationReason::KeyCompromise,
        RevocationReason::Superseded,
        RevocationReason::CessationOfOperation,
        RevocationReason::PrivilegeWithdrawn,
    ] {
        assert_eq!(
            reason.to_string().parse::<RevocationReason>().unwrap(),
            reason
        );
    }
    assert!("holiday".parse::<RevocationReason>().is_err());
}

#[test]
fn a_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    bench.requested(&holder());
    for key in ["ca/ca.key", "key"] {
        let mode = fs::metadata(bench.path(key)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
}
