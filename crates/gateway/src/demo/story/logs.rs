use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use passerelle_proto::audit::v1::GetLatestCheckpointRequest;
use passerelle_tlog::{
    Depth, DirSource, Finding, Report, SignedCheckpoint, TilePath, VerifyingKey, verify_log,
};

use super::audited::Logged;
use super::must;
use crate::demo::agency::Agency;
use crate::demo::error::{DemoError, of_file};
use crate::demo::federation::{Federation, Site};
use crate::demo::narrator::{Narrator, fill};

/// Each log is checked offline, from the folder that its node publishes.
pub(super) async fn verify(
    federation: &Federation,
    tell: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let texts = tell.texts;
    tell.step(texts.logs_step)?;
    for site in federation.sites() {
        published(federation, site, texts.logs_unpublished).await?;
        let checked = check(&site.log_folder(), &site.log_key)?;
        let report = checked.map_err(|finding| DemoError::Step(finding.to_string()))?;
        let name = site.organisation.name;
        tell.holds(&fill(texts.logs_hold, &[&name, &report.entries]))?;
    }
    Ok(())
}

/// Somebody makes the refusal say something else, in a copy of the log; the check names the entry.
pub(super) fn alter(
    federation: &Federation,
    refused: &Logged,
    tell: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    let texts = tell.texts;
    let site = &federation.mission_locale;
    let copy = federation.folder.join(ALTERED_LOG);
    copy_folder(&site.log_folder(), &copy).map_err(of_file(&copy))?;
    let changed = flip(&copy, &site.log_key, refused)?;
    must(changed, texts.altered_not_found)?;
    tell.step(texts.altered_step)?;
    tell.say(&fill(
        texts.altered_story,
        &[&copy.display(), &refused.index],
    ))?;
    match check(&copy, &site.log_key)? {
        Err(Finding::Entry { index, tile }) if index == refused.index => {
            tell.holds(&fill(texts.altered_named, &[&index, &tile]))?;
            Ok(())
        }
        Err(other) => Err(DemoError::Step(other.to_string())),
        Ok(_) => must(false, texts.altered_unnoticed),
    }
}

/// Waits until the published folder holds all that its node has signed by now.
async fn published(federation: &Federation, site: &Site, late: &str) -> Result<(), DemoError> {
    let officer = Agency::officer(site, &federation.world).await?;
    let latest = officer
        .get_latest_checkpoint(GetLatestCheckpointRequest {})
        .await?;
    let latest = SignedCheckpoint::open(latest.checkpoint.as_bytes(), &site.log_key)?;
    let folder = site.log_folder();
    for _ in 0..LOOKS {
        if head(&folder, &site.log_key).is_ok_and(|head| head.size() >= latest.size()) {
            return Ok(());
        }
        federation.world.timer.sleep(BETWEEN_LOOKS).await;
    }
    must(false, late)
}

/// What the folder says of itself, checked from its checkpoint down to every entry.
fn check(folder: &Path, key: &VerifyingKey) -> Result<Result<Report, Finding>, DemoError> {
    let head = head(folder, key)?;
    Ok(verify_log(
        &DirSource::new(folder),
        &head,
        Depth::Entries,
        |_| {},
    ))
}

fn head(folder: &Path, key: &VerifyingKey) -> Result<SignedCheckpoint, DemoError> {
    let checkpoint = DirSource::new(folder)
        .checkpoint()
        .map_err(of_file(folder))?;
    Ok(SignedCheckpoint::open(&checkpoint, key)?)
}

/// Changes one bit of the entry where it says why; `false` where the entry is not found.
fn flip(folder: &Path, key: &VerifyingKey, logged: &Logged) -> Result<bool, DemoError> {
    let bundle = logged.index / PER_BUNDLE;
    let rest = head(folder, key)?
        .size()
        .saturating_sub(bundle * PER_BUNDLE);
    let width = u16::try_from(rest.min(PER_BUNDLE)).unwrap_or(u16::MAX);
    let Ok(path) = TilePath::entries(bundle, width) else {
        return Ok(false);
    };
    let file = folder.join(path.to_string());
    let mut bytes = fs::read(&file).map_err(of_file(&file))?;
    let found = place(&bytes, logged.json.as_bytes());
    let reason = place(logged.json.as_bytes(), REASON.as_bytes());
    let Some((start, within)) = found.zip(reason) else {
        return Ok(false);
    };
    if let Some(byte) = bytes.get_mut(start + within + 1) {
        *byte ^= 1;
    }
    fs::write(&file, bytes).map_err(of_file(&file))?;
    Ok(true)
}

fn place(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// Copies what is published; what is sealed stays.
fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    fs::copy(from.join("checkpoint"), to.join("checkpoint"))?;
    copy_all(&from.join("tile"), &to.join("tile"))
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The copy, in the folder of the federation.
pub(in crate::demo) const ALTERED_LOG: &str = "altered-log";
/// What is changed in the entry.
const REASON: &str = "\"no_receipt\"";
/// C2SP tlog-tiles, "Log Entries".
const PER_BUNDLE: u64 = 256;
/// A node publishes within a second.
const LOOKS: u32 = 250;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
