use std::io;
use std::net::SocketAddr;
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
use crate::throwaway::{SystemFiles, ThrowawayError};

impl SystemFiles {
    /// A channel of the agency system to the agency listener at `address`, opened when it is first
    /// used. Needs a Tokio runtime.
    pub fn channel(&self, address: SocketAddr) -> Result<Channel, ThrowawayError> {
        let tls = TlsConnector::from(Arc::new(self.client_config()?));
        let connector = service_fn(move |_| {
            let tls = tls.clone();
            async move {
                let tcp = TcpStream::connect(address).await?;
                tcp.set_nodelay(true)?;
                // The one DNS name that listeners have here.
                let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
                tls.connect(name, tcp).await.map(TokioIo::new)
            }
        });
        Ok(Endpoint::from_static("http://localhost").connect_with_connector_lazy(connector))
    }

    fn client_config(&self) -> Result<ClientConfig, ThrowawayError> {
        let mut anchors = RootCertStore::empty();
        for anchor in certificates(&file::read(&self.anchors)?) {
            anchors.add(anchor)?;
        }
        let chain = certificates(&file::read(&self.certificate)?).collect();
        let key = PrivateKeyDer::from_pem_slice(file::read_secret(&self.key)?.as_bytes())
            .map_err(|_| rustls::Error::General("not a private key in PEM".to_owned()))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])?
            .with_root_certificates(anchors)
            .with_client_auth_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(config)
    }
}

fn certificates(pem: &str) -> impl Iterator<Item = CertificateDer<'static>> {
    // What is no certificate is left out, and the handshake then fails.
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .flatten()
        .collect::<Vec<_>>()
        .into_iter()
}
