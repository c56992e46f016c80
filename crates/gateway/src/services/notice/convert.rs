use passerelle_domain::Malformed;
use passerelle_domain::claim::Notice;
use passerelle_exchange::{NoticeAsked, NoticeFilter, NoticeFound, Page, PageSize};
use passerelle_proto::agency::v1 as wire;

use crate::services::fields;

pub(super) fn filter(
    message: &wire::ListNoticesRequest,
) -> Result<(NoticeFilter, PageSize), Malformed> {
    let filter = NoticeFilter {
        lang: message.lang.clone(),
        all: message.include_not_shown,
    };
    Ok((filter, PageSize::from_wire(message.page_size)?))
}

pub(super) fn asked(message: wire::GetNoticeRequest) -> Result<NoticeAsked, Malformed> {
    let wire::GetNoticeRequest {
        notice_id: id,
        lang,
        sha256,
    } = message;
    let exactly = fields::if_set(&sha256, |text| {
        text.parse().map_err(fields::within("sha256"))
    })?;
    Ok(match exactly {
        Some(sha256) => NoticeAsked::Exactly(Notice { id, lang, sha256 }),
        None => NoticeAsked::Today { id, lang },
    })
}

pub(super) fn page(page: Page<NoticeFound>) -> wire::ListNoticesResponse {
    wire::ListNoticesResponse {
        notices: page.items.iter().map(entry).collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}

pub(super) fn found(found: NoticeFound) -> wire::GetNoticeResponse {
    wire::GetNoticeResponse {
        notice: Some(entry(&found)),
        text: found.text.text,
    }
}

fn entry(found: &NoticeFound) -> wire::NoticeEntry {
    let text = &found.text;
    wire::NoticeEntry {
        notice_id: text.id.clone(),
        lang: text.lang.clone(),
        title: text.title.clone(),
        sha256: text.sha256.to_string(),
        from_date: text.from.to_string(),
        until_date: text.until.map(|day| day.to_string()).unwrap_or_default(),
        shown_today: found.shown,
    }
}
