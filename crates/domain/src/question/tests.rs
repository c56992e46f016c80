use passerelle_proto::exchange::v1 as wire;

use super::*;
use crate::Timestamp;

struct Ones;

impl crate::Rng for Ones {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(1);
    }
}

fn question() -> Question {
    Question {
        exchange: ExchangeId::new(Timestamp::from_secs(1_800_000_000), &Ones),
        link: LinkId::random(&Ones),
        purpose: Purpose::Assessment,
        sections: [(Section::Diagnosis, Class::try_from(2).unwrap())].into(),
        usage: RecordUse::Display,
        agent: AskingAgent {
            reference: AgentRef::new("a-1").unwrap(),
            role: AgentRole::Caseworker,
            assurance: SessionAssurance::Asserted,
            second_factor: true,
        },
        nonce: [7; 32],
    }
}

#[test]
fn a_question_survives_the_wire() {
    assert_eq!(
        Question::try_from(&wire::Question::from(&question())).unwrap(),
        question()
    );
}

#[test]
fn what_is_malformed_is_named() {
    type Spoil = fn(&mut wire::Question);
    let cases: [(&str, Spoil); 10] = [
        ("exchange_id", |q| q.exchange_id = vec![0; 16].into()),
        ("link_id", |q| q.link_id = vec![0; 15].into()),
        ("purpose", |q| q.purpose = "curiosity".into()),
        ("sections", |q| q.sections.clear()),
        ("sections[0].section", |q| {
            q.sections[0].section = "secrets".into()
        }),
        ("sections[0].sensitivity", |q| q.sections[0].sensitivity = 5),
        ("sections[1]", |q| q.sections.push(q.sections[0].clone())),
        ("usage", |q| q.usage = "sell".into()),
        ("agent", |q| q.agent = None),
        ("nonce", |q| q.nonce = vec![0; 31].into()),
    ];
    for (field, spoil) in cases {
        let mut bad = wire::Question::from(&question());
        spoil(&mut bad);
        assert_eq!(Question::try_from(&bad).unwrap_err().field(), field);
    }
}
