use std::fmt::Write;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use serde_json::Value;

use super::persons::PERSONS;
use super::{Running, Sandbox, run};
use crate::demo::EXAMPLE_RULES;
use crate::demo::agency::Agency;
use crate::shown::Language;
use scenes::Desk;

mod calls;
mod scenes;

const SLOW: Duration = Duration::from_millis(150);

fn sandbox() -> Sandbox {
    Sandbox {
        language: Language::English,
        port: 0,
        folder: None,
        rules: EXAMPLE_RULES.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_person_brings_about_the_answer_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = sandbox();
    let running = Box::pin(Running::start(folder.path(), &sandbox, SLOW));
    let running = running.await.unwrap();
    let site = &running.federation.departement;
    let agency = Agency::caseworker(site, &running.federation.world);
    let agency = agency.await.unwrap();
    let desk = |person| Desk {
        running: &running,
        agency: &agency,
        person,
    };
    // What hurts the partner of all waits until the others are through.
    let (hurt, well): (Vec<_>, Vec<_>) = running.persons.iter().map(desk).partition(Desk::hurts);
    let thirds = well.len().div_ceil(3);
    let mut thirds = well.chunks(thirds).map(in_turn);
    let [first, second, third] = std::array::from_fn(|_| thirds.next().unwrap());
    let play = Box::pin(async {
        tokio::join!(first, second, third);
        in_turn(&hurt).await;
    });
    tokio::select! {
        () = play => {}
        failed = running.partner.obey(&running.federation) => failed.unwrap(),
    }
    running.federation.stop().await.unwrap();
}

async fn in_turn(desks: &[Desk<'_>]) {
    for desk in desks {
        Box::pin(desk.play()).await;
    }
}

/// `docs/sandbox.md` has the table that the persons make.
#[test]
fn the_documentation_tells_of_the_same_persons() {
    let mut table = "| person | what to call | what comes |\n|---|---|---|\n".to_owned();
    for person in &PERSONS {
        let told = person.told(Language::English);
        writeln!(
            table,
            "| `{}` | {} | {} |",
            person.reference, told.call, told.comes
        )
        .unwrap();
    }
    let page = include_str!("../../../../../docs/sandbox.md");
    assert!(page.contains(&table), "docs/sandbox.md needs:\n{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_before_it_is_set_up_is_no_success() {
    let mut out = Vec::new();
    let ended = Box::pin(run(sandbox(), &mut out, std::future::ready(()))).await;
    assert!(ended.is_err());
    assert!(out.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_read_what_people_read() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("sandbox");
    let file = folder.join("sandbox.json");
    let sandbox = Sandbox {
        folder: Some(folder),
        language: Language::French,
        ..sandbox()
    };
    let mut out = Vec::new();
    let described = async {
        while !file.exists() {
            tokio::task::yield_now().await;
        }
    };
    Box::pin(run(sandbox, &mut out, described)).await.unwrap();
    let told = String::from_utf8(out).unwrap();
    let described: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();

    let persons = described["persons"].as_array().unwrap();
    assert_eq!(persons.len(), PERSONS.len());
    for person in persons {
        let passes = person["passes"].as_array().unwrap().iter();
        let passes = passes.flat_map(|pass| [&pass["pass_text"], &pass["pin"]]);
        for word in [&person["reference"], &person["person_id"]]
            .into_iter()
            .chain(passes)
        {
            assert!(told.contains(word.as_str().unwrap()), "{word}");
        }
    }
    let node = &described["node"];
    for word in [
        &node["agency_address"],
        &node["ca_file"],
        &node["client_certificate_file"],
        &node["client_key_file"],
        &node["assertion_key_file"],
        &node["assertion_kid"],
        &described["unreachable_file"],
        &described["slow_file"],
        &described["withdraws_file"],
    ] {
        assert!(told.contains(word.as_str().unwrap()), "{word}");
    }
    for key in ["client_key_file", "assertion_key_file"] {
        let mode = fs::metadata(node[key].as_str().unwrap()).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
}
