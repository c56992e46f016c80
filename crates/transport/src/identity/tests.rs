use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    SanType,
};

use super::*;

fn certificate(change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![uri("spiffe://spie.example/node/ml-nord")];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    change(&mut params);
    params
        .self_signed(&KeyPair::generate().unwrap())
        .unwrap()
        .der()
        .clone()
}

fn uri(uri: &str) -> SanType {
    SanType::URI(uri.try_into().unwrap())
}

fn refusal(change: impl FnOnce(&mut CertificateParams)) -> IdentityError {
    PeerIdentity::from_certificate(&certificate(change)).unwrap_err()
}

#[test]
fn the_name_of_a_node_is_read_from_its_one_uri() {
    let certificate = certificate(|_| {});
    let identity = PeerIdentity::from_certificate(&certificate).unwrap();
    assert_eq!(identity.to_string(), "ml-nord of spie.example");
    assert_eq!(identity.certificate_sha256, Digest::of(&certificate));
}

#[test]
fn i9_a_certificate_of_two_names_names_nobody() {
    let two = |p: &mut CertificateParams| {
        p.subject_alt_names
            .push(uri("spiffe://spie.example/node/departement-59"));
    };
    assert_eq!(refusal(two), IdentityError::NotOneUri);
    assert_eq!(
        refusal(|p| p.subject_alt_names.clear()),
        IdentityError::NotOneUri
    );
    let dns = |p: &mut CertificateParams| {
        p.subject_alt_names = vec![SanType::DnsName("ml-nord".try_into().unwrap())];
    };
    assert_eq!(refusal(dns), IdentityError::NotOneUri);
}

#[test]
fn i9_a_uri_of_another_form_names_nobody() {
    for odd in [
        "spiffe://spie.example/node/",
        "spiffe://spie.example/node/ml-nord/",
        "spiffe://spie.example/node/ml-nord?x=1",
        "spiffe://spie.example/node/ml-nord#x",
        "spiffe://spie.example/node/../node/ml-nord",
        "spiffe://spie.example/node/ML-NORD",
        "spiffe://spie.example/node/ml%2dnord",
        "spiffe://spie.example/workload/ml-nord",
        "spiffe://spie.example:443/node/ml-nord",
        "spiffe://agent@spie.example/node/ml-nord",
        "spiffe:///node/ml-nord",
        "SPIFFE://spie.example/node/ml-nord",
        "https://spie.example/node/ml-nord",
    ] {
        assert_eq!(
            refusal(|p| p.subject_alt_names = vec![uri(odd)]),
            IdentityError::NotANode,
            "{odd}"
        );
    }
}

#[test]
fn i9_an_authority_is_no_node() {
    let ca = |p: &mut CertificateParams| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    assert_eq!(refusal(ca), IdentityError::Authority);
    let signs = |p: &mut CertificateParams| p.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    assert_eq!(refusal(signs), IdentityError::Authority);
}

#[test]
fn a_certificate_for_one_end_only_is_refused() {
    let client = |p: &mut CertificateParams| {
        p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    };
    assert_eq!(refusal(client), IdentityError::Usage);
    assert_eq!(
        refusal(|p| p.extended_key_usages.clear()),
        IdentityError::Usage
    );
}

#[test]
fn what_is_no_certificate_is_refused() {
    let mut trailing = certificate(|_| {}).to_vec();
    trailing.push(0);
    for bytes in [vec![], vec![0x30, 0x80], trailing] {
        let outcome = PeerIdentity::from_certificate(&CertificateDer::from(bytes));
        assert_eq!(outcome.unwrap_err(), IdentityError::NotX509);
    }
}
