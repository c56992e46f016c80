//! The texts that persons are shown.

use std::fs;
use std::io;
use std::path::Path;

use passerelle_proto::agency::v1::{GetNoticeRequest, ShownNotice};

use super::agency::{Agency, Refused};
use crate::throwaway::notices::TEXTS;

/// The text of that name that the node shows today, as an agreement names it.
pub(super) async fn shown(agency: &Agency, id: &str) -> Result<ShownNotice, Box<Refused>> {
    let request = GetNoticeRequest {
        notice_id: id.to_owned(),
        lang: LANG.to_owned(),
        ..GetNoticeRequest::default()
    };
    let notice = agency.get_notice(request).await?.notice.unwrap_or_default();
    Ok(ShownNotice {
        notice_id: notice.notice_id,
        lang: notice.lang,
        sha256: notice.sha256,
    })
}

/// Writes them where people find them.
pub(super) fn write_readable(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    TEXTS
        .iter()
        .try_for_each(|(id, lang, text)| fs::write(folder.join(format!("{id}.{lang}.txt")), text))
}

/// The language of the persons.
const LANG: &str = "fr";
