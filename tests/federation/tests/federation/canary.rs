//! I10: no personal data in logs, errors, file names, or in the clear on any disk.

mod introduced;
mod records;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use passerelle_federation_tests::*;
use passerelle_gateway::config::{Format, Level, Telemetry};
use passerelle_gateway::telemetry;
use passerelle_proto::agency::v1::record_objection_request::Scope;
use passerelle_proto::agency::v1::{FindPersonsRequest, Identity, RecordObjectionRequest};
use passerelle_store::tables::persons;
use prost::Message;

const BIRTH_NAME: &str = "Quatrecanards-Éclusière";
const USAGE_NAME: &str = "Zéphyr-Passemuraille";
const FIRST_NAMES: &str = "Hildegarde Cunégonde Zoé";
const REFERENCE: &str = "dossier-social-quatre-mille";
const AGENT: &str = "conseillère.prénommée.Ermengarde";
const NIR: &str = "200116748212377";
/// Without its key: so it is kept.
const NIR_WITHOUT_KEY: &str = "2001167482123";
const LABEL: &str = "Atelier des jardins suspendus de Cernay";
const WANTS: &str = "Devenir dresseuse de cormorans";
const MESSAGE: &str = "Préfère être jointe par les écureuils du parc";
const NOTE: &str = "A pleuré en parlant du déménagement de 1998";
const RECORD_REFERENCE: &str = "pièce-jointe-quarante-douze";

/// What a node writes to standard error, and what callers are told.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_no_personal_data_is_written_in_the_clear() {
    let written = Written::default();
    let writer = written.clone();
    let config = Telemetry {
        format: Format::Json,
        level: Level::Debug,
    };
    let subscriber = telemetry::subscriber(config, move || writer.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let mut federation = Federation::start().await;
    let told = play(&federation).await;
    for node in NODES {
        federation.stop(node).await;
    }

    let canaries = Canaries::of(told.secrets.iter().map(String::as_str));
    let logs = written.0.lock().unwrap().clone();
    assert!(logs.len() > 1000, "something was written");
    assert_eq!(canaries.in_bytes("the logs", &logs), []);
    assert_eq!(canaries.in_bytes("the errors", told.errors.as_bytes()), []);
    assert_eq!(canaries.in_folder(federation.folder()), []);

    // What is looked for can be found: in what the API gave to those who may see it, in a line that
    // holds a name, and in a file.
    let given = canaries.in_bytes("answers", &told.given);
    for secret in [
        BIRTH_NAME,
        USAGE_NAME,
        FIRST_NAMES,
        REFERENCE,
        LABEL,
        WANTS,
        MESSAGE,
        NOTE,
    ]
    .into_iter()
    .chain(records::SECRETS)
    {
        assert!(given.iter().any(|found| found.text == secret), "{secret}");
    }
    tracing::error!(target: "passerelle_gateway", name = USAGE_NAME, "a field that no node writes");
    tracing::error!(target: "passerelle_gateway", reason = BIRTH_NAME, "one that it does");
    let logs = written.0.lock().unwrap().clone();
    let written = canaries.in_bytes("the logs", &logs);
    assert!(written.iter().all(|found| found.text == BIRTH_NAME));
    assert!(!written.is_empty());
    let planted = federation.folder().join(MISSION_LOCALE).join("planted");
    std::fs::write(planted, LABEL.to_uppercase()).unwrap();
    let planted = canaries.in_folder(federation.folder());
    assert!(planted.iter().all(|found| found.text == LABEL) && !planted.is_empty());
}

/// What was given to those who may see it, what others were told, and what is not to be found.
#[derive(Default)]
struct Told {
    given: Vec<u8>,
    errors: String,
    secrets: Vec<String>,
}

/// The whole story, with a text of its own in every personal field.
async fn play(federation: &Federation) -> Told {
    let mut told = Told::default();
    let agent = Agent::caseworker(AGENT);
    let mut linked = Linked::known(federation, MISSION_LOCALE, DEPARTEMENT).await;
    linked.holder = Agency::open(federation, MISSION_LOCALE, &agent).await;
    linked.asker = Agency::open(federation, DEPARTEMENT, &agent).await;
    linked.here = register(&linked.holder, REFERENCE, identity()).await;
    linked.there = register(&linked.asker, REFERENCE, identity()).await;
    keeps_the_nir(federation, &linked);
    let results = linked.keep(records::records()).await;
    for (number, result) in results.iter().enumerate() {
        let (field, rule) = (&*result.field, &*result.rule);
        assert_eq!((field, rule), ("", ""), "record {number}");
    }

    let pass = linked.issue_pass().await;
    Agency::told(linked.redeem(&pass)).await;
    let wrong = if pass.pin == "000000" {
        "111111"
    } else {
        "000000"
    };
    let refused = linked.redeem_as(exchange_id(), &pass, wrong).await;
    told.errors += &format!("{:?}", refused.unwrap_err());
    let opening = Opening {
        sections: records::SECTIONS.map(|section| (section, 2)).to_vec(),
        ..Opening::usual()
    };
    let agreed = linked.agree(&opening).await;
    let fetched = Agency::told(linked.fetch(&linked.question(&["steps", "project"]))).await;
    told.given.extend(fetched.encode_to_vec());
    told.given.extend(linked.source().await.encode_to_vec());
    told.given.extend(own_journey(&linked).await);
    told.given.extend(found(&linked).await);
    told.errors += &mistakes(&linked).await;
    introduced::play(federation, &linked, &agent, &mut told).await;
    told.given
        .extend(object(federation, &linked, &agent, &opening).await);
    linked.withdraw(&agreed.chain).await;
    for node in NODES {
        assert!(Entries::verify(federation, node).await.whole);
    }

    told.secrets = [
        BIRTH_NAME,
        USAGE_NAME,
        FIRST_NAMES,
        REFERENCE,
        AGENT,
        NIR,
        NIR_WITHOUT_KEY,
        LABEL,
        WANTS,
        MESSAGE,
        NOTE,
        RECORD_REFERENCE,
        introduced::MESSAGE,
    ]
    .map(str::to_owned)
    .to_vec();
    told.secrets.extend(records::SECRETS.map(str::to_owned));
    told.secrets.push(pass.pass_text.replace('-', ""));
    told.secrets.push(pass.pass_text);
    told
}

/// The association receives as well, until the person objects at the holder. Gives what it received.
async fn object(
    federation: &Federation,
    linked: &Linked,
    agent: &Agent,
    opening: &Opening,
) -> Vec<u8> {
    let asker = Agency::open(federation, ASSOCIATION, agent).await;
    let third = Linked {
        asker_node: ASSOCIATION,
        there: register(&asker, REFERENCE, identity()).await,
        asker,
        ..linked.clone()
    };
    let pass = third.issue_pass().await;
    Agency::told(third.redeem(&pass)).await;
    third.agree(opening).await;
    let received = Agency::told(third.fetch(&third.question(&records::SECTIONS))).await;
    let request = third.holder.request(RecordObjectionRequest {
        person_id: third.here.clone(),
        request_id: "objection-1".to_owned(),
        scope: Some(Scope::Everything(true)),
        lifts: String::new(),
    });
    let mut agreements = third.holder.agreements();
    Agency::told(agreements.record_objection(request)).await;
    let answer = Agency::told(third.fetch(&third.question(&["steps"]))).await;
    assert!(answer.nothing_to_share);
    received.encode_to_vec()
}

/// The département may keep the NIR, and does: it is there to be found.
fn keeps_the_nir(federation: &Federation, linked: &Linked) {
    let kept = |node: &str, person: &str| {
        let person = person.parse().unwrap();
        let store = federation.site(node).passerelle.store();
        let found = store.read(|view| persons::find(view, &person));
        found
            .unwrap()
            .unwrap()
            .unwrap()
            .identity
            .nir
            .starts_with(NIR_WITHOUT_KEY)
    };
    assert!(kept(DEPARTEMENT, &linked.there));
    assert!(!kept(MISSION_LOCALE, &linked.here));
}

fn identity() -> Identity {
    Identity {
        birth_name: BIRTH_NAME.to_owned(),
        usage_name: USAGE_NAME.to_owned(),
        first_names: FIRST_NAMES.to_owned(),
        birth_date: "2000-11-24".to_owned(),
        sex: "female".to_owned(),
        nir: NIR.to_owned(),
        ..Identity::default()
    }
}

async fn own_journey(linked: &Linked) -> Vec<u8> {
    let request = linked
        .holder
        .request(passerelle_proto::agency::v1::GetJourneyRequest {
            person_id: linked.here.clone(),
            page_size: 256,
            ..passerelle_proto::agency::v1::GetJourneyRequest::default()
        });
    Agency::told(linked.holder.journeys().get_journey(request))
        .await
        .encode_to_vec()
}

async fn found(linked: &Linked) -> Vec<u8> {
    let request = linked.holder.request(FindPersonsRequest {
        name: USAGE_NAME.to_owned(),
        birth_date: "2000-11-24".to_owned(),
        ..FindPersonsRequest::default()
    });
    let page = Agency::told(linked.holder.persons().find_persons(request)).await;
    assert_eq!(page.persons[0].identity.as_ref().unwrap().nir, "");
    page.encode_to_vec()
}

/// Personal texts where they do not belong: each is refused, and what is told repeats none of them.
async fn mistakes(linked: &Linked) -> String {
    let mut told = String::new();
    let mut question = linked.question(&["steps"]);
    for field in 0..6 {
        let mut wrong = question.clone();
        let place = match field {
            0 => &mut wrong.person_id,
            1 => &mut wrong.holder,
            2 => &mut wrong.exchange_id,
            3 => &mut wrong.purpose,
            4 => &mut wrong.usage,
            _ => &mut wrong.sections[0].section,
        };
        BIRTH_NAME.clone_into(place);
        told += &format!("{:?}", linked.fetch(&wrong).await.unwrap_err());
    }
    question.sections[0].sensitivity = 9;
    told += &format!("{:?}", linked.fetch(&question).await.unwrap_err());
    let mut record = step("wrong-1", "0612345678");
    let results = linked.keep(vec![record.clone()]).await;
    assert!(!results[0].rule.is_empty());
    told += &format!("{} {}", results[0].field, results[0].rule);
    record
        .record
        .as_mut()
        .unwrap()
        .record
        .as_mut()
        .unwrap()
        .observed_at = FIRST_NAMES.to_owned();
    let results = linked.keep(vec![record]).await;
    told += &format!("{} {}", results[0].field, results[0].rule);
    let identity = Identity {
        birth_date: LABEL.to_owned(),
        ..identity()
    };
    let request = linked
        .holder
        .request(passerelle_proto::agency::v1::RegisterPersonRequest {
            hidden: None,
            reference: REFERENCE.to_owned(),
            identity: Some(identity),
        });
    let refused = linked.holder.persons().register_person(request).await;
    told += &format!("{:?}", refused.unwrap_err());
    let question = linked.question(&["steps"]);
    let stolen = linked.asker.over(linked.holder.channel());
    let refused = stolen
        .journeys()
        .fetch_summary(stolen.request(question))
        .await;
    told += &format!("{:?}", refused.unwrap_err());
    told
}
