//! `verify/tlogcheck.go` among the shared files, built.
//!
//! Needs `PASSERELLE_SHARED`, and the Debian packages `golang-go` and `golang-golang-x-mod-dev`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The checker.
pub(crate) struct Checker {
    program: PathBuf,
    _built_in: TempDir,
}

impl Checker {
    /// Builds it; `None`, and a line that says so, where it cannot be.
    pub(crate) fn build() -> Option<Self> {
        let not_run = |why: &str| {
            println!("not run: {why}");
            None
        };
        let Some(shared) = std::env::var_os("PASSERELLE_SHARED").map(PathBuf::from) else {
            return not_run("PASSERELLE_SHARED is not set");
        };
        let dir = TempDir::new().unwrap();
        let go = |arguments: &[&str]| {
            Command::new("go")
                .args(arguments)
                .env("GO111MODULE", "off")
                .env("GOPATH", "/usr/share/gocode")
                .env("GOCACHE", dir.path().join("cache"))
                .output()
        };
        match go(&["list", "golang.org/x/mod/sumdb/note"]) {
            Err(_) => return not_run("go is missing"),
            Ok(listed) if !listed.status.success() => {
                return not_run("the Go package golang.org/x/mod is missing");
            }
            Ok(_) => {}
        }
        let program = dir.path().join("tlogcheck");
        let source = shared.join("verify/tlogcheck.go");
        let [to, from] = [&program, &source].map(|path| path.to_str().unwrap());
        let built = go(&["build", "-o", to, from]).unwrap();
        assert!(built.status.success(), "{}", text(&built));
        Some(Self {
            program,
            _built_in: dir,
        })
    }

    /// Checks the log in a folder; says whether it is accepted, and what was told.
    pub(crate) fn check(&self, dir: &Path, key: &str, more: &[&str]) -> (bool, String) {
        let output = Command::new(&self.program)
            .arg(dir)
            .arg(dir.join("checkpoint"))
            .arg(key)
            .args(more)
            .output()
            .unwrap();
        (output.status.success(), text(&output))
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}
