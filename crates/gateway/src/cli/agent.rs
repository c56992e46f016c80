use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use passerelle_proto::agency::v1::{
    BlockAgentRequest, ListBlockedAgentsRequest, UnblockAgentRequest,
};

use super::Failure;
use crate::client::{ClientError, ClientSettings, InSession, NodeSession};
use crate::runtime::{SystemClock, SystemRng};
use crate::stubs::agency::v1::session_service_client::SessionServiceClient;

/// How many blocked agents one call lists.
const PAGE: u32 = 256;

#[derive(Debug, Subcommand)]
pub(super) enum Agent {
    /// Keep an agent out: their sessions end at once, and none opens.
    ///
    /// It holds for every agency system of the node, and over restarts. Blocking somebody again
    /// changes nothing. A session that works without an agent ends too if it is named, such as
    /// `system:import`.
    Block(One),
    /// Let an agent in again. Somebody who is not blocked is no error.
    Unblock(One),
    /// List who is kept out, and since when: one a line, the time first.
    List(Reached),
}

#[derive(Debug, Args)]
pub(super) struct One {
    /// Whom: the `sub` of their proofs, as the agency system or the issuer names them
    agent: String,
    #[command(flatten)]
    reached: Reached,
}

#[derive(Debug, Args)]
pub(super) struct Reached {
    /// How to reach the own node, with role operator (list: operator or privacy_officer); see
    /// deploy/client.example.yaml
    #[arg(long, value_name = "FILE")]
    client: PathBuf,
}

type Sessions = SessionServiceClient<InSession>;

impl Agent {
    pub(super) fn run(self, out: &mut dyn Write) -> Result<(), Failure> {
        let client = match &self {
            Self::Block(one) | Self::Unblock(one) => &one.reached.client,
            Self::List(reached) => &reached.client,
        };
        let settings = ClientSettings::read(client)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let session = NodeSession::open(&settings, &SystemClock, &SystemRng::new()).await?;
            let sessions = SessionServiceClient::new(session.service());
            match self {
                Self::Block(one) => block(sessions, one.agent, out).await,
                Self::Unblock(one) => unblock(sessions, one.agent, out).await,
                Self::List(_) => list(sessions, out).await,
            }
        })
    }
}

async fn block(mut sessions: Sessions, agent: String, out: &mut dyn Write) -> Result<(), Failure> {
    let blocked = sessions.block_agent(BlockAgentRequest { agent }).await;
    let blocked = blocked.map_err(|status| ClientError::refused("BlockAgent", &status))?;
    writeln!(out, "blocked_since: {}", blocked.into_inner().since)?;
    Ok(())
}

async fn unblock(
    mut sessions: Sessions,
    agent: String,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let unblocked = sessions.unblock_agent(UnblockAgentRequest { agent }).await;
    unblocked.map_err(|status| ClientError::refused("UnblockAgent", &status))?;
    writeln!(out, "not blocked")?;
    Ok(())
}

async fn list(mut sessions: Sessions, out: &mut dyn Write) -> Result<(), Failure> {
    let mut page_token = String::new();
    loop {
        let request = ListBlockedAgentsRequest {
            page_size: PAGE,
            page_token,
        };
        let page = sessions.list_blocked_agents(request).await;
        let page = page.map_err(|status| ClientError::refused("ListBlockedAgents", &status))?;
        let page = page.into_inner();
        for blocked in page.agents {
            writeln!(out, "{} {}", blocked.since, blocked.agent)?;
        }
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        page_token = page.next_page_token;
    }
}
