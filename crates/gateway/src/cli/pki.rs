use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use passerelle_domain::Clock;
use passerelle_transport::pki::{self, Authority, RevocationReason};

use super::Failure;
use super::subject::For;

#[derive(Debug, Subcommand)]
pub(super) enum Pki {
    /// Make an authority in a new folder.
    ///
    /// Writes ca.pem (give it to everyone), ca.key (keep it offline) and crl.pem (the list of revoked
    /// certificates; give it to everyone, anew within 30 days).
    Init(Init),
    /// Make a key and a request for a certificate over it.
    ///
    /// Run it on the machine that will use the key; send the request to whoever holds the authority.
    Request(Request),
    /// Issue the certificate that a request asks for.
    Issue(Issue),
    /// Revoke a certificate and write the list of revoked certificates anew.
    Revoke(Revoke),
    /// Write the list of revoked certificates anew, before it ends.
    Crl(Crl),
    /// Show what configurations and trust lists name a certificate by.
    Show(Show),
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// Folder of the authority; made if it is not there
    dir: PathBuf,
    /// Name of the authority, for people, 1 to 64 characters
    #[arg(long)]
    name: String,
    /// Days until it ends
    #[arg(long, default_value_t = 3650, value_name = "N", value_parser = days())]
    days: u32,
}

#[derive(Debug, Args)]
pub(super) struct Request {
    /// File for the new key; never overwritten
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// File for the request; never overwritten
    #[arg(long, value_name = "FILE")]
    csr: PathBuf,
    #[command(flatten)]
    whom: For,
}

#[derive(Debug, Args)]
pub(super) struct Issue {
    /// Folder of the authority
    dir: PathBuf,
    /// The request; it must ask for exactly what is said here
    #[arg(long, value_name = "FILE")]
    csr: PathBuf,
    /// File for the certificate; never overwritten
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    whom: For,
    /// Days until it ends
    #[arg(long, default_value_t = 90, value_name = "N", value_parser = days())]
    days: u32,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// Folder of the authority
    dir: PathBuf,
    /// The certificate; a copy is in DIR/issued
    certificate: PathBuf,
    /// Why
    #[arg(long, value_enum, default_value = "unspecified")]
    reason: Reason,
    /// Days until the list must be written anew
    #[arg(long, default_value_t = 30, value_name = "N", value_parser = days())]
    days: u32,
}

#[derive(Debug, Args)]
pub(super) struct Crl {
    /// Folder of the authority
    dir: PathBuf,
    /// Days until the list must be written anew
    #[arg(long, default_value_t = 30, value_name = "N", value_parser = days())]
    days: u32,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The certificate, PEM
    certificate: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reason {
    Unspecified,
    KeyCompromise,
    Superseded,
    CessationOfOperation,
    PrivilegeWithdrawn,
}

impl Pki {
    pub(super) fn run(self, out: &mut dyn Write, clock: &dyn Clock) -> Result<(), Failure> {
        let now = clock.now();
        match self {
            Self::Init(Init { dir, name, days }) => {
                let authority = Authority::init(&dir, &name, span(days), now)?;
                writeln!(
                    out,
                    "certificate: {}",
                    authority.certificate_file().display()
                )?;
                writeln!(
                    out,
                    "revocation_list: {}",
                    authority.revocation_file().display()
                )?;
            }
            Self::Request(Request { key, csr, whom }) => {
                pki::request(&whom.subject()?, &key, &csr)?;
                writeln!(out, "key: {}", key.display())?;
                writeln!(out, "request: {}", csr.display())?;
            }
            Self::Issue(Issue {
                dir,
                csr,
                out: file,
                whom,
                days,
            }) => {
                if file.exists() {
                    return Err(Failure::of_file(
                        &file,
                        "exists already and is never overwritten",
                    ));
                }
                let issued =
                    Authority::open(&dir)?.issue(&csr, &whom.subject()?, span(days), now)?;
                fs::write(&file, &issued.pem).map_err(|error| Failure::of_file(&file, error))?;
                writeln!(out, "certificate: {}", file.display())?;
                writeln!(out, "serial: {}", issued.serial)?;
                writeln!(
                    out,
                    "certificate_sha256: {}",
                    issued.fingerprints.certificate
                )?;
                writeln!(out, "key_sha256: {}", issued.fingerprints.key)?;
                writeln!(out, "not_after: {}", issued.not_after)?;
            }
            Self::Revoke(Revoke {
                dir,
                certificate,
                reason,
                days,
            }) => {
                let authority = Authority::open(&dir)?;
                authority.revoke(&certificate, reason.into(), span(days), now)?;
                writeln!(
                    out,
                    "revocation_list: {}",
                    authority.revocation_file().display()
                )?;
            }
            Self::Crl(Crl { dir, days }) => {
                let authority = Authority::open(&dir)?;
                authority.renew_revocation_list(span(days), now)?;
                writeln!(
                    out,
                    "revocation_list: {}",
                    authority.revocation_file().display()
                )?;
            }
            Self::Show(Show { certificate }) => {
                let fingerprints = pki::fingerprints(&certificate)?;
                writeln!(out, "certificate_sha256: {}", fingerprints.certificate)?;
                writeln!(out, "key_sha256: {}", fingerprints.key)?;
            }
        }
        Ok(())
    }
}

impl From<Reason> for RevocationReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Unspecified => Self::Unspecified,
            Reason::KeyCompromise => Self::KeyCompromise,
            Reason::Superseded => Self::Superseded,
            Reason::CessationOfOperation => Self::CessationOfOperation,
            Reason::PrivilegeWithdrawn => Self::PrivilegeWithdrawn,
        }
    }
}

/// From a day to twenty years.
fn days() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=7_305)
}

fn span(days: u32) -> Duration {
    Duration::from_secs(u64::from(days) * 24 * 3600)
}
