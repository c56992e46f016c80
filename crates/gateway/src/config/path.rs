use std::ffi::OsString;
use std::path::{Path, PathBuf};

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

/// `${NAME}/rest` in its two parts.
fn variable(path: &Path) -> Option<(&str, &str)> {
    let (name, rest) = path.to_str()?.strip_prefix("${")?.split_once('}')?;
    Some((name, rest.trim_start_matches('/')))
}
