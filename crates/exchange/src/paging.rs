//! Lists are given page by page.

use std::str::FromStr;

use passerelle_domain::Malformed;

/// How many items a page holds at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(usize);

impl PageSize {
    /// The most that can be asked for.
    pub const MAX: Self = Self(256);

    /// What a message says: 1 to 256, and 50 when 0.
    pub fn from_wire(size: u32) -> Result<Self, Malformed> {
        match usize::try_from(size) {
            Ok(0) => Ok(Self::default()),
            Ok(size) if size <= Self::MAX.0 => Ok(Self(size)),
            _ => Err(Malformed::new("page_size", "1 to 256, or 0 for 50")),
        }
    }

    /// The number.
    pub const fn get(self) -> usize {
        self.0
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(50)
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What asks for the next page; `None` at the end. It names nobody.
    pub next: Option<String>,
}

/// Where the page before ended: what its token says, `None` for the first page.
pub(crate) fn page_token<T: FromStr>(token: &str) -> Result<Option<T>, Malformed> {
    if token.is_empty() {
        return Ok(None);
    }
    let read = token
        .parse()
        .map_err(|_| Malformed::new("page_token", "the token of the page before"))?;
    Ok(Some(read))
}
