use std::fmt;

use prost::Message;
use serde::Serialize;

use crate::cpu::Used;
use crate::driver::Sample;
use crate::rounds::Plan;

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Persons at the holder.
    pub persons: usize,
    /// Records in each answer.
    pub records: usize,
    /// Bytes of an answer, with entry and proof.
    pub answer_bytes: usize,
    /// Questions in flight.
    pub in_flight: usize,
    /// Connections.
    pub connections: usize,
    /// Seconds of one sample.
    pub sample_seconds: f64,
    /// Processors.
    pub processors: usize,
    /// Rounds that count.
    pub rounds: Vec<Round>,
    /// Rounds that do not, for too much was stolen of one of their samples.
    pub dropped: usize,
    /// Median over the rounds of holder over ceiling, in answers a second.
    pub ratio: Option<f64>,
    /// The bare server.
    pub ceiling: Option<Line>,
    /// The holder.
    pub holder: Option<Line>,
    /// `FetchSummary`, through the requester's node and the holder's.
    pub fetch: Option<Line>,
}

/// Two samples, one after the other.
#[derive(Clone, Debug, Serialize)]
pub struct Round {
    /// Of the ceiling.
    pub ceiling: Line,
    /// Of the holder.
    pub holder: Line,
    /// Answers a second, holder over ceiling.
    pub ratio: f64,
}

/// One sample, or the medians of several.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Line {
    /// Answers a second.
    pub per_second: f64,
    /// Half of the answers took so long, in milliseconds.
    pub p50_ms: f64,
    /// One in a hundred took longer.
    pub p99_ms: f64,
    /// Microseconds of processor an answer cost the server, or both nodes.
    pub server_micros: f64,
    /// And the driver.
    pub driver_micros: f64,
    /// Of the processors' time, what the hypervisor gave to others.
    pub stolen: f64,
    /// Of the processors' time, what other processes used.
    pub by_others: f64,
}

impl Report {
    pub(crate) fn new(
        plan: &Plan,
        rounds: Vec<Round>,
        dropped: usize,
        fetches: &[Sample],
        last: &Sample,
    ) -> Self {
        let lines = |of: fn(&Round) -> Line| rounds.iter().map(of).collect::<Vec<_>>();
        let fetches: Vec<_> = fetches.iter().map(Line::from).collect();
        Self {
            persons: plan.persons,
            records: plan.records,
            answer_bytes: last.kept[last.kept.len() / 2].answer.encoded_len(),
            in_flight: plan.in_flight,
            connections: plan.connections,
            sample_seconds: plan.sample.as_secs_f64(),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            dropped,
            ratio: median(rounds.iter().map(|round| round.ratio)),
            ceiling: Line::median(&lines(|round| round.ceiling)),
            holder: Line::median(&lines(|round| round.holder)),
            fetch: Line::median(&fetches),
            rounds,
        }
    }
}

impl Round {
    pub(crate) fn new(ceiling: &Sample, holder: &Sample) -> Self {
        Self {
            ceiling: ceiling.into(),
            holder: holder.into(),
            ratio: holder.rate() / ceiling.rate(),
        }
    }
}

impl Line {
    fn median(lines: &[Self]) -> Option<Self> {
        let of = |field: fn(&Self) -> f64| median(lines.iter().map(field));
        Some(Self {
            per_second: of(|line| line.per_second)?,
            p50_ms: of(|line| line.p50_ms)?,
            p99_ms: of(|line| line.p99_ms)?,
            server_micros: of(|line| line.server_micros)?,
            driver_micros: of(|line| line.driver_micros)?,
            stolen: of(|line| line.stolen)?,
            by_others: of(|line| line.by_others)?,
        })
    }
}

impl From<&Sample> for Line {
    fn from(sample: &Sample) -> Self {
        let Used {
            stolen,
            by_others,
            servers,
            driver,
        } = sample.used;
        Self {
            per_second: sample.rate(),
            p50_ms: sample.millis(0.5),
            p99_ms: sample.millis(0.99),
            server_micros: sample.per_answer(servers),
            driver_micros: sample.per_answer(driver),
            stolen,
            by_others,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} persons; {} records and {} bytes an answer; {} in flight on {} connections; \
             {} s a sample; {} processors\n",
            self.persons,
            self.records,
            self.answer_bytes,
            self.in_flight,
            self.connections,
            self.sample_seconds,
            self.processors,
        )?;
        writeln!(
            f,
            "{:<26}{:>11}{:>9}{:>9}{:>14}{:>14}{:>9}{:>9}",
            "median of the rounds",
            "answers/s",
            "p50 ms",
            "p99 ms",
            "server µs",
            "driver µs",
            "stolen",
            "others",
        )?;
        let lines = [
            ("ceiling", &self.ceiling),
            ("holder", &self.holder),
            ("FetchSummary, both nodes", &self.fetch),
        ];
        for (name, line) in lines {
            match line {
                Some(line) => writeln!(f, "{name:<26}{line}")?,
                None => writeln!(f, "{name:<26}no sample that counts")?,
            }
        }
        let ratios: Vec<_> = self
            .rounds
            .iter()
            .map(|round| format!("{:.3}", round.ratio))
            .collect();
        match self.ratio {
            Some(ratio) => writeln!(
                f,
                "\nholder / ceiling: {ratio:.3}, median of {}",
                ratios.join(" ")
            )?,
            None => writeln!(f, "\nholder / ceiling: no round that counts")?,
        }
        write!(
            f,
            "rounds dropped for stolen processor time: {}",
            self.dropped
        )
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>11.0}{:>9.2}{:>9.2}{:>14.1}{:>14.1}{:>8.1}%{:>8.1}%",
            self.per_second,
            self.p50_ms,
            self.p99_ms,
            self.server_micros,
            self.driver_micros,
            self.stolen * 100.0,
            self.by_others * 100.0,
        )
    }
}

/// The middle one; of two in the middle, their mean.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests;
