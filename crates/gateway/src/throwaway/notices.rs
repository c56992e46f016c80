//! The texts that persons of a throw-away federation are shown: the example that comes with the
//! project.

use passerelle_domain::claim::{NoticeCatalogue, NoticeText, NumericDate};
use passerelle_domain::{CivilDate, Digest, FederationId, Timestamp};

/// What is transmitted on a public task: the person is informed.
pub const INFORMATION: &str = "spie-information";
/// What is transmitted about health: the person agrees.
pub const HEALTH: &str = "spie-health";

macro_rules! example {
    ($file:literal) => {
        include_str!(concat!("../../../../deploy/notices.example/", $file))
    };
}

/// Name, language, text; the title is its first line. In the order of a catalogue.
pub const TEXTS: [(&str, &str, &str); 6] = [
    (HEALTH, "en", example!("health.en.txt")),
    (HEALTH, "fr", example!("health.fr.txt")),
    (HEALTH, "fr-x-falc", example!("health.fr-x-falc.txt")),
    (INFORMATION, "en", example!("information.en.txt")),
    (INFORMATION, "fr", example!("information.fr.txt")),
    (
        INFORMATION,
        "fr-x-falc",
        example!("information.fr-x-falc.txt"),
    ),
];

/// The texts, shown from the day of `now` on.
pub fn catalogue(federation: &FederationId, now: Timestamp) -> NoticeCatalogue {
    let text = |(id, lang, text): (&str, &str, &str)| NoticeText {
        id: id.to_owned(),
        lang: lang.to_owned(),
        title: text.lines().next().unwrap_or_default().to_owned(),
        sha256: Digest::of(text.as_bytes()),
        from: CivilDate::of(now),
        until: None,
        text: text.to_owned(),
    };
    NoticeCatalogue {
        federation: federation.clone(),
        issued_at: NumericDate::of(now),
        texts: TEXTS.map(text).into(),
    }
}
