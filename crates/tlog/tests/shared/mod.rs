//! The vectors under `PASSERELLE_SHARED`.

use std::path::PathBuf;

use serde::de::DeserializeOwned;

/// A file under `vectors/tlog`; `None`, and a line that says so, when the variable is not set.
pub(crate) fn vectors<T: DeserializeOwned>(file: &str) -> Option<T> {
    let Some(shared) = std::env::var_os("PASSERELLE_SHARED").map(PathBuf::from) else {
        println!("not run: PASSERELLE_SHARED is not set");
        return None;
    };
    let path = shared.join("vectors/tlog").join(file);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(serde_json::from_slice(&bytes).unwrap())
}
