use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use passerelle_domain::Clock;
use passerelle_domain::member::KeyUsage;
use passerelle_gateway::runtime::SystemClock;
use passerelle_gateway::trust::TrustUnits;
use passerelle_tlog::VerifyingKey;

use crate::Stand;
use crate::stand::binary;
use crate::waiting::block_until;

/// The node that holds the journey, as a process.
pub struct Holder {
    config: PathBuf,
    data_dir: PathBuf,
    address: SocketAddr,
    log_key: VerifyingKey,
    log: PathBuf,
    process: Option<Child>,
}

impl Holder {
    /// The demo's mission locale, not started yet.
    pub fn of(stand: &Stand) -> Self {
        let (file, config) = stand.config("mission-locale");
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let trust = TrustUnits::load(&config, &clock).expect("what the node trusts");
        let unit = trust.nodes.current();
        let member = unit
            .list()
            .list()
            .member(&config.node.id)
            .expect("a member");
        let key = member.keys_for(KeyUsage::Log).next().expect("a log key");
        Self {
            log_key: key.public_key.parse().expect("a C2SP verifier key"),
            config: file,
            data_dir: config.node.data_dir,
            address: config.node_listener.address,
            log: stand.folder().join("holder.log"),
            process: None,
        }
    }

    /// The folder of what it keeps.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Checks its log.
    pub fn log_key(&self) -> VerifyingKey {
        self.log_key.clone()
    }

    /// Where other nodes reach it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts it, and returns once it takes connections.
    pub fn start(&mut self) {
        self.start_as(|command| command);
    }

    /// As [`Holder::start`], with `change` made to how it is called.
    pub fn start_as(&mut self, change: impl Fn(Command) -> Command) {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .expect("a file for its log");
        let mut command = Command::new(binary());
        command.arg("serve").arg("--config").arg(&self.config);
        let mut command = change(command);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let mut process = command.spawn().expect("the holder starts");
        block_until("the holder to start", || {
            let ended = process.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "the holder ended: {}", self.said());
            TcpStream::connect(self.address).is_ok()
        });
        self.process = Some(process);
    }

    /// Takes the process away between two instructions (SIGKILL).
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("a holder that runs");
        process.kill().expect("a child can be killed");
        process.wait().expect("a child can be waited for");
    }

    /// Lets it end in good order (SIGTERM).
    pub fn stop(&mut self) {
        let mut process = self.process.take().expect("a holder that runs");
        let told = Command::new("kill")
            .arg(served_by(&process).to_string())
            .status();
        assert!(told.expect("kill runs").success());
        let ended = process.wait().expect("a child can be waited for");
        assert!(
            ended.success(),
            "the holder ended with {ended}: {}",
            self.said()
        );
    }

    /// What it wrote to its log.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // A test that fails leaves no process behind, not even one that was traced.
            let served = served_by(process).to_string();
            let _told = Command::new("kill").args(["-KILL", &served]).status();
            let _gone = process.kill();
            let _waited = process.wait();
        }
    }
}

/// The process that serves: the one that was started, or the one that it traces.
fn served_by(process: &Child) -> u32 {
    let id = process.id();
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    let traced = children
        .ok()
        .and_then(|ids| ids.split_whitespace().next()?.parse().ok());
    traced.unwrap_or(id)
}
