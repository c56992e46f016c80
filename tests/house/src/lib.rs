//! Reads the workspace as data, for the tests of the house.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's root.
pub fn root() -> PathBuf {
    // The package lies two folders below the root.
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every package below `crates/` with the names of what it depends on to be built (not to be
/// tested), as `cargo metadata` gives them.
pub fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let text = |value: &serde_json::Value| value.as_str().expect("a string").to_owned();
    let list = |value: &serde_json::Value| value.as_array().expect("a list").clone();
    list(&metadata["packages"])
        .iter()
        .filter(|package| text(&package["manifest_path"]).contains("/crates/"))
        .map(|package| {
            let needs = list(&package["dependencies"])
                .iter()
                .filter(|dependency| dependency["kind"].is_null())
                .map(|dependency| text(&dependency["name"]))
                .collect();
            (text(&package["name"]), needs)
        })
        .collect()
}

/// Every source file of the crates and of the tests beside them, by its path from the root.
pub fn all_sources() -> Vec<(String, String)> {
    let mut found = sources();
    walk(&root().join("tests"), &mut found);
    found.sort();
    found
}

/// Every Rust source below `crates/`, with its path from the root.
pub fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&root().join("crates"), &mut found);
    found.sort();
    found
}

fn walk(dir: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(dir).expect("a folder of the workspace is readable") {
        let path = entry.expect("an entry of a folder").path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source is UTF-8");
            let root = root();
            let name = path
                .strip_prefix(&root)
                .unwrap_or(&path)
                .display()
                .to_string();
            found.push((name, text));
        }
    }
}
