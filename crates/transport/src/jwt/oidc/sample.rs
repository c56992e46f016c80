//! An identity provider in the test's own process: keys, tokens, and a server of its JWK set.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};
use data_encoding::BASE64URL_NOPAD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A key of an issuer.
pub(in crate::jwt) enum IssuerKey {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl IssuerKey {
    pub(in crate::jwt) fn rsa() -> Self {
        Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    pub(in crate::jwt) fn p256() -> Self {
        Self::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(in crate::jwt) fn ed25519() -> Self {
        Self::Ed25519(Ed25519KeyPair::generate().unwrap())
    }

    /// The public key in a JWK set, under that name.
    pub(in crate::jwt) fn jwk(&self, kid: &str) -> Value {
        let base64 = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        match self {
            Self::Rsa(pair) => {
                let public = pair.public_key();
                let part = |part: &[u8]| base64(part);
                json!({
                    "kid": kid, "kty": "RSA", "use": "sig",
                    "n": part(public.modulus().big_endian_without_leading_zero()),
                    "e": part(public.exponent().big_endian_without_leading_zero()),
                })
            }
            Self::P256(pair) => {
                // SEC 1 §2.3.3: 4, then both coordinates.
                let point = pair.public_key().as_ref();
                json!({
                    "kid": kid, "kty": "EC", "crv": "P-256", "alg": "ES256",
                    "x": base64(&point[1..33]), "y": base64(&point[33..]),
                })
            }
            Self::Ed25519(pair) => json!({
                "kid": kid, "kty": "OKP", "crv": "Ed25519",
                "x": base64(pair.public_key().as_ref()),
            }),
        }
    }

    /// Signs as `alg` says; RSA keys by RS256 unless it is PS256.
    pub(in crate::jwt) fn sign(&self, alg: &str, signed: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                if alg == "PS256" {
                    let padding = &signature::RSA_PSS_SHA256;
                    pair.sign(padding, &random, signed, &mut signature).unwrap();
                } else {
                    let padding = &signature::RSA_PKCS1_SHA256;
                    pair.sign(padding, &random, signed, &mut signature).unwrap();
                }
                signature
            }
            Self::P256(pair) => pair.sign(&random, signed).unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(signed).as_ref().to_vec(),
        }
    }

    /// A token with that header and payload, as they are.
    pub(in crate::jwt) fn token(&self, header: &Value, payload: &str) -> String {
        let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let signed = format!("{}.{}", part(&header.to_string()), part(payload));
        let alg = header["alg"].as_str().unwrap_or_default();
        let signature = self.sign(alg, signed.as_bytes());
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
    }
}

/// A server of a JWK set over HTTPS, under a certificate for `localhost`.
pub(in crate::jwt) struct KeyServer {
    pub(in crate::jwt) address: SocketAddr,
    pub(in crate::jwt) anchors: PathBuf,
    served: Arc<Mutex<Served>>,
}

#[derive(Default)]
struct Served {
    answer: Vec<u8>,
    asked: usize,
}

impl KeyServer {
    /// Serves until its runtime ends. The authority's certificate is put into `folder`.
    pub(in crate::jwt) async fn start(folder: &Path) -> Self {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pair = rcgen::KeyPair::generate().unwrap();
        let authority = CertifiedIssuer::self_signed(authority, pair).unwrap();
        let anchors = folder.join("authority.pem");
        std::fs::write(&anchors, authority.pem()).unwrap();
        let pair = rcgen::KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&pair, &authority).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(pair.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .unwrap();
        let tls = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = Arc::new(Mutex::new(Served::default()));
        let shared = Arc::clone(&served);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let Ok(mut stream) = tls.accept(tcp).await else {
                    continue;
                };
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => request.push(byte),
                        Err(_) => break,
                    }
                }
                let answer = {
                    let mut served = shared.lock().unwrap();
                    served.asked += 1;
                    served.answer.clone()
                };
                // Whoever does not read on has closed.
                let _closed = stream.write_all(&answer).await;
                let _closed = stream.shutdown().await;
            }
        });
        Self {
            address,
            anchors,
            served,
        }
    }

    pub(in crate::jwt) fn url(&self) -> String {
        format!("https://localhost:{}/jwks", self.address.port())
    }

    /// Answers with these keys from now on.
    pub(in crate::jwt) fn serve(&self, keys: &[Value]) {
        let body = json!({ "keys": keys }).to_string();
        self.answer("200 OK", body.as_bytes());
    }

    pub(in crate::jwt) fn answer(&self, status: &str, body: &[u8]) {
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        self.served.lock().unwrap().answer = [head.as_bytes(), body].concat();
    }

    pub(in crate::jwt) fn asked(&self) -> usize {
        self.served.lock().unwrap().asked
    }
}
