use std::io::{self, ErrorKind};
use std::path::Path;

use passerelle_domain::Timestamp;

use crate::engine::Mark;
use crate::files::{Files, replace};
use crate::store::{ClockFault, Store};

impl Store {
    /// Believes the wall clock although the newest frame is later: an operator says that the frame
    /// was written under a wrong clock. Durable when this returns: the times of all frames until
    /// now count no more. Gives the fault that it ended, or nothing when there was none.
    ///
    /// Time goes back once, by what the fault says; entries keep the times that they bear.
    pub fn accept_clock(&self) -> io::Result<Option<ClockFault>> {
        let core = &self.inner.core;
        // Nothing is written meanwhile: it would bear the time that is given up.
        core.with_nothing_written(|| {
            let Some(fault) = self.clock_fault() else {
                return Ok(None);
            };
            let accepted = AcceptedClock {
                batch: core.written().batch,
                wall: fault.wall,
            };
            accepted.keep(&*core.ports.files, &core.config.dir)?;
            core.set_newest(fault.wall);
            tracing::warn!(
                wall = %fault.wall,
                newest = %fault.newest,
                "an operator accepted the clock: time goes back"
            );
            Ok(Some(fault))
        })
    }
}

/// That the times of the frames up to a batch were declared wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AcceptedClock {
    batch: u64,
    /// What the wall clock showed then: time does not go back behind it.
    wall: Timestamp,
}

impl AcceptedClock {
    /// The last one of a folder.
    pub(crate) fn read(files: &dyn Files, dir: &Path) -> io::Result<Option<Self>> {
        let path = dir.join(MARK);
        let Some(bytes) = files.find(&path)? else {
            return Ok(None);
        };
        let damaged = || io::Error::new(ErrorKind::InvalidData, format!("{MARK} is damaged"));
        let text = std::str::from_utf8(&bytes).map_err(|_| damaged())?;
        let (batch, wall) = text.trim_end().split_once(' ').ok_or_else(damaged)?;
        Ok(Some(Self {
            batch: batch.parse().map_err(|_| damaged())?,
            wall: Timestamp::parse(wall).map_err(|_| damaged())?,
        }))
    }

    /// Whether the batch that ends at `after` was written since.
    pub(crate) fn is_before(self, after: Mark) -> bool {
        after.batch > self.batch
    }

    /// What the wall clock showed then.
    pub(crate) fn wall(self) -> Timestamp {
        self.wall
    }

    fn keep(self, files: &dyn Files, dir: &Path) -> io::Result<()> {
        let text = format!("{} {}\n", self.batch, self.wall);
        replace(files, &dir.join(MARK), text.as_bytes())?;
        files.sync_dir(dir)
    }
}

const MARK: &str = "clock-accepted";
