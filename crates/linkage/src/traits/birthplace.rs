use passerelle_domain::Malformed;

/// Where a person was born, by the official geographical code (COG) of INSEE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Birthplace {
    /// A commune of France. Its code stays as it was given, even where communes have merged since.
    Commune(CogCode),
    /// A country, where no commune is known.
    Country(CogCode),
}

/// Five characters of the COG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CogCode([u8; 5]);

impl CogCode {
    /// Its characters.
    pub fn as_str(&self) -> &str {
        // Only ASCII is ever stored.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn commune(text: &str) -> Option<Self> {
        let corsica = matches!(text.get(..2), Some("2A" | "2B"));
        let digits = if corsica { &text[2..] } else { text };
        (digits.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with("99"))
            .then(|| Self::of(text))?
    }

    fn country(text: &str) -> Option<Self> {
        (text.bytes().all(|b| b.is_ascii_digit()) && text.starts_with("99"))
            .then(|| Self::of(text))?
    }

    fn of(text: &str) -> Option<Self> {
        text.as_bytes().try_into().ok().map(Self)
    }
}

impl Birthplace {
    /// Reads the two fields of a form; neither may be filled in. A commune needs no country, and
    /// contradicts any but France.
    pub(super) fn read(commune: &str, country: &str) -> Result<Option<Self>, Malformed> {
        match (commune, country) {
            ("", "") => Ok(None),
            ("", country) => match CogCode::country(country) {
                Some(code) => Ok(Some(Self::Country(code))),
                None => Err(Malformed::new(
                    "birth_country",
                    "a country of the COG: 99 and 3 digits",
                )),
            },
            (_, country) if !matches!(country, "" | FRANCE) => Err(Malformed::new(
                "birth_country",
                "empty or 99100 where a commune is given",
            )),
            (commune, _) => match CogCode::commune(commune) {
                Some(code) => Ok(Some(Self::Commune(code))),
                None => Err(Malformed::new(
                    "birth_commune",
                    "a commune of the COG: 5 digits, or 2A or 2B and 3",
                )),
            },
        }
    }

    /// The commune, if it is one.
    pub fn commune(&self) -> Option<&CogCode> {
        match self {
            Self::Commune(code) => Some(code),
            Self::Country(_) => None,
        }
    }

    /// The country, if no commune is known.
    pub fn country(&self) -> Option<&CogCode> {
        match self {
            Self::Country(code) => Some(code),
            Self::Commune(_) => None,
        }
    }
}

const FRANCE: &str = "99100";
