use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, HOST};
use hyper::http::uri::{Authority, Scheme};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::client::certificates;
use crate::jwt::foreign::JwksError;

/// Why the keys of an issuer could not be read or fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// A file of them, or of the authorities.
    #[error("{0}")]
    Unreadable(String),
    /// The address is none of HTTPS.
    #[error("not an address of the form https://host/path")]
    Address,
    /// No connection, or none that is secured by one of the authorities.
    #[error("no connection: {0}")]
    Connection(String),
    /// Another answer than 200. Redirections are not followed.
    #[error("answered with status {0}")]
    Status(u16),
    /// A longer answer than a JWK set has any need of, or one that was cut.
    #[error("its answer cannot be read, or is longer than 256 KiB")]
    Answer,
    /// It took too long.
    #[error("no answer within 5 seconds")]
    TooSlow,
    /// There are none in it.
    #[error("{0}")]
    NoKeys(JwksError),
}

/// Where a JWK set is fetched.
pub(super) struct KeyServer {
    authority: Authority,
    path: String,
    tls: TlsConnector,
}

impl KeyServer {
    pub(super) fn new(url: &str, anchors: &Path) -> Result<Self, FetchError> {
        let uri: Uri = url.parse().map_err(|_| FetchError::Address)?;
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(FetchError::Address);
        };
        if scheme != Scheme::HTTPS || authority.as_str().contains('@') {
            return Err(FetchError::Address);
        }
        let path = parts.path_and_query;
        Ok(Self {
            authority,
            path: path.map_or_else(|| "/".to_owned(), |path| path.to_string()),
            tls: TlsConnector::from(Arc::new(config(anchors)?)),
        })
    }

    /// The set, as it is answered.
    pub(super) async fn get(&self) -> Result<Vec<u8>, FetchError> {
        let answered = tokio::time::timeout(LONGEST, self.answer()).await;
        answered.unwrap_or(Err(FetchError::TooSlow))
    }

    async fn answer(&self) -> Result<Vec<u8>, FetchError> {
        let connection = |error: &dyn std::fmt::Display| FetchError::Connection(error.to_string());
        let host = self.authority.host();
        let port = self.authority.port_u16().unwrap_or(443);
        // An IPv6 address stands in brackets in a URL, and in none for TLS.
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let tcp = TcpStream::connect((bare, port)).await;
        let tcp = tcp.map_err(|error| connection(&error))?;
        let name = ServerName::try_from(bare.to_owned()).map_err(|_| FetchError::Address)?;
        let tls = self.tls.connect(name, tcp).await;
        let tls = tls.map_err(|error| connection(&error))?;
        let (mut sender, connection_driver) = http1::handshake(TokioIo::new(tls))
            .await
            .map_err(|error| connection(&error))?;
        let request = Request::get(&self.path)
            .header(HOST, self.authority.as_str())
            .header(ACCEPT, "application/jwk-set+json, application/json")
            .body(Empty::<Bytes>::new())
            .map_err(|_| FetchError::Address)?;
        let driver = tokio::spawn(connection_driver);
        let asked = async {
            let answer = sender.send_request(request).await;
            let answer = answer.map_err(|error| connection(&error))?;
            if answer.status() != StatusCode::OK {
                return Err(FetchError::Status(answer.status().as_u16()));
            }
            let body = Limited::new(answer.into_body(), LONGEST_ANSWER);
            let body = body.collect().await.map_err(|_| FetchError::Answer)?;
            Ok(body.to_bytes().to_vec())
        };
        let answer = asked.await;
        driver.abort();
        answer
    }
}

fn config(anchors: &Path) -> Result<ClientConfig, FetchError> {
    let unreadable = |error: &dyn std::fmt::Display| FetchError::Unreadable(error.to_string());
    let mut roots = RootCertStore::empty();
    let read = certificates(anchors).map_err(|error| unreadable(&error))?;
    // A bundle of a system may hold some that are not understood.
    let (added, _) = roots.add_parsable_certificates(read);
    if added == 0 {
        return Err(unreadable(&format!("{}: no authority", anchors.display())));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unreadable(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

const LONGEST: Duration = Duration::from_secs(5);
const LONGEST_ANSWER: usize = 256 * 1024;
