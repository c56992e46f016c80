//! Merging against a plain model, which moves nothing either and looks everything up.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const FILES: usize = 4;
const REFERENCES: u8 = 4;

#[derive(Clone, Copy, Debug)]
enum Act {
    Write(usize, u8),
    Merge(usize, usize),
    Part(usize),
}

#[derive(Default)]
struct Model {
    into: BTreeMap<usize, usize>,
    /// By file and reference: how often it was written.
    records: BTreeMap<(usize, u8), u64>,
}

impl Model {
    fn kept(&self, file: usize) -> usize {
        self.into.get(&file).copied().unwrap_or(file)
    }

    fn files(&self, file: usize) -> Vec<usize> {
        let kept = self.kept(file);
        (0..FILES).filter(|one| self.kept(*one) == kept).collect()
    }

    fn write(&mut self, file: usize, reference: u8) -> u64 {
        let mut files = self.files(file).into_iter();
        let holds = |one: &usize| self.records.contains_key(&(*one, reference));
        let place = files.find(holds).unwrap_or_else(|| self.kept(file));
        let version = self.records.entry((place, reference)).or_default();
        *version += 1;
        *version
    }

    fn merge(&mut self, keep: usize, merged: usize) -> bool {
        if self.into.get(&merged) == Some(&keep) {
            return true;
        }
        let of = |files: &[usize]| {
            let all = self.records.keys().filter(|(file, _)| files.contains(file));
            all.map(|(_, reference)| *reference)
                .collect::<BTreeSet<_>>()
        };
        let refused = keep == merged
            || self.into.contains_key(&merged)
            || self.into.contains_key(&keep)
            || self.into.values().any(|into| *into == merged)
            || !of(&[merged]).is_disjoint(&of(&self.files(keep)));
        if !refused {
            self.into.insert(merged, keep);
        }
        !refused
    }

    fn records(&self, file: usize) -> BTreeMap<String, u64> {
        let files = self.files(file);
        let all = self
            .records
            .iter()
            .filter(|((one, _), _)| files.contains(one));
        all.map(|((_, reference), version)| (name(*reference), *version))
            .collect()
    }
}

fn name(reference: u8) -> String {
    format!("R-{reference}")
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (0..FILES, 0..REFERENCES).prop_map(|(file, one)| Act::Write(file, one)),
        2 => (0..FILES, 0..FILES).prop_map(|(keep, merged)| Act::Merge(keep, merged)),
        1 => (0..FILES).prop_map(Act::Part),
    ]
}

async fn run(acts: Vec<Act>) {
    let federation = Federation::new(1);
    let (caller, node) = (federation.caseworker(THERE), federation.node(THERE));
    let mut files = Vec::new();
    for number in 0..FILES {
        let reference = format!("T-{number}");
        files.push(
            federation
                .register(THERE, &reference, crate::testing::awa())
                .await,
        );
    }
    let mut model = Model::default();
    for act in acts {
        match act {
            Act::Write(file, reference) => {
                let version = model.write(file, reference);
                let batch = vec![upsert(
                    &name(reference),
                    version,
                    step(&format!("{version}")),
                )];
                let kept = node.upsert_records(&caller, files[file], batch).await;
                let created = matches!(kept.unwrap()[..], [Upserted::Created(_)]);
                assert_eq!(created, version == 1, "{act:?}");
            }
            Act::Merge(keep, merged) => {
                let done = merge(&federation, files[keep], files[merged]).await;
                assert_eq!(done.is_ok(), model.merge(keep, merged), "{act:?} {done:?}");
            }
            Act::Part(file) => {
                model.into.remove(&file);
                unmerge(&federation, files[file]).await;
            }
        }
        for (number, file) in files.iter().enumerate() {
            let kept = node.person(&caller, file).unwrap();
            assert_eq!(kept.person, files[model.kept(number)], "{act:?}");
            assert_eq!(kept.merged.len() + 1, model.files(number).len(), "{act:?}");
            let page = node.list_records(&caller, file, (PageSize::MAX, 1 << 20), "");
            let read = page.unwrap().items.into_iter();
            let read: BTreeMap<_, _> = read
                .map(|one| (one.reference.into_exposed(), one.version))
                .collect();
            assert_eq!(read, model.records(number), "{act:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_what_a_plain_model_says(acts in prop::collection::vec(act(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(acts));
    }
}
