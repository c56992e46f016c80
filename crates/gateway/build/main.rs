//! Generates the tonic clients and servers of the services in `proto/`.
//!
//! Messages are generated once, in `passerelle-proto`: whatever lies under `.passerelle` is external
//! here, so that only services remain. The compiler is protox; no `protoc` is needed.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo:rerun-if-changed=build");
    // A folder stands for all that is in it, so that a new file is seen too.
    println!("cargo:rerun-if-changed={}", root.display());

    let mut files = Vec::new();
    walk(&root.join("passerelle"), &mut files)?;
    files.sort();

    let descriptors = protox::compile(&files, [&root])?;
    tonic_prost_build::configure()
        .extern_path(".passerelle", "::passerelle_proto")
        .include_file("services.rs")
        .compile_fds(descriptors)?;
    Ok(())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            files.push(path);
        }
    }
    Ok(())
}
