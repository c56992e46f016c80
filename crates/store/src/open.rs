use std::sync::Arc;

use passerelle_domain::{Digest, Timestamp};
use passerelle_tlog::VerifyingKey;

use crate::clock::AcceptedClock;
use crate::config::StoreConfig;
use crate::core::{Core, LOG, WAL};
use crate::error::OpenError;
use crate::files::replace;
use crate::log::LogFolder;
use crate::overlay::Overlay;
use crate::ports::Ports;
use crate::rollback::RollbackMark;
use crate::snapshot::Snapshots;
use crate::store::{Parts, Store};
use crate::view::View;
use crate::wal::{self, Spares, Wal};
use crate::writer::Writer;

mod engine;
mod published;
mod replay;

use engine::EngineState;
use published::Published;

/// What opening a store found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReport {
    /// There was none: it is new.
    pub created: bool,
    /// Batches that the engine had not taken yet.
    pub replayed_batches: u64,
    /// A batch that a crash had interrupted, and nobody had been told of, was cut off.
    pub cut_incomplete_batch: bool,
    /// Why the engine was set aside and made again, if it was.
    pub engine_rebuilt: Option<String>,
    /// Leaves of the exchange log.
    pub log_size: u64,
    /// The node was found to be an old copy of itself before; it must disclose nothing.
    pub rolled_back: bool,
}

pub(crate) fn open(config: StoreConfig, ports: Ports) -> Result<(Store, OpenReport), OpenError> {
    validate(&config)?;
    let files = ports.files.clone();
    let key = ports.log_key.clone();
    let wal_dir = config.dir.join(WAL);
    files
        .create_dir(&wal_dir)
        .map_err(OpenError::io("making the folder of the wal"))?;
    let lock = files
        .lock(&config.dir.join("lock"))
        .map_err(OpenError::io("locking the folder"))?;
    let lock = lock.ok_or(OpenError::Locked)?;

    let origin = key.verifying_key().name();
    let folder =
        LogFolder::new(files.clone(), &config.dir.join(LOG), origin).ok_or(OpenError::Origin)?;
    files
        .create_dir(folder.root())
        .map_err(OpenError::io("making the folder of the log"))?;
    let rollback = RollbackMark::read(files.clone(), config.dir.clone())
        .map_err(OpenError::io("reading a mark"))?;
    let snapshots = Snapshots::find(
        files.clone(),
        config.dir.join("snapshots"),
        config.snapshot_interval_bytes,
    )
    .map_err(OpenError::io("looking for snapshots"))?;

    let segments = wal::segments(&*files, &wal_dir, origin_digest(key.verifying_key()))?;
    let published = Published::find(&folder, key.verifying_key(), &segments)?;
    let closed_well = take_good_order(&config, &ports)?;
    let oldest = segments
        .first()
        .map_or(0, |segment| segment.head.mark.batch);
    let mut engine = EngineState::open(&config, &ports, &snapshots, oldest, closed_well)?;
    let accepted = AcceptedClock::read(&*files, &config.dir);
    let accepted = accepted.map_err(OpenError::io("reading which clock was accepted"))?;
    let replayed = replay::replay(
        &*files,
        &segments,
        &published,
        &mut engine,
        &folder,
        accepted,
    )?;
    replayed.settle(&*files, &wal_dir)?;

    let spares = Spares::find(
        files.clone(),
        wal_dir.clone(),
        config.segment_bytes,
        config.reserve_bytes,
    );
    let spares = Arc::new(spares.map_err(OpenError::io("looking for spare segments"))?);
    let digest = origin_digest(key.verifying_key());
    let wal = Wal::resume(
        files.clone(),
        wal_dir,
        digest,
        spares.clone(),
        &replayed.tail,
    )
    .map_err(OpenError::io("opening the wal"))?;
    let written = replayed.tail.mark;
    let cut_incomplete_batch = replayed.tail.incomplete;
    let log = replayed.into_log(&config, files, key, folder, published.size());
    rollback
        .judge_again(&log.log)
        .map_err(OpenError::io("removing a mark"))?;
    let report = OpenReport {
        created: segments.is_empty(),
        replayed_batches: engine.replayed,
        cut_incomplete_batch,
        engine_rebuilt: engine.rebuilt.take(),
        log_size: log.log.size(),
        rolled_back: rollback.is_set(),
    };
    let overlay = Overlay::new(engine.engine, config.unapplied_bytes, config.cached_bytes);
    let core = Arc::new(Core::new(config, ports, overlay, log.log, log.newest));
    crate::tables::verify_keys(&View::new(&core.overlay, &core.sealer))?;
    core.set_written(written);
    // What was promised before the process ended is late already.
    if let Err(error) = core.log.publish() {
        tracing::error!(%error, "the exchange log cannot be published");
    }
    // As if it had been written since the start: a node that restarts often takes snapshots too.
    core.count_wal_bytes(snapshots.segments_since(&segments) * core.config.segment_bytes);
    let writer = Writer::new(core.clone(), wal, log.tree);
    let store = Store::start(Parts {
        core,
        writer,
        spares,
        snapshots,
        rollback,
        lock,
    })?;
    Ok((store, report))
}

/// Names the log that a wal belongs to.
pub(crate) fn origin_digest(key: &VerifyingKey) -> Digest {
    Digest::of(key.name().as_str().as_bytes())
}

/// Notes that the engine was handed to the disk: the next start need not read all of it.
pub(crate) fn note_good_order(core: &Core) -> std::io::Result<()> {
    let dir = &core.config.dir;
    replace(&*core.ports.files, &dir.join(GOOD_ORDER), b"")?;
    core.ports.files.sync_dir(dir)
}

/// Whether the store was closed in good order; from now on it is not.
fn take_good_order(config: &StoreConfig, ports: &Ports) -> Result<bool, OpenError> {
    let io = OpenError::io;
    let path = config.dir.join(GOOD_ORDER);
    if ports
        .files
        .find(&path)
        .map_err(io("reading a mark"))?
        .is_none()
    {
        return Ok(false);
    }
    ports.files.remove(&path).map_err(io("removing a mark"))?;
    ports
        .files
        .sync_dir(&config.dir)
        .map_err(io("removing a mark"))?;
    Ok(true)
}

fn validate(config: &StoreConfig) -> Result<(), OpenError> {
    let refuse = |field, rule| Err(OpenError::Config { field, rule });
    let largest = config.largest_batch_bytes();
    if config.segment_bytes < largest {
        return refuse(
            "segment_bytes",
            "must hold batch_bytes and transaction_bytes together, and 4 KiB",
        );
    }
    if config.reserve_bytes < largest {
        return refuse(
            "reserve_bytes",
            "must hold batch_bytes and transaction_bytes together, and 4 KiB",
        );
    }
    if !config.segment_bytes.is_multiple_of(wal::BLOCK as u64)
        || !config.reserve_bytes.is_multiple_of(wal::BLOCK as u64)
    {
        return refuse("segment_bytes, reserve_bytes", "must be multiples of 512");
    }
    if config.publish_interval_ms > config.promise_ms / 2 {
        return refuse(
            "publish_interval_ms",
            "must be at most half of promise_ms, so that there is a second try",
        );
    }
    if config.batch_transactions == 0 || config.queue_transactions == 0 {
        return refuse("batch_transactions, queue_transactions", "must not be 0");
    }
    Ok(())
}

/// The time of the newest frame, when there is none.
const NEVER: Timestamp = Timestamp::from_millis(0);

const GOOD_ORDER: &str = "closed-in-good-order";
