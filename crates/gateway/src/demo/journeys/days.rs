use std::time::Duration;

use passerelle_domain::{CivilDate, Timestamp};
use passerelle_proto::prost_types;

/// Days as seen from the day on which the story is told, so that it is always of today.
#[derive(Clone, Copy)]
pub(super) struct Days(pub(super) Timestamp);

impl Days {
    /// So many days ago, `YYYY-MM-DD`.
    pub(super) fn ago(self, days: u64) -> String {
        CivilDate::of(self.0.minus(span(days))).to_string()
    }

    /// The month that was so many days ago, `YYYY-MM`.
    pub(super) fn month_ago(self, days: u64) -> String {
        let mut day = self.ago(days);
        day.truncate("YYYY-MM".len());
        day
    }

    /// The instant so many days ago.
    pub(super) fn instant_ago(self, days: u64) -> prost_types::Timestamp {
        instant(self.0.minus(span(days)))
    }

    /// The instant in so many days.
    pub(super) fn instant_ahead(self, days: u64) -> prost_types::Timestamp {
        instant(self.0.plus(span(days)))
    }

    /// The day so many days ago, and so many years before that, `YYYY-MM-DD`.
    pub(super) fn born(self, days_ago: u64, years: i32) -> String {
        let day = CivilDate::of(self.0.minus(span(days_ago)));
        let text = day.to_string();
        let in_year = text.get("YYYY".len()..).unwrap_or_default();
        // A leap day has no birthday in most years.
        let in_year = if in_year == "-02-29" {
            "-02-28"
        } else {
            in_year
        };
        format!("{:04}{in_year}", day.year() - years)
    }
}

fn span(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 3600)
}

fn instant(at: Timestamp) -> prost_types::Timestamp {
    // To the hour: people do not meet at 10:03:27.
    let secs = i64::try_from(at.as_secs()).unwrap_or_default();
    prost_types::Timestamp {
        seconds: secs - secs % 3600,
        nanos: 0,
    }
}

#[cfg(test)]
mod tests;
