//! Introductions of a file that is merged, and into one.

use passerelle_domain::vocabulary::RefusalReason;
use passerelle_domain::{GivenBy, Purpose, TokenId};

use super::*;
use crate::testing::{awa, notice};
use crate::{
    AcceptInto, AcceptIntroduction, Introduce, IntroductionFile, IntroductionFilter,
    IntroductionSide,
};

/// At `THERE` two files of one person, nobody linked.
async fn two_files(federation: &Federation) -> (PersonId, PersonId) {
    let kept = federation.register(THERE, "T-1", awa()).await;
    let merged = federation.register(THERE, "T-2", awa()).await;
    (kept, merged)
}

fn request(person: PersonId) -> Introduce {
    Introduce {
        person,
        request: RequestId::new("introduce").unwrap(),
        node: HERE.parse().unwrap(),
        purpose: Purpose::PathwayFollowUp,
        notice: notice(),
        given_by: GivenBy::Person,
        message: Pii::new(String::new()),
        ceiling: None,
        valid_days: None,
    }
}

async fn introduce(
    federation: &Federation,
    person: PersonId,
) -> Result<IntroductionFile, ExchangeError> {
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    node.introduce(&caller, request(person)).await
}

async fn accept(
    federation: &Federation,
    node: &str,
    id: TokenId,
    into: AcceptInto,
) -> Result<IntroductionFile, ExchangeError> {
    let accept = AcceptIntroduction {
        id,
        birth_date: Pii::new("2000-04-12".to_owned()),
        into,
    };
    let caller = federation.caseworker(node);
    let node = federation.node(node);
    node.accept_introduction(&caller, accept).await
}

fn new_file() -> AcceptInto {
    AcceptInto::New(Pii::new("new".to_owned()))
}

fn links_of(federation: &Federation, person: PersonId) -> usize {
    let caller = federation.caseworker(THERE);
    let file = federation.node(THERE).person(&caller, &person).unwrap();
    file.links.len()
}

fn introductions_of(federation: &Federation, person: PersonId) -> Vec<TokenId> {
    let filter = IntroductionFilter {
        side: IntroductionSide::Sent,
        person: Some(person),
        waiting: false,
    };
    let caller = federation.caseworker(THERE);
    let node = federation.node(THERE);
    let page = node.list_introductions(&caller, filter, PageSize::MAX, "");
    let files = page.unwrap().items.into_iter();
    files.map(|file| file.introduction.id).collect()
}

#[tokio::test]
async fn i3_an_introduction_that_was_open_before_the_merge_links_the_file_that_is_kept() {
    let federation = Federation::new(1);
    let (kept, merged) = two_files(&federation).await;
    let file = introduce(&federation, merged).await.unwrap();
    let id = file.introduction.id;
    federation.deliver_all().await;
    merge(&federation, kept, merged).await.unwrap();
    for person in [kept, merged] {
        assert_eq!(introductions_of(&federation, person), [id]);
    }
    // The same call again, under the id that it named.
    let again = introduce(&federation, merged).await.unwrap();
    assert_eq!(again.introduction.id, id);

    accept(&federation, HERE, id, new_file()).await.unwrap();
    federation.deliver_all().await;
    let live = |person| {
        let found = federation
            .node(THERE)
            .read(|view| Ok(links::live(view, &person, &HERE.parse()?)?));
        found.unwrap().is_some()
    };
    assert_eq!((live(kept), live(merged)), (true, false));
    assert_eq!(links_of(&federation, merged), 1);

    // The link came after the merge: it stays with the kept file, and so does what it was born from.
    unmerge(&federation, merged).await;
    assert_eq!(
        (links_of(&federation, kept), links_of(&federation, merged)),
        (1, 0)
    );
    assert_eq!(introductions_of(&federation, kept), [id]);
    assert_eq!(introductions_of(&federation, merged), []);
}

#[tokio::test]
async fn i3_an_objection_in_the_kept_file_ends_what_an_introduction_of_the_merged_one_brings() {
    let federation = Federation::new(1);
    let (kept, merged) = two_files(&federation).await;
    let file = introduce(&federation, merged).await.unwrap();
    federation.deliver_all().await;
    object(&federation, kept).await;
    merge(&federation, kept, merged).await.unwrap();
    let id = file.introduction.id;
    accept(&federation, HERE, id, new_file()).await.unwrap();
    federation.deliver_all().await;
    for person in [kept, merged] {
        assert_eq!(links_of(&federation, person), 0);
    }
}

#[tokio::test]
async fn i1_whoever_objects_in_the_kept_file_is_not_introduced_under_the_merged_id() {
    let federation = Federation::new(1);
    let (kept, merged) = two_files(&federation).await;
    object(&federation, kept).await;
    merge(&federation, kept, merged).await.unwrap();
    let refused = introduce(&federation, merged).await;
    let why = RefusalReason::Objection;
    assert_eq!(refused, Err(ExchangeError::PaperFails(why)));
    unmerge(&federation, merged).await;
    assert!(introduce(&federation, merged).await.is_ok());
}

#[tokio::test]
async fn i1_whoever_is_hidden_in_the_kept_file_is_not_introduced_under_the_merged_id() {
    let federation = Federation::new(1);
    let (kept, merged) = two_files(&federation).await;
    federation.protect(THERE, kept).await;
    merge(&federation, kept, merged).await.unwrap();
    let refused = introduce(&federation, merged).await;
    let why = RefusalReason::ProtectedMembership;
    assert_eq!(refused, Err(ExchangeError::PaperFails(why)));
}

#[tokio::test]
async fn an_introduction_is_accepted_under_the_merged_id_into_the_file_that_is_kept() {
    let federation = Federation::new(1);
    let (kept, merged) = two_files(&federation).await;
    merge(&federation, kept, merged).await.unwrap();
    let other = federation.register(HERE, "H-1", awa()).await;
    let sent = Introduce {
        node: THERE.parse().unwrap(),
        ..request(other)
    };
    let caller = federation.caseworker(HERE);
    let sent = federation
        .node(HERE)
        .introduce(&caller, sent)
        .await
        .unwrap();
    federation.deliver_all().await;
    let id = sent.introduction.id;
    // By the merged id, by the kept one, and by the merged file's reference: the same, once.
    let by_reference = AcceptInto::New(Pii::new("T-2".to_owned()));
    let under = [merged, kept].map(AcceptInto::Person);
    for into in under.into_iter().chain([by_reference]) {
        let accepted = accept(&federation, THERE, id, into).await.unwrap();
        assert_eq!(accepted.introduction.person, Some(kept));
    }
    unmerge(&federation, merged).await;
    assert_eq!(
        (links_of(&federation, kept), links_of(&federation, merged)),
        (1, 0)
    );
    let parted = accept(&federation, THERE, id, AcceptInto::Person(merged)).await;
    assert!(
        matches!(parted, Err(ExchangeError::Malformed(_))),
        "{parted:?}"
    );
}
