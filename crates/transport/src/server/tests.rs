use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tonic::service::Routes;

use super::*;
use crate::accept::accept;
use crate::sample::{HOLDER, REQUESTER, World, connect_from, handshake, listener, node};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const END_HEADERS: u8 = 4;
const ENHANCE_YOUR_CALM: u32 = 11;
/// RFC 7541 appendix A: `:method: POST`, `:scheme: http`, `:path: /`.
const REQUEST: &[u8] = &[0x83, 0x86, 0x84];

/// A member that speaks HTTP/2 frame by frame (RFC 9113).
struct Frames {
    tls: TlsStream<TcpStream>,
    _world: World,
}

impl Frames {
    async fn connect(http2: Http2Limits) -> Self {
        let world = World::new();
        let (trust, requester) = (world.trust(HOLDER), world.trust(REQUESTER));
        let (listener, address) = listener().await;
        let limits = AcceptLimits::default();
        let incoming = accept(listener, trust, limits, world.clock());
        let router = server(&http2, &limits).add_routes(Routes::default());
        tokio::spawn(router.serve_with_incoming(incoming));
        let tcp = connect_from("127.0.0.1", address).await.unwrap();
        let config = requester.current().client_config(&node(HOLDER)).unwrap();
        let mut tls = handshake(tcp, config).await.unwrap();
        tls.write_all(PREFACE).await.unwrap();
        tls.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
        Self { tls, _world: world }
    }

    async fn read(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 9];
        self.tls.read_exact(&mut head).await.unwrap();
        let length = usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut payload = vec![0; length];
        self.tls.read_exact(&mut payload).await.unwrap();
        (head[3], payload)
    }

    /// Why the server says good-bye.
    async fn goaway(&mut self) -> u32 {
        loop {
            if let (GOAWAY, payload) = self.read().await {
                return u32::from_be_bytes(payload[4..8].try_into().unwrap());
            }
        }
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

#[tokio::test]
async fn i8_the_bounds_are_the_ones_that_a_peer_is_told() {
    let mut frames = Frames::connect(Http2Limits::default()).await;
    let (kind, payload) = frames.read().await;
    assert_eq!(kind, SETTINGS);
    let told = |id: u16| {
        payload
            .chunks(6)
            .find(|s| u16::from_be_bytes([s[0], s[1]]) == id)
            .map(|s| u32::from_be_bytes([s[2], s[3], s[4], s[5]]))
    };
    // RFC 9113 §6.5.2.
    assert_eq!(told(3), Some(64), "MAX_CONCURRENT_STREAMS");
    assert_eq!(told(4), Some(256 << 10), "INITIAL_WINDOW_SIZE");
    assert_eq!(told(5), Some(16 << 10), "MAX_FRAME_SIZE");
    assert_eq!(told(6), Some(16 << 10), "MAX_HEADER_LIST_SIZE");
}

#[tokio::test]
async fn i8_a_peer_that_opens_and_resets_streams_is_sent_away() {
    let limits = Http2Limits {
        pending_resets: 5,
        ..Http2Limits::default()
    };
    let mut frames = Frames::connect(limits).await;
    let mut flood = Vec::new();
    for n in 0..500 {
        let stream = 2 * n + 1;
        flood.extend(frame(HEADERS, END_HEADERS, stream, REQUEST));
        flood.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
    }
    frames.tls.write_all(&flood).await.unwrap();
    assert_eq!(frames.goaway().await, ENHANCE_YOUR_CALM);
}

#[tokio::test]
async fn i8_a_peer_that_makes_the_server_reset_streams_is_sent_away() {
    let limits = Http2Limits {
        local_resets: 10,
        ..Http2Limits::default()
    };
    let mut frames = Frames::connect(limits).await;
    let mut flood = Vec::new();
    for n in 0..60 {
        let stream = 2 * n + 1;
        flood.extend(frame(HEADERS, END_HEADERS, stream, REQUEST));
        // RFC 9113 §6.9.1: a window past 2^31-1 is an error of the stream.
        flood.extend(frame(
            WINDOW_UPDATE,
            0,
            stream,
            &0x7fff_ffff_u32.to_be_bytes(),
        ));
    }
    frames.tls.write_all(&flood).await.unwrap();
    assert_eq!(frames.goaway().await, ENHANCE_YOUR_CALM);
}
