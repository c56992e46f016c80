//! Compiles every file under `proto/passerelle` into prost messages and one descriptor set.
//!
//! The compiler is protox, so no `protoc` is needed. Services stay in the descriptor set; their
//! stubs are generated where they are served.

mod debug;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use prost::Message;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    println!("cargo:rerun-if-changed=build");
    // A folder stands for all that is in it, so that a new file is seen too.
    println!("cargo:rerun-if-changed={}", root.display());

    let mut files = Vec::new();
    walk(&root.join("passerelle"), &mut files)?;
    files.sort();

    let mut compiler = protox::Compiler::new([&root])?;
    compiler
        .include_source_info(true)
        .include_imports(true)
        .open_files(&files)?;
    let mut descriptors = compiler.file_descriptor_set();

    let messages = debug::messages(&descriptors);
    fs::write(out.join("debug.rs"), debug::impls(&messages))?;

    prost_build::Config::new()
        .bytes(["."])
        .skip_debug(messages.iter().map(|m| m.path.as_str()))
        .include_file("messages.rs")
        .compile_fds(descriptors.clone())?;

    // Reflection has no use for comments.
    for file in &mut descriptors.file {
        file.source_code_info = None;
    }
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
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
