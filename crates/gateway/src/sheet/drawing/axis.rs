use std::time::Duration;

use passerelle_domain::{CivilDate, Timestamp};

/// Days on a line from [`LEFT`] to [`RIGHT`]. What lies further off is drawn at its end.
pub(super) struct Axis {
    from: CivilDate,
    to: CivilDate,
    today: CivilDate,
}

/// Where the first day is: left of it stand the names of the lanes.
pub(super) const LEFT: f64 = 34.0;
/// Where the last day is: the width of the sheet.
pub(super) const RIGHT: f64 = 178.0;

impl Axis {
    /// The days that are to be drawn, with today, and no more than is read at one glance.
    pub(super) fn over(days: impl Iterator<Item = CivilDate>, now: Timestamp) -> Self {
        let today = CivilDate::of(now);
        let before = |days: u32| CivilDate::of(now.minus(DAY * days));
        let after = |days: u32| CivilDate::of(now.plus(DAY * days));
        let (mut from, mut to) = (before(90), after(30));
        for day in days {
            from = from.min(day);
            to = to.max(day);
        }
        Self {
            from: from.max(before(5 * 365)),
            to: to.min(after(2 * 365)),
            today,
        }
    }

    pub(super) fn x(&self, day: CivilDate) -> f64 {
        let share = days(self.from, day) / days(self.from, self.to).max(1.0);
        LEFT + share.clamp(0.0, 1.0) * (RIGHT - LEFT)
    }

    pub(super) fn today(&self) -> f64 {
        self.x(self.today)
    }

    /// Firsts of months, as many as there is room for, each with its label.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let months = days(self.from, self.to) / 30.5;
        let every = [1_u8, 2, 3, 6, 12]
            .into_iter()
            .find(|every| months / f64::from(*every) <= 12.0);
        let every = every.unwrap_or(12);
        let years = self.from.year()..=self.to.year();
        let firsts = years.flat_map(|year| {
            (1..=12u32)
                .step_by(usize::from(every))
                .map(move |month| (year, month))
        });
        firsts
            .filter_map(|(year, month)| {
                let first: CivilDate = format!("{year:04}-{month:02}-01").parse().ok()?;
                let drawn = self.from <= first && first <= self.to;
                drawn.then(|| (self.x(first), format!("{month:02}/{year}")))
            })
            .collect()
    }
}

fn days(from: CivilDate, to: CivilDate) -> f64 {
    to.days_since(from) as f64
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
