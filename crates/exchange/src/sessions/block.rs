use passerelle_domain::{Caller, Malformed, Pii, Timestamp, TokenId};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::blocked_agents;
pub use passerelle_store::tables::blocked_agents::BlockedAgent;

use crate::paging::page_token;
use crate::{ExchangeError, Page, PageSize, Passerelle};

impl Passerelle {
    /// Keeps an agent out from now on. Gives back since when: blocking again changes nothing.
    pub async fn block_agent(
        &self,
        caller: &Caller,
        subject: Pii<String>,
    ) -> Result<Timestamp, ExchangeError> {
        let _access = own_access(caller, OwnAct::BlockAgents)?;
        check(&subject)?;
        let by = caller.reference.clone();
        let kept = self
            .transact("block_agent", move |tx| {
                if let Some(before) = blocked_agents::find(tx, &subject)? {
                    return Ok(before.since);
                }
                let since = tx.now();
                let agent = BlockedAgent {
                    subject: subject.clone(),
                    since,
                    by: by.clone(),
                };
                blocked_agents::put(tx, &agent)?;
                Ok(since)
            })
            .await?;
        Ok(kept.value)
    }

    /// Lets an agent in again. Somebody who is not kept out is no error.
    pub async fn unblock_agent(
        &self,
        caller: &Caller,
        subject: Pii<String>,
    ) -> Result<(), ExchangeError> {
        let _access = own_access(caller, OwnAct::BlockAgents)?;
        check(&subject)?;
        self.transact("unblock_agent", move |tx| {
            blocked_agents::remove(tx, &subject);
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Who is kept out. `token` is that of the page before, empty for the first.
    pub fn blocked_agents(
        &self,
        caller: &Caller,
        size: PageSize,
        token: &str,
    ) -> Result<Page<BlockedAgent>, ExchangeError> {
        let _access = own_access(caller, OwnAct::ListBlockedAgents)?;
        let after: Option<TokenId> = page_token(token)?;
        let mut found =
            self.read(|view| Ok(blocked_agents::page(view, after.as_ref(), size.get() + 1)?))?;
        let more = found.len() > size.get();
        found.truncate(size.get());
        let last = found.last().map(|(place, _)| place.to_string());
        Ok(Page {
            items: found.into_iter().map(|(_, agent)| agent).collect(),
            next: last.filter(|_| more),
        })
    }
}

fn check(subject: &Pii<String>) -> Result<(), Malformed> {
    let text = subject.expose();
    if (1..=128).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(Malformed::new(
            "agent",
            "1 to 128 characters, no control character",
        ))
    }
}
