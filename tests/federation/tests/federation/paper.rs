//! What a person is shown, and given on paper.

use passerelle_domain::Digest;
use passerelle_federation_tests::*;
use passerelle_proto::agency::v1::{GetNoticeRequest, ListNoticesRequest};
use tonic::Code;

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_found_in_every_language_and_read_as_it_was_signed() {
    let federation = Federation::start().await;
    let agent = Agency::caseworker(&federation, MISSION_LOCALE).await;
    let mut notices = agent.notices();
    let of = |page_size, page_token: &str| {
        agent.request(ListNoticesRequest {
            page_size,
            page_token: page_token.to_owned(),
            ..ListNoticesRequest::default()
        })
    };
    let first = Agency::told(notices.list_notices(of(4, ""))).await;
    assert_eq!(first.notices.len(), 4);
    let rest = Agency::told(notices.list_notices(of(4, &first.next_page_token))).await;
    assert_eq!((rest.notices.len(), &*rest.next_page_token), (2, ""));
    let all = [first.notices, rest.notices].concat();
    assert!(all.iter().all(|notice| notice.shown_today));

    let easy = all
        .iter()
        .find(|notice| (&*notice.notice_id, &*notice.lang) == ("spie-information", "fr-x-falc"));
    let easy = easy.unwrap();
    let get = |lang: &str| {
        agent.request(GetNoticeRequest {
            notice_id: easy.notice_id.clone(),
            lang: lang.to_owned(),
            ..GetNoticeRequest::default()
        })
    };
    let read = Agency::told(notices.get_notice(get("fr-x-falc"))).await;
    assert_eq!(read.notice.as_ref(), Some(easy));
    assert_eq!(Digest::of(read.text.as_bytes()).to_string(), easy.sha256);

    let none = notices.get_notice(get("ar")).await.unwrap_err();
    assert_eq!(none.code(), Code::NotFound);
}
