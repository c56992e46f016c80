//! What v1 of the protocol may not change, and the pages that say what it is.
//!
//! Two things are made from `proto/` and committed: the baseline (`tests/contract/baseline`), which is
//! what v1 has promised, and the reference pages (`docs/reference`). `docs/contract.md` says when and
//! how. Read first: [`breaking::faults`], [`pages::pages`].

pub mod baseline;
pub mod breaking;
pub mod pages;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use prost_types::FileDescriptorProto;

/// What makes the committed files anew.
pub const REFRESH: &str = "PASSERELLE_REFRESH_CONTRACT=1 cargo test -p passerelle-contract-tests";

/// Whether the tests are to write what they would else compare.
pub fn refreshing() -> bool {
    std::env::var_os("PASSERELLE_REFRESH_CONTRACT").is_some()
}

/// The workspace's root.
pub fn root() -> PathBuf {
    // The package lies two folders below the root.
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder of the protocol as it is now.
pub fn protocol() -> PathBuf {
    root().join("proto")
}

/// Our files below a folder of protocol files, with their comments.
pub fn compiled(folder: &Path) -> Vec<FileDescriptorProto> {
    let names: Vec<_> = files(folder, "proto").into_keys().collect();
    let mut compiler = protox::Compiler::new([folder]).expect("the folder can be included");
    compiler
        .include_source_info(true)
        .open_files(names)
        .expect("the protocol compiles");
    compiler.file_descriptor_set().file
}

/// Every file below a folder that ends so, by its path from there.
pub fn files(folder: &Path, extension: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    walk(folder, folder, extension, &mut found).expect("the folder can be read");
    found
}

/// Makes a folder hold exactly these files, by their path from there.
pub fn write(folder: &Path, extension: &str, wanted: &BTreeMap<String, String>) -> io::Result<()> {
    for stale in files(folder, extension).keys() {
        if !wanted.contains_key(stale) {
            fs::remove_file(folder.join(stale))?;
        }
    }
    for (name, text) in wanted {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, text)?;
    }
    Ok(())
}

fn walk(
    root: &Path,
    folder: &Path,
    extension: &str,
    found: &mut BTreeMap<String, String>,
) -> io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(root, &path, extension, found)?;
        } else if path.extension().is_some_and(|its| its == extension) {
            let name = path.strip_prefix(root).unwrap_or(&path);
            found.insert(
                name.to_string_lossy().into_owned(),
                fs::read_to_string(&path)?,
            );
        }
    }
    Ok(())
}
