use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

/// A document as far as is needed to find a place in it.
#[derive(Debug)]
pub(super) enum Tree {
    Map(BTreeMap<String, Spanned<Self>>),
    Sequence(Vec<Spanned<Self>>),
    Scalar,
}

/// Where the innermost part of `path` is that is written.
pub(super) fn find(root: &Spanned<Tree>, path: &str) -> Location {
    let mut at = root;
    for step in path.split(['.', '[']).filter(|step| !step.is_empty()) {
        let below = match &at.value {
            Tree::Map(entries) => entries.get(step),
            Tree::Sequence(items) => step
                .strip_suffix(']')
                .and_then(|i| items.get(i.parse::<usize>().ok()?)),
            Tree::Scalar => None,
        };
        let Some(below) = below else { break };
        at = below;
    }
    at.referenced
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(yaml: D) -> Result<Self, D::Error> {
        yaml.deserialize_any(AnyTree)
    }
}

struct AnyTree;

impl<'de> Visitor<'de> for AnyTree {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((key, value)) = map.next_entry()? {
            entries.insert(key, value);
        }
        Ok(Tree::Map(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Tree::Sequence(items))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
        Ok(Tree::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
        Ok(Tree::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
        Ok(Tree::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Tree, E> {
        Ok(Tree::Scalar)
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar)
    }

    fn visit_some<D: Deserializer<'de>>(self, yaml: D) -> Result<Tree, D::Error> {
        IgnoredAny::deserialize(yaml).map(|_| Tree::Scalar)
    }
}
