use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use passerelle_domain::claim::{Effect, Grant};
use passerelle_domain::vocabulary::{
    AgentRole, EvidenceKind, GivenBy, GrantAction, LawfulBasis, Purpose, RecordUse, Section,
    SessionAssurance,
};
use passerelle_domain::{
    AgentRef, Caller, Class, Clock, ExchangeId, NodeId, PersonId, Pii, Rng, SessionId, Timestamp,
};
use passerelle_exchange::{
    Direction, ExchangeError, FetchSummary, Fetched, Partner, Passerelle, RecordAgreement,
    RequestId,
};
use passerelle_gateway::assemble::{Assembled, World, assemble};
use passerelle_gateway::runtime::{SystemClock, SystemRng};
use passerelle_gateway::throwaway::notices;
use passerelle_store::tables::{peer_entries, persons};
use passerelle_tlog::{
    Bundle, Depth, DirSource, SignedCheckpoint, TileSource, TlogProof, bundles_to_write, verify_log,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::{Holder, Stand};

/// The node that asks: it checks every answer against all it has seen before, and keeps what the
/// holder showed of its log.
pub struct Requester {
    passerelle: Passerelle,
    caller: Caller,
    person: PersonId,
    holder: NodeId,
    chance: SystemRng,
    answered: AtomicU64,
    end: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl Requester {
    /// The demo's département, in this process.
    pub async fn start(stand: &Stand) -> Self {
        let (_, config) = stand.config("departement");
        let siret = config.agency.systems[0].sirets.iter().next().copied();
        let Assembled {
            node, passerelle, ..
        } = assemble(&config, World::real())
            .await
            .expect("the node starts");
        let (end, ended) = oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            let shutdown = async {
                let _ended = ended.await;
            };
            node.run(shutdown)
                .await
                .expect("the node ends in good order");
        });
        let person = passerelle
            .store()
            .read(|view| persons::find_by_reference(view, REFERENCE))
            .expect("the store reads")
            .expect("the tables read")
            .expect("the person of the story");
        let requester = Self {
            person: person.id,
            holder: "mission-locale".parse().expect("a name"),
            caller: Caller {
                session: SessionId::from_bytes([1; 16]),
                system: "logiciel-metier".to_owned(),
                subject: Pii::new("agent".to_owned()),
                reference: AgentRef::new("agent-1").expect("a reference"),
                siret: siret.expect("the system's establishment"),
                role: AgentRole::Caseworker,
                assurance: SessionAssurance::Asserted,
                second_factor: true,
            },
            chance: SystemRng::new(),
            passerelle,
            answered: AtomicU64::new(0),
            end,
            running,
        };
        requester.agree().await;
        requester
    }

    /// Asks a new question; counts it if it was answered with a summary.
    pub async fn ask(&self) -> Result<Fetched, ExchangeError> {
        let chance: &dyn Rng = &self.chance;
        let request = FetchSummary {
            person: self.person,
            holder: self.holder.clone(),
            exchange: ExchangeId::new(SystemClock.now(), chance),
            purpose: Purpose::PathwayFollowUp,
            sections: BTreeMap::from([(Section::Steps, Class::LivingConditions)]),
            usage: RecordUse::Display,
        };
        let fetched = self.passerelle.fetch_summary(&self.caller, request).await?;
        assert!(fetched.summary.is_some(), "the agreement opens the steps");
        self.answered.fetch_add(1, Ordering::Relaxed);
        Ok(fetched)
    }

    /// How many answers came.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Checks the holder's published log, and that every entry that it ever showed with an answer is
    /// in it, at its place. The holder must have been stopped in good order. Gives how many entries
    /// it had shown.
    pub fn holder_lost_nothing(&self, holder: &Holder) -> usize {
        let (source, checkpoint, entries) = published(holder);
        verify_log(&source, &checkpoint, Depth::Entries, |_| {})
            .expect("the holder's log is whole");
        let shown = self.shown();
        for (index, entry) in &shown {
            let kept = usize::try_from(*index)
                .ok()
                .and_then(|index| entries.get(index));
            assert!(
                kept == Some(entry),
                "entry {index}, which was shown with an answer, is lost"
            );
        }
        shown.len()
    }

    /// Ends the node.
    pub async fn stop(self) {
        let _told = self.end.send(());
        self.running.await.expect("the node does not panic");
    }

    /// Every entry of the holder's log that came with an answer, by its place there.
    fn shown(&self) -> BTreeMap<u64, Vec<u8>> {
        let store = self.passerelle.store();
        let size = store.log().size();
        let read = |view: &passerelle_store::View<'_>| {
            let shown = (0..size).filter_map(|leaf| peer_entries::find(view, leaf).transpose());
            shown.collect::<Result<Vec<_>, _>>()
        };
        let shown = store
            .read(read)
            .expect("the store reads")
            .expect("the tables read");
        let with_place = shown.into_iter().map(|shown| {
            let proof = TlogProof::parse(&shown.proof).expect("it was checked when it came");
            (proof.index, proof.checkpoint, shown.entry.to_vec())
        });
        with_place
            .filter(|(_, checkpoint, _)| checkpoint.starts_with(self.holder.as_str()))
            .map(|(index, _, entry)| (index, entry))
            .collect()
    }

    async fn agree(&self) {
        // Of the example, which the demo shows.
        let federation = self.passerelle.own().federation.clone();
        let mut texts = notices::catalogue(&federation, Timestamp::from_secs(0)).texts;
        texts.retain(|text| text.id == notices::INFORMATION && text.lang == "fr");
        let shown = texts.pop().expect("a notice").notice();
        let grant = Grant {
            effect: Effect::Permit,
            actions: [GrantAction::Read].into(),
            sections: [(Section::Steps, Class::LivingConditions)].into(),
            purposes: [Purpose::PathwayFollowUp].into(),
            until: None,
        };
        let request = RecordAgreement {
            person: self.person,
            request: RequestId::new("faults").expect("an id"),
            partners: vec![Partner {
                node: self.holder.clone(),
                direction: Direction::PartnerToOwn,
            }],
            basis: LawfulBasis::PublicTask,
            given_by: GivenBy::Person,
            notice: shown,
            evidence: EvidenceKind::Attested,
            grants: vec![grant],
            expires_at: None,
            replaces: None,
        };
        self.passerelle
            .record_agreement(&self.caller, request)
            .await
            .expect("an agreement");
    }
}

/// The holder's log as an outsider reads it: its folder, its last checkpoint, and all entries.
fn published(holder: &Holder) -> (DirSource, SignedCheckpoint, Vec<Vec<u8>>) {
    let key = holder.log_key();
    let source = DirSource::new(holder.data_dir().join("log").join(key.name().as_str()));
    let note = source.checkpoint().expect("a checkpoint");
    let checkpoint = SignedCheckpoint::open(&note, &key).expect("its key's signature");
    let mut entries = Vec::new();
    for path in bundles_to_write(0, checkpoint.size()) {
        let bytes = source
            .read(&path)
            .expect("a readable bundle")
            .expect("the bundle");
        let bundle = Bundle::new(&bytes).map(|entry| entry.expect("a whole bundle").to_vec());
        entries.extend(bundle);
    }
    (source, checkpoint, entries)
}

/// The young woman of the story, at the département.
const REFERENCE: &str = "dossier-0001";
