//! The client's end of the agency listener: a channel of an agency system to its own node.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use crate::file;
use crate::tls::LoadError;

/// What an agency system shows its node, and whom it trusts.
#[derive(Clone, Debug)]
pub struct ClientFiles {
    /// The authority that issued the certificate of the agency listener, PEM.
    pub anchors: PathBuf,
    /// The system's own certificate, PEM.
    pub certificate: PathBuf,
    /// The key of the certificate, PEM.
    pub key: PathBuf,
}

impl ClientFiles {
    /// A channel to the agency listener at `host:port`, opened when it is first used; `name` must be
    /// in the listener's certificate. Needs a Tokio runtime.
    pub fn channel(&self, address: &str, name: &str) -> Result<Channel, LoadError> {
        let tls = TlsConnector::from(Arc::new(self.config()?));
        let (address, name) = (address.to_owned(), name.to_owned());
        let connector = service_fn(move |_| {
            let (tls, address, name) = (tls.clone(), address.clone(), name.clone());
            async move {
                let tcp = TcpStream::connect(address).await?;
                tcp.set_nodelay(true)?;
                let name = ServerName::try_from(name).map_err(io::Error::other)?;
                tls.connect(name, tcp).await.map(TokioIo::new)
            }
        });
        Ok(Endpoint::from_static("http://localhost").connect_with_connector_lazy(connector))
    }

    fn config(&self) -> Result<ClientConfig, LoadError> {
        let tls = LoadError::tls;
        let mut anchors = RootCertStore::empty();
        for anchor in certificates(&self.anchors)? {
            anchors.add(anchor).map_err(tls(&self.anchors))?;
        }
        let chain = certificates(&self.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(file::read_secret(&self.key)?.as_bytes())
            .map_err(|_| LoadError::refused(&self.key, "not a private key in PEM"))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(tls(&self.certificate))?
            .with_root_certificates(anchors)
            .with_client_auth_cert(chain, key)
            .map_err(tls(&self.certificate))?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(config)
    }
}

/// The certificates in a file, at least one.
pub(crate) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, LoadError> {
    let pem = file::read(file)?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(LoadError::refused(file, "one certificate or more in PEM")),
    }
}
