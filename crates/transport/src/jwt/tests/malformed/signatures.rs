//! Keys of others, and signatures that do not hold.

use super::*;

impl Table {
    pub(super) fn keys_and_signatures(&mut self) {
        let good = self.good();
        let (message, signature) = good.rsplit_once('.').unwrap();
        let raw = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        let with = |raw: &[u8]| format!("{message}.{}", BASE64URL_NOPAD.encode(raw));
        let mut flipped = raw.clone();
        flipped[0] ^= 1;
        self.add(
            "first bit of the signature",
            with(&flipped),
            TokenError::Signature,
        );
        let mut flipped = raw.clone();
        flipped[63] ^= 0x10;
        self.add(
            "a late bit of the signature",
            with(&flipped),
            TokenError::Signature,
        );
        self.add(
            "a signature of zeros",
            with(&[0; 64]),
            TokenError::Signature,
        );
        self.add(
            "a short signature",
            with(&raw[..63]),
            TokenError::SignatureLength,
        );
        let long = [raw.as_slice(), &[0]].concat();
        self.add("a long signature", with(&long), TokenError::SignatureLength);
        let other_payload = receipt().to_string().replace("\"ver\":1", "\"ver\":2");
        let payload = BASE64URL_NOPAD.encode(other_payload.as_bytes());
        let header = message.split('.').next().unwrap();
        let swapped = format!("{header}.{payload}.{signature}");
        self.add("claims of another token", swapped, TokenError::Signature);
        let stranger = key(KeyAlgorithm::EdDSA);
        let token = token_of::<Receipt>(&receipt(), &stranger);
        self.add("a key that nobody has", token, TokenError::UnknownKey);
        let token = token_of::<Receipt>(&receipt(), &self.members.holder);
        self.add("kid of another issuer", token, TokenError::UnknownKey);
        let stolen = super::header(&self.members.requester, Receipt::TYP).to_string();
        let token = signed(&stolen, &receipt().to_string(), &stranger);
        self.add(
            "kid of the issuer, signed by another",
            token,
            TokenError::Signature,
        );
        self.claim(
            "an issuer that is no member",
            "/iss",
            json!(OTHER),
            TokenError::UnknownIssuer,
        );
    }
}

#[test]
fn an_es256_signature_in_der_is_refused() {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
    let folder = tempfile::tempdir().unwrap();
    let der = key_file::create(&folder.path().join("key"), KeyAlgorithm::ES256).unwrap();
    let key = SigningKey::from_pkcs8(&der).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der).unwrap();
    let header = header(&key, Receipt::TYP).to_string();
    let message = unsigned(header.as_bytes(), receipt().to_string().as_bytes());
    let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    let token = format!("{message}.{}", BASE64URL_NOPAD.encode(signature.as_ref()));
    let keys = MemberKeys::from_iter([(node(REQUESTER), vec![key.verifying_key().unwrap()])]);
    let outcome = verify::<Receipt>(&token, &node(HOLDER), &keys, NOW);
    assert_eq!(outcome.unwrap_err(), TokenError::SignatureLength);
}
