use super::*;
use crate::testing::{Federation, notice};

const HERE: &str = "departement";

fn listed(filter: &NoticeFilter, size: u32, token: &str) -> Page<NoticeFound> {
    let federation = Federation::new(1);
    let (node, caller) = (federation.node(HERE), federation.caseworker(HERE));
    let size = PageSize::from_wire(size).unwrap();
    node.list_notices(&caller, filter, size, token).unwrap()
}

fn names(page: &Page<NoticeFound>) -> Vec<(&str, &str, bool)> {
    let items = page.items.iter();
    items
        .map(|found| (&*found.text.id, &*found.text.lang, found.shown))
        .collect()
}

#[test]
fn what_is_shown_today_is_listed_and_the_rest_on_demand() {
    let today = NoticeFilter::default();
    assert_eq!(
        names(&listed(&today, 0, "")),
        [("notice", "fr", true), ("notice", "fr-x-falc", true)]
    );
    let easy = NoticeFilter {
        lang: "fr-x-falc".to_owned(),
        ..NoticeFilter::default()
    };
    assert_eq!(
        names(&listed(&easy, 0, "")),
        [("notice", "fr-x-falc", true)]
    );
    let all = NoticeFilter {
        all: true,
        ..NoticeFilter::default()
    };
    assert_eq!(names(&listed(&all, 0, ""))[0], ("before", "fr", false));
}

#[test]
fn pages_give_each_notice_once() {
    let all = NoticeFilter {
        all: true,
        ..NoticeFilter::default()
    };
    let (mut token, mut seen) = (String::new(), Vec::new());
    loop {
        let page = listed(&all, 1, &token);
        seen.extend(page.items.clone());
        match page.next {
            Some(next) => token = next,
            None => break,
        }
    }
    assert_eq!(seen, listed(&all, 0, "").items);
}

#[test]
fn a_text_is_read_as_it_is_shown_today_or_exactly_as_an_agreement_names_it() {
    let federation = Federation::new(1);
    let (node, caller) = (federation.node(HERE), federation.caseworker(HERE));
    let today = |id: &str, lang: &str| {
        let asked = NoticeAsked::Today {
            id: id.to_owned(),
            lang: lang.to_owned(),
        };
        node.notice(&caller, &asked)
    };
    let found = today("notice", "fr").unwrap();
    assert_eq!(found.text.notice(), notice());
    assert!(found.shown);
    for (id, lang) in [("before", "fr"), ("notice", "en")] {
        assert_eq!(today(id, lang), Err(ExchangeError::not_found("notice_id")));
    }
    let before = crate::testing::catalogue().texts[0].notice();
    let found = node.notice(&caller, &NoticeAsked::Exactly(before));
    assert!(!found.unwrap().shown);
}
