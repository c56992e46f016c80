use std::net::SocketAddr;

use tonic::transport::Channel;

use crate::client::ClientFiles;
use crate::throwaway::{SystemFiles, ThrowawayError};

impl SystemFiles {
    /// A channel of the agency system to the agency listener at `address`, opened when it is first
    /// used. Needs a Tokio runtime.
    pub fn channel(&self, address: SocketAddr) -> Result<Channel, ThrowawayError> {
        let files = ClientFiles {
            anchors: self.anchors.clone(),
            certificate: self.certificate.clone(),
            key: self.key.clone(),
        };
        // The one DNS name that listeners have here.
        Ok(files.channel(&address.to_string(), "localhost")?)
    }
}
