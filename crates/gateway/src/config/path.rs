use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::Refused;

/// What paths of a configuration count from.
pub struct Base<'a> {
    folder: &'a Path,
    environment: Box<Environment<'a>>,
}

type Environment<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

impl<'a> Base<'a> {
    /// Relative paths count from `folder`; `environment` gives the value of `${NAME}`.
    pub fn new(folder: &'a Path, environment: impl Fn(&str) -> Option<OsString> + 'a) -> Self {
        Self {
            folder,
            environment: Box::new(environment),
        }
    }

    pub(super) fn resolve(&self, field: &str, path: &mut PathBuf) -> Result<(), Refused> {
        if path.as_os_str().is_empty() {
            return Err(Refused::new(field, "the path is empty; write one"));
        }
        if let Some((name, rest)) = variable(path) {
            let value = (self.environment)(name)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| {
                    Refused::new(
                        field,
                        format!("the environment variable {name} is not set; set it"),
                    )
                })?;
            *path = Path::new(&value).join(rest);
        }
        // `join` keeps a path that is absolute.
        *path = self.folder.join(&*path);
        Ok(())
    }
}

impl std::fmt::Debug for Base<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Base").field(&self.folder).finish()
    }
}

/// The path as the system walks it: through symbolic links, `.` and `..`. What is not there yet is
/// taken as it is written.
pub(super) fn walked(path: &Path) -> PathBuf {
    let mut walked = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                walked.pop();
            }
            other => {
                walked.push(other);
                walked = fs::canonicalize(&walked).unwrap_or(walked);
            }
        }
    }
    walked
}

/// `${NAME}/rest` in its two parts.
fn variable(path: &Path) -> Option<(&str, &str)> {
    let (name, rest) = path.to_str()?.strip_prefix("${")?.split_once('}')?;
    Some((name, rest.trim_start_matches('/')))
}
