use super::without_agent::at_night;
use super::*;
use crate::PageSize;

fn agent() -> Pii<String> {
    Pii::new("agent-canary@example.fr".to_owned())
}

async fn operator(federation: &Federation) -> Caller {
    let session = at_night(federation, AgentRole::Operator).await.unwrap();
    let node = federation.node("mission-locale");
    node.authenticate(&session.token, certificate()).unwrap()
}

#[tokio::test]
async fn a_blocked_agent_is_out_at_once_and_stays_out_until_let_in() {
    let federation = Federation::new(1);
    let node = federation.node("mission-locale");
    let operator = operator(&federation).await;
    let session = opened(&federation, &proof(&federation)).await.unwrap();
    let caller = node.authenticate(&session.token, certificate()).unwrap();
    assert_eq!(node.session_ends(&caller).unwrap(), session.expires_at);

    let since = node.block_agent(&operator, agent()).await.unwrap();
    let blocked = Err(ExchangeError::AgentBlocked);
    assert_eq!(node.authenticate(&session.token, certificate()), blocked);
    assert_eq!(
        opened(&federation, &proof(&federation)).await,
        Err(ExchangeError::AgentBlocked)
    );
    // Ending what is over is no error, and nobody else is touched.
    let closing = node.authenticate_to_close(&session.token, certificate());
    assert!(closing.is_ok());
    let colleague = AgentProof {
        subject: Pii::new("colleague@example.fr".to_owned()),
        ..proof(&federation)
    };
    assert!(opened(&federation, &colleague).await.is_ok());

    federation
        .clock()
        .set(federation.now().plus(Duration::from_secs(5)));
    assert_eq!(node.block_agent(&operator, agent()).await, Ok(since));
    let listed = node.blocked_agents(&operator, PageSize::default(), "");
    let [listed] = listed.unwrap().items.try_into().unwrap();
    assert_eq!((listed.subject, listed.since), (agent(), since));

    node.unblock_agent(&operator, agent()).await.unwrap();
    node.unblock_agent(&operator, agent()).await.unwrap();
    assert!(opened(&federation, &proof(&federation)).await.is_ok());
}

#[tokio::test]
async fn who_is_blocked_is_listed_page_by_page() {
    let federation = Federation::new(1);
    let node = federation.node("mission-locale");
    let operator = operator(&federation).await;
    for number in 0..5 {
        let agent = Pii::new(format!("agent-{number}"));
        node.block_agent(&operator, agent).await.unwrap();
    }
    let (mut seen, mut token) = (BTreeSet::new(), String::new());
    let size = PageSize::from_wire(2).unwrap();
    loop {
        let page = node.blocked_agents(&operator, size, &token).unwrap();
        assert!(page.items.len() <= 2);
        seen.extend(page.items.into_iter().map(|a| a.subject.into_exposed()));
        let Some(next) = page.next else { break };
        token = next;
    }
    assert_eq!(seen.len(), 5);
}

#[tokio::test]
async fn only_an_operator_blocks_and_only_somebody_with_a_name() {
    let federation = Federation::new(1);
    let node = federation.node("mission-locale");
    let caseworker = federation.caseworker("mission-locale");
    assert_eq!(
        node.block_agent(&caseworker, agent()).await,
        Err(ExchangeError::RoleNotAllowed)
    );
    assert_eq!(
        node.unblock_agent(&caseworker, agent()).await,
        Err(ExchangeError::RoleNotAllowed)
    );
    let operator = operator(&federation).await;
    for wrong in ["", "a\nb", &"a".repeat(129)] {
        let refused = node
            .block_agent(&operator, Pii::new(wrong.to_owned()))
            .await;
        assert!(matches!(refused, Err(ExchangeError::Malformed(_))));
    }
}

#[tokio::test]
async fn i5_a_block_outlives_a_restart() {
    let mut federation = Federation::new(1);
    let session = opened(&federation, &proof(&federation)).await.unwrap();
    let operator = operator(&federation).await;
    let node = federation.node("mission-locale");
    node.block_agent(&operator, agent()).await.unwrap();
    federation.restart("mission-locale").await;
    let node = federation.node("mission-locale");
    assert_eq!(
        node.authenticate(&session.token, certificate()),
        Err(ExchangeError::AgentBlocked)
    );
}
