use std::sync::Arc;
use std::time::Duration;

use passerelle_domain::{Clock, Digest, ExchangeId, LinkId};
use passerelle_gateway::runtime::SystemClock;
use passerelle_gateway::stubs::exchange::v1::exchange_service_client::ExchangeServiceClient;
use passerelle_proto::exchange::v1 as wire;
use passerelle_transport::channel::{ChannelLimits, PeerChannels};
use prost::Message;
use tonic::transport::Channel;
use tonic::{Response, Status};

use crate::Federation;
use crate::agency::chance;
use crate::federation::node_id;

/// A member that writes its messages by hand, under the certificate of a node.
pub struct Member {
    channels: PeerChannels,
}

/// One attempt at a question.
#[derive(Clone, Debug)]
pub struct Attempting {
    /// The question.
    pub question: wire::Question,
    /// The number of the attempt.
    pub number: u32,
}

impl Member {
    /// With the certificate of `node`.
    pub fn of(federation: &Federation, node: &str) -> Self {
        let trust = federation.site(node).trust.nodes.clone();
        Self {
            channels: PeerChannels::new(trust, Arc::new(SystemClock), ChannelLimits::default()),
        }
    }

    /// Asks `holder`.
    pub async fn ask(
        &self,
        holder: &str,
        attempting: &Attempting,
    ) -> Result<Response<wire::AskResponse>, Status> {
        self.client(holder).ask(attempting.request()).await
    }

    /// Delivers items to `peer`.
    pub async fn deliver(
        &self,
        peer: &str,
        items: Vec<wire::delivery_item::Item>,
    ) -> Result<Vec<wire::DeliveryAnswer>, Status> {
        let numbered = (1..).zip(items);
        let body = wire::DeliverBody {
            sent_at_millis: SystemClock.now().as_millis(),
            nonce: chance().bytes::<32>().to_vec().into(),
            items: numbered
                .map(|(number, item)| wire::DeliveryItem {
                    number,
                    item: Some(item),
                })
                .collect(),
            ..wire::DeliverBody::default()
        };
        let request = wire::DeliverRequest {
            envelope: Some(envelope(&body)),
        };
        let answer = self.client(peer).deliver(request).await?.into_inner();
        let body = answer.envelope.expect("an envelope").body;
        let answers = wire::DeliverAnswerBody::decode(body).expect("a body");
        Ok(answers.answers)
    }

    fn client(&self, peer: &str) -> ExchangeServiceClient<Channel> {
        let channel = self.channels.channel(&node_id(peer));
        ExchangeServiceClient::new(channel.expect("a member that can be dialled"))
    }
}

impl Attempting {
    /// The first attempt at a new question over `link`.
    pub fn first(link: LinkId) -> Self {
        Self {
            question: wire::Question {
                exchange_id: ExchangeId::new(SystemClock.now(), chance())
                    .as_bytes()
                    .to_vec()
                    .into(),
                link_id: link.as_bytes().to_vec().into(),
                purpose: "pathway_follow_up".to_owned(),
                sections: vec![wire::AskedSection {
                    section: "steps".to_owned(),
                    sensitivity: 1,
                }],
                usage: "display".to_owned(),
                agent: Some(wire::AskingAgent {
                    agent_ref: "agent".to_owned(),
                    role: "caseworker".to_owned(),
                    assurance: "asserted".to_owned(),
                    second_factor: true,
                }),
                nonce: chance().bytes::<32>().to_vec().into(),
            },
            number: 1,
        }
    }

    /// The message.
    pub fn request(&self) -> wire::AskRequest {
        let question = self.question.encode_to_vec();
        let body = wire::AskBody {
            attempt: Some(wire::Attempt {
                number: self.number,
                sent_at_millis: SystemClock.now().as_millis(),
                asked_leaf_hash: Digest::of(&question).as_bytes().to_vec().into(),
                held_checkpoint: Default::default(),
            }),
            question: question.into(),
            receipts: Vec::new(),
        };
        wire::AskRequest {
            envelope: Some(envelope(&body)),
        }
    }
}

/// The body of an answer.
pub fn answer(response: &wire::AskResponse) -> wire::answer_body::Result {
    let body = &response.envelope.as_ref().expect("an envelope").body;
    let body = wire::AnswerBody::decode(&**body).expect("a body");
    body.result.expect("a result")
}

fn envelope(body: &impl Message) -> wire::Envelope {
    wire::Envelope {
        body: body.encode_to_vec().into(),
    }
}

/// Longer than anything here takes.
pub const SOON: Duration = Duration::from_secs(20);
