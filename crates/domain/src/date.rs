//! Civil dates, whole or as far as they are known.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::{Date, Month, OffsetDateTime};

use crate::{Malformed, Timestamp};

/// A day of the calendar, without time or zone: `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CivilDate(Date);

/// A date as far as it is known: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
///
/// It has no order: `2024` is neither before nor after `2024-05`. Compare what it spans, with
/// [`PartialDate::earliest`] and [`PartialDate::latest`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartialDate(Known);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Known {
    Year(i32),
    Month(i32, Month),
    Day(CivilDate),
}

/// How well two dates of one fact agree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Agreement {
    /// They differ.
    No,
    /// One is the other with `01` written for what is not known, as FranceConnect does
    /// (`1990-01-01` for `1990`).
    Weak,
    /// They are the same.
    Full,
}

impl CivilDate {
    /// The day that holds an instant, in UTC.
    pub fn of(at: Timestamp) -> Self {
        // `Timestamp` never exceeds the year 9999, which `OffsetDateTime` can hold.
        let secs = i64::try_from(at.as_secs()).unwrap_or(i64::MAX);
        Self(
            OffsetDateTime::from_unix_timestamp(secs)
                .unwrap_or(OffsetDateTime::UNIX_EPOCH)
                .date(),
        )
    }

    /// The first instant of the day in UTC; the epoch for days before it.
    pub fn start(self) -> Timestamp {
        let secs = self.0.midnight().assume_utc().unix_timestamp();
        Timestamp::from_secs(u64::try_from(secs).unwrap_or_default())
    }

    /// Days from `earlier` to this day; negative when `earlier` is later.
    pub fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).whole_days()
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    fn new(year: i32, month: Month, day: u8) -> Option<Self> {
        Date::from_calendar_date(year, month, day).ok().map(Self)
    }
}

impl PartialDate {
    /// The first day that it may stand for.
    pub fn earliest(self) -> CivilDate {
        let first = match self.0 {
            Known::Year(year) => CivilDate::new(year, Month::January, 1),
            Known::Month(year, month) => CivilDate::new(year, month, 1),
            Known::Day(day) => return day,
        };
        // Years are 1 to 9999, in which every month has a first day.
        first.unwrap_or(CivilDate(Date::MIN))
    }

    /// The last day that it may stand for.
    pub fn latest(self) -> CivilDate {
        let last = match self.0 {
            Known::Year(year) => CivilDate::new(year, Month::December, 31),
            Known::Month(year, month) => CivilDate::new(year, month, month.length(year)),
            Known::Day(day) => return day,
        };
        // Years are 1 to 9999, in which every month has a last day.
        last.unwrap_or(CivilDate(Date::MAX))
    }

    /// The day, if it is known.
    pub fn day(self) -> Option<CivilDate> {
        match self.0 {
            Known::Day(day) => Some(day),
            Known::Year(_) | Known::Month(..) => None,
        }
    }

    /// How well it agrees with `other`; the same either way round.
    pub fn agrees_with(&self, other: &Self) -> Agreement {
        if self == other {
            return Agreement::Full;
        }
        let is_filled_up = |rough: &Self, fine: &Self| {
            fine.precision() > rough.precision() && fine.earliest() == rough.earliest()
        };
        if is_filled_up(self, other) || is_filled_up(other, self) {
            Agreement::Weak
        } else {
            Agreement::No
        }
    }

    fn precision(self) -> u8 {
        match self.0 {
            Known::Year(_) => 0,
            Known::Month(..) => 1,
            Known::Day(_) => 2,
        }
    }
}

impl From<CivilDate> for PartialDate {
    fn from(day: CivilDate) -> Self {
        Self(Known::Day(day))
    }
}

impl FromStr for CivilDate {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match read(text) {
            Some(Known::Day(day)) => Ok(day),
            _ => Err(Malformed::new("", "a day of the calendar, YYYY-MM-DD")),
        }
    }
}

impl FromStr for PartialDate {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        read(text)
            .map(Self)
            .ok_or_else(|| Malformed::new("", "a date, YYYY, YYYY-MM or YYYY-MM-DD"))
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.0.year(),
            u8::from(self.0.month()),
            self.0.day()
        )
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Known::Year(year) => write!(f, "{year:04}"),
            Known::Month(year, month) => write!(f, "{year:04}-{:02}", u8::from(month)),
            Known::Day(day) => day.fmt(f),
        }
    }
}

macro_rules! date_text {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;

            fn try_from(text: String) -> Result<Self, Malformed> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(date: $name) -> Self {
                date.to_string()
            }
        }
    )+};
}
date_text!(CivilDate, PartialDate);

fn read(text: &str) -> Option<Known> {
    let number = |digits: &str| {
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        all_digits.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let month = |digits: &str| Month::try_from(u8::try_from(number(digits)?).ok()?).ok();
    let year = i32::from(number(text.get(..4)?)?);
    if year == 0 {
        return None;
    }
    match text.len() {
        4 => Some(Known::Year(year)),
        7 if text.get(4..5)? == "-" => Some(Known::Month(year, month(text.get(5..)?)?)),
        10 if text.get(4..5)? == "-" && text.get(7..8)? == "-" => {
            let day = u8::try_from(number(text.get(8..)?)?).ok()?;
            CivilDate::new(year, month(text.get(5..7)?)?, day).map(Known::Day)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
