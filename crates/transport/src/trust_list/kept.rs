use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use passerelle_domain::claim::TrustList;
use passerelle_domain::{Digest, Timestamp, Verified};

use crate::file::{self, FileError};
use crate::jwt::{self, CoordinatorKeys};
use crate::trust_list::error::Number;
use crate::trust_list::{AcceptedList, ListError, Pin, follows, list};

/// The lists of one federation that a node has accepted, kept in a folder, one file each.
#[derive(Debug)]
pub struct TrustLists {
    folder: PathBuf,
    pin: Pin,
    pinned: CoordinatorKeys,
    /// Those of the pinned epoch, by rising serial; the last is in force.
    chain: Vec<Arc<AcceptedList>>,
}

/// What became of a list that was offered.
#[derive(Clone, Debug)]
pub enum Offered {
    /// It is in force from now on, and on disk.
    Accepted(Arc<AcceptedList>),
    /// It is one of those accepted before.
    Known,
    /// It is older than the first that this node accepted.
    Older,
}

impl TrustLists {
    /// Opens the folder, which need not be there, and checks again that each list in it follows
    /// from the one before and the first from the pinned key.
    pub fn open(folder: &Path, pin: Pin) -> Result<Self, ListError> {
        file::create_folder(folder)?;
        let pinned = pin.keys()?;
        let mut lists = Self {
            folder: folder.to_owned(),
            pin,
            pinned,
            chain: Vec::new(),
        };
        for ((epoch, _), path) in kept_files(folder)? {
            if epoch > lists.pin.epoch {
                return Err(ListError::OlderPin {
                    pinned: lists.pin.epoch,
                    kept: epoch,
                });
            }
            if epoch == lists.pin.epoch {
                let token = file::read(&path)?;
                let kept = |e| ListError::Kept {
                    path: path.clone(),
                    source: Box::new(e),
                };
                // Its time was looked at when it was accepted.
                let next = lists.next(&token, Timestamp::MAX).map_err(kept)?;
                lists.chain.push(Arc::new(next));
            }
        }
        Ok(lists)
    }

    /// The list in force, if there is one yet.
    pub fn in_force(&self) -> Option<&Arc<AcceptedList>> {
        self.chain.last()
    }

    /// The lists of the pinned epoch, the oldest first: what another node needs to follow.
    pub fn chain(&self) -> &[Arc<AcceptedList>] {
        &self.chain
    }

    /// The lists kept as evidence that two bear one number; there until somebody takes them away.
    pub fn conflicts(&self) -> Result<Vec<PathBuf>, ListError> {
        let mut files = files(&self.folder)?;
        files.retain(|path| name(path).is_some_and(|name| name.starts_with(CONFLICT)));
        files.sort();
        Ok(files)
    }

    /// Offers the lists in a file, one a line, the oldest first; says what became of the last.
    pub fn offer_file(&mut self, path: &Path, now: Timestamp) -> Result<Offered, ListError> {
        let text = file::read(path)?;
        if text.len() > list::MOST_OFFERED {
            return Err(FileError::TooLong(path.to_owned()).into());
        }
        let mut outcome = Offered::Older;
        for line in text.lines().filter(|line| !line.trim_ascii().is_empty()) {
            outcome = self.offer(line, now)?;
        }
        Ok(outcome)
    }

    /// Offers one signed list. Durable when this returns [`Offered::Accepted`].
    pub fn offer(&mut self, token: &str, now: Timestamp) -> Result<Offered, ListError> {
        let token = token.trim_ascii();
        let digest = Digest::of(token.as_bytes());
        if self.chain.iter().any(|kept| *kept.sha256() == digest) {
            return Ok(Offered::Known);
        }
        let next = match self.next(token, now) {
            Ok(next) => Arc::new(next),
            Err(refusal) => return self.place_among_kept(token, now)?.ok_or(refusal),
        };
        let (epoch, serial) = next.list().number();
        file::replace(&self.folder.join(file_name(epoch, serial)), token)?;
        self.chain.push(Arc::clone(&next));
        Ok(Offered::Accepted(next))
    }

    /// Checks that `token` follows the list in force.
    fn next(&self, token: &str, now: Timestamp) -> Result<AcceptedList, ListError> {
        let in_force = self.chain.last();
        let keys = in_force.map_or(&self.pinned, |kept| kept.coordinator_keys());
        let claims: Verified<TrustList> = jwt::verify_unaddressed(token, keys, now)?;
        if claims.epoch != self.pin.epoch {
            return Err(ListError::OtherEpoch {
                pinned: self.pin.epoch,
                offered: claims.epoch,
            });
        }
        if let Some(kept) = in_force {
            follows(&claims, kept)?;
        }
        AcceptedList::new(token, claims)
    }

    /// Looks whether a list that cannot follow is one of the past. If it bears the number of a kept
    /// one, and a key that could sign that one signed this one too, it is evidence, kept beside.
    fn place_among_kept(&self, token: &str, now: Timestamp) -> Result<Option<Offered>, ListError> {
        let mut keys = &self.pinned;
        for (place, kept) in self.chain.iter().enumerate() {
            if let Ok(claims) = jwt::verify_unaddressed::<TrustList>(token, keys, now) {
                let number = claims.number();
                if number == kept.list().number() {
                    let path = self.folder.join(conflict_name(number, token));
                    file::replace(&path, token)?;
                    return Err(ListError::TwoLists { number, kept: path });
                }
                if place == 0 && number < kept.list().number() {
                    return Ok(Some(Offered::Older));
                }
            }
            keys = kept.coordinator_keys();
        }
        Ok(None)
    }
}

/// Names sort as numbers do.
fn file_name(epoch: u32, serial: u64) -> String {
    format!("list-{epoch:010}-{serial:020}.jwt")
}

fn conflict_name((epoch, serial): Number, token: &str) -> String {
    let digest = Digest::of(token.as_bytes()).to_string();
    format!("{CONFLICT}{epoch:010}-{serial:020}-{}.jwt", &digest[..16])
}

fn kept_files(folder: &Path) -> Result<Vec<(Number, PathBuf)>, ListError> {
    let mut kept = Vec::new();
    for path in files(folder)? {
        if let Some(number) = name(&path).and_then(number_of) {
            kept.push((number, path));
        }
    }
    kept.sort();
    Ok(kept)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, ListError> {
    let unreadable = |e| file::io_error(folder, e);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        files.push(entry.map_err(unreadable)?.path());
    }
    Ok(files)
}

fn name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

fn number_of(name: &str) -> Option<Number> {
    let (epoch, serial) = name
        .strip_prefix("list-")?
        .strip_suffix(".jwt")?
        .split_once('-')?;
    Some((epoch.parse().ok()?, serial.parse().ok()?))
}

const CONFLICT: &str = "conflict-";
