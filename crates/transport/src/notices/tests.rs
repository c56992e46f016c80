use passerelle_domain::Digest;
use passerelle_domain::claim::{NoticeText, NumericDate, TrustList};
use passerelle_domain::member::KeyAlgorithm;

use super::*;
use crate::jwt::CoordinatorKeys;
use crate::sample::{NOW, World, federation_id};

#[test]
fn a_catalogue_is_taken_from_the_one_key_that_may_sign_it_and_for_its_federation_alone() {
    let (world, folder) = (World::new(), tempfile::tempdir().unwrap());
    let coordinator = world.federation.coordinator();
    let other = SigningKey::create(&folder.path().join("other.key"), KeyAlgorithm::EdDSA).unwrap();
    let catalogue = catalogue(NOW);
    let token = sign(&catalogue, coordinator).unwrap();
    let check = |token: &str, key: &SigningKey, federation: &str, now| {
        let key = NoticeKey::of(federation.parse().unwrap(), key.verifying_key().unwrap());
        verify(token, &key, now).map(Verified::into_claim)
    };
    let here = federation_id().to_string();
    let line = format!("{token}\n");
    assert_eq!(check(&line, coordinator, &here, NOW), Ok(catalogue.clone()));
    assert_eq!(
        check(&token, &other, &here, NOW),
        Err(TokenError::UnknownKey)
    );
    assert_eq!(
        check(&token, coordinator, "elsewhere.example", NOW),
        Err(TokenError::UnknownIssuer)
    );
    let early = Timestamp::from_secs(NOW.as_secs() - 3600);
    assert_eq!(
        check(&token, coordinator, &here, early),
        Err(TokenError::IssuedInTheFuture)
    );

    // Signed by the key that signs lists, and no list.
    let keys = CoordinatorKeys::of(
        &federation_id(),
        &world.federation.list().list().coordinator_keys,
    );
    let as_list = jwt::verify_unaddressed::<TrustList>(&token, &keys.unwrap(), NOW);
    assert!(matches!(as_list, Err(TokenError::Type { .. })));
}

#[test]
fn a_catalogue_whose_texts_are_not_what_it_says_is_not_signed() {
    let world = World::new();
    let mut catalogue = catalogue(NOW);
    catalogue.texts[0].text.push('!');
    assert!(sign(&catalogue, world.federation.coordinator()).is_err());
}

fn catalogue(now: Timestamp) -> NoticeCatalogue {
    let text = "Ce que nous transmettons, et pourquoi.".to_owned();
    NoticeCatalogue {
        federation: federation_id(),
        issued_at: NumericDate::of(now),
        texts: vec![NoticeText {
            id: "information".to_owned(),
            lang: "fr-x-falc".to_owned(),
            title: "Vos informations".to_owned(),
            sha256: Digest::of(text.as_bytes()),
            from: "2026-01-01".parse().unwrap(),
            until: None,
            text,
        }],
    }
}
