use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_stream::StreamExt;

use super::*;
use crate::identity::PeerIdentity;
use crate::pki::LEAF_VALIDITY;
use crate::sample::{
    HOLDER, NOW, OTHER, REQUESTER, World, connect_from, handshake, listener, node,
};
use crate::tls::TrustHandle;

type Client = tokio_rustls::client::TlsStream<TcpStream>;

/// No test waits as long; one that would hang fails.
const AT_MOST: Duration = Duration::from_secs(10);

struct Holder {
    world: World,
    trust: TrustHandle,
    requester: TrustHandle,
    incoming: Incoming<PeerIdentity>,
    address: SocketAddr,
}

impl Holder {
    async fn with(limits: AcceptLimits) -> Self {
        Self::in_world(World::new(), limits).await
    }

    async fn in_world(world: World, limits: AcceptLimits) -> Self {
        let (trust, requester) = (world.trust(HOLDER), world.trust(REQUESTER));
        let (listener, address) = listener().await;
        let incoming = accept(listener, trust.clone(), limits, world.clock());
        Self {
            world,
            trust,
            requester,
            incoming,
            address,
        }
    }

    async fn next(&mut self) -> Connection<PeerIdentity> {
        timeout(AT_MOST, self.incoming.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap()
    }

    async fn dial(&self) -> io::Result<Client> {
        let tcp = connect_from("127.0.0.2", self.address).await?;
        let config = self
            .requester
            .current()
            .client_config(&node(HOLDER))
            .unwrap();
        handshake(tcp, config).await
    }

    /// A connection of the requester, both ends.
    async fn meet(&mut self) -> (Connection<PeerIdentity>, Client) {
        let client = self.dial().await.unwrap();
        (self.next().await, client)
    }
}

/// Waits until the other end has closed.
async fn closed(stream: &mut (impl AsyncReadExt + Unpin)) {
    let mut rest = Vec::new();
    let _closed_or_cut = timeout(AT_MOST, stream.read_to_end(&mut rest))
        .await
        .unwrap();
}

async fn aborted(connection: &mut Connection<PeerIdentity>) {
    let mut byte = [0];
    let error = timeout(AT_MOST, connection.read_exact(&mut byte))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
}

#[tokio::test]
async fn i9_a_connection_carries_the_identity_of_its_certificate() {
    let mut holder = Holder::with(AcceptLimits::default()).await;
    let (mut server, mut client) = holder.meet().await;
    let certificate = holder.requester.current().own().clone();
    assert_eq!(server.identity(), &certificate);
    assert_eq!(
        tonic::transport::server::Connected::connect_info(&server),
        certificate
    );
    client.write_all(b"bonjour").await.unwrap();
    let mut read = [0; 7];
    server.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"bonjour");
    server.write_all(b"merci").await.unwrap();
    server.shutdown().await.unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, b"merci");
}

#[tokio::test]
async fn i8_whoever_handshakes_slowly_keeps_others_out_neither_now_nor_for_long() {
    let handshake = Duration::from_millis(200);
    let limits = AcceptLimits {
        handshake,
        handshakes_per_address: 3,
        ..AcceptLimits::default()
    };
    let mut holder = Holder::with(limits).await;
    let mut slow = Vec::new();
    for _ in 0..3 {
        let mut tcp = connect_from("127.0.0.1", holder.address).await.unwrap();
        // The first bytes of a TLS record, and no more.
        tcp.write_all(&[22, 3, 1]).await.unwrap();
        slow.push(tcp);
    }
    let begun = tokio::time::Instant::now();
    let (_server, _client) = holder.meet().await;
    for tcp in &mut slow {
        closed(tcp).await;
    }
    assert!(
        begun.elapsed() < AT_MOST / 2,
        "the slow ones were not cut in time"
    );
}

#[tokio::test]
async fn i8_handshakes_beyond_those_of_an_address_are_closed_at_once() {
    let limits = AcceptLimits {
        handshake: Duration::from_secs(3600),
        handshakes_per_address: 3,
        ..AcceptLimits::default()
    };
    let mut holder = Holder::with(limits).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(connect_from("127.0.0.1", holder.address).await.unwrap());
    }
    let mut beyond = connect_from("127.0.0.1", holder.address).await.unwrap();
    closed(&mut beyond).await;
    let (_server, _client) = holder.meet().await;
    drop(held.pop());
    drop(held);
}

#[tokio::test]
async fn i8_handshakes_beyond_those_of_the_listener_are_closed_at_once() {
    let limits = AcceptLimits {
        handshake: Duration::from_secs(3600),
        handshakes: 2,
        ..AcceptLimits::default()
    };
    let holder = Holder::with(limits).await;
    let mut held = Vec::new();
    for source in ["127.0.0.1", "127.0.0.3"] {
        held.push(connect_from(source, holder.address).await.unwrap());
    }
    let mut beyond = connect_from("127.0.0.4", holder.address).await.unwrap();
    closed(&mut beyond).await;
}

#[tokio::test]
async fn i8_connections_beyond_those_of_a_member_are_closed_and_leave_room_when_they_go() {
    let limits = AcceptLimits {
        connections_per_party: 2,
        ..AcceptLimits::default()
    };
    let mut holder = Holder::with(limits).await;
    let first = holder.meet().await;
    let _second = holder.meet().await;
    let mut beyond = holder.dial().await.unwrap();
    closed(&mut beyond).await;
    drop(first);
    // The place is given back by the task that watched the connection.
    timeout(AT_MOST, async {
        loop {
            let mut client = holder.dial().await.unwrap();
            tokio::select! {
                _third = holder.incoming.next() => break,
                () = closed(&mut client) => {}
            }
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn i9_a_connection_ends_when_its_member_is_suspended() {
    let mut holder = Holder::with(AcceptLimits::default()).await;
    let (mut server, mut client) = holder.meet().await;
    holder.world.federation.suspend(&node(OTHER), NOW).unwrap();
    holder.trust.reload().unwrap();
    client.write_all(b"?").await.unwrap();
    server.read_u8().await.unwrap();
    holder
        .world
        .federation
        .suspend(&node(REQUESTER), NOW)
        .unwrap();
    holder.trust.reload().unwrap();
    aborted(&mut server).await;
    drop(server);
    closed(&mut client).await;
}

#[tokio::test]
async fn i9_a_connection_ends_when_its_certificate_is_revoked() {
    let mut holder = Holder::with(AcceptLimits::default()).await;
    let (mut server, _client) = holder.meet().await;
    holder
        .world
        .federation
        .revoke(&node(REQUESTER), NOW)
        .unwrap();
    holder.trust.reload().unwrap();
    aborted(&mut server).await;
}

#[tokio::test]
async fn i9_a_connection_that_waits_to_write_ends_too() {
    let mut holder = Holder::with(AcceptLimits::default()).await;
    let (mut server, _silent) = holder.meet().await;
    let writer = tokio::spawn(async move {
        let block = vec![0; 1 << 20];
        loop {
            if let Err(error) = server.write_all(&block).await {
                return error.kind();
            }
        }
    });
    holder
        .world
        .federation
        .revoke(&node(REQUESTER), NOW)
        .unwrap();
    holder.trust.reload().unwrap();
    let ended = timeout(AT_MOST, writer).await.unwrap().unwrap();
    assert_eq!(ended, io::ErrorKind::ConnectionAborted);
}

#[tokio::test]
async fn a_connection_ends_at_its_age() {
    let connection_age = Duration::from_millis(50);
    let mut holder = Holder::with(AcceptLimits {
        connection_age,
        ..AcceptLimits::default()
    })
    .await;
    let (mut server, _client) = holder.meet().await;
    aborted(&mut server).await;
}

#[tokio::test]
async fn a_connection_ends_with_the_certificate_of_the_other_end() {
    let world = World::new();
    let mut holder = Holder::in_world(world, AcceptLimits::default()).await;
    let end = NOW.plus(LEAF_VALIDITY);
    let renewed = end.minus(Duration::from_secs(60));
    holder
        .world
        .federation
        .authority()
        .renew_revocation_list(LEAF_VALIDITY, renewed)
        .unwrap();
    holder.world.federation.hand_out_revocations().unwrap();
    holder.world.clock.set(end.minus(Duration::from_millis(50)));
    holder.trust.reload().unwrap();
    holder.requester.reload().unwrap();
    let (mut server, _client) = holder.meet().await;
    aborted(&mut server).await;
}

#[tokio::test]
async fn a_change_during_a_handshake_is_seen_after_it() {
    let mut holder = Holder::with(AcceptLimits::default()).await;
    let connecting = connect_from("127.0.0.2", holder.address).await.unwrap();
    // The handshake has begun once the server has read, which it shows by an alert for nonsense;
    // so a second connection, accepted after it, stands for it.
    let (mut server, _client) = holder.meet().await;
    let config = holder
        .requester
        .current()
        .client_config(&node(HOLDER))
        .unwrap();
    holder
        .world
        .federation
        .revoke(&node(REQUESTER), NOW)
        .unwrap();
    holder.trust.reload().unwrap();
    aborted(&mut server).await;
    connecting.set_nodelay(true).unwrap();
    let mut client = handshake(connecting, config).await.unwrap();
    // Let in by what was trusted when it began, and cut by what is trusted now.
    let mut late = holder.next().await;
    aborted(&mut late).await;
    drop(late);
    closed(&mut client).await;
}

struct OutOfDescriptors {
    listener: TcpListener,
    failures: AtomicUsize,
}

impl Listen for OutOfDescriptors {
    async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        const EMFILE: i32 = 24;
        let left = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        match left {
            Ok(n) if n % 2 == 0 => Err(io::Error::from_raw_os_error(EMFILE)),
            Ok(_) => Err(io::ErrorKind::ConnectionAborted.into()),
            Err(_) => self.listener.accept().await,
        }
    }
}

#[tokio::test]
async fn i8_the_loop_outlives_errors_of_the_system() {
    let world = World::new();
    let (trust, requester) = (world.trust(HOLDER), world.trust(REQUESTER));
    let (listener, address) = listener().await;
    let (ready, connections) = mpsc::channel(READY);
    let listener = OutOfDescriptors {
        listener,
        failures: AtomicUsize::new(4),
    };
    let accepting = Loop::new(trust, AcceptLimits::default(), world.clock(), ready);
    tokio::spawn(accepting.run(listener));
    let mut incoming = Incoming { connections };
    let tcp = connect_from("127.0.0.1", address).await.unwrap();
    let config = requester.current().client_config(&node(HOLDER)).unwrap();
    let _client = handshake(tcp, config).await.unwrap();
    assert!(timeout(AT_MOST, incoming.next()).await.unwrap().is_some());
}

#[tokio::test]
async fn the_port_closes_when_nobody_serves_any_more() {
    let holder = Holder::with(AcceptLimits::default()).await;
    let address = holder.address;
    drop(holder.incoming);
    timeout(AT_MOST, async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[test]
fn addresses_of_one_end_user_are_counted_together() {
    let counted = |address: &str| counted_as(address.parse().unwrap());
    assert_eq!(counted("2001:db8:1:2::1"), counted("2001:db8:1:2:ffff::9"));
    assert_ne!(counted("2001:db8:1:2::1"), counted("2001:db8:1:3::1"));
    assert_eq!(counted("::ffff:192.0.2.1"), counted("192.0.2.1"));
    assert_ne!(counted("192.0.2.1"), counted("192.0.2.2"));
}
