use std::fs;
use std::io;

/// What the processors did since the machine started, and this process since it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cpu {
    machine: Machine,
    process: u64,
    driver: u64,
}

/// Ticks of all processors, from `/proc/stat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Machine {
    total: u64,
    busy: u64,
    stolen: u64,
}

/// What was used between two looks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Used {
    /// Of the processors' time, what the hypervisor gave to others.
    pub stolen: f64,
    /// Of the processors' time, what other processes used.
    pub by_others: f64,
    /// Seconds of processor used by the servers.
    pub servers: f64,
    /// Seconds of processor used by the driver.
    pub driver: f64,
}

impl Cpu {
    /// Now. Threads whose names begin with `driver` are the driver's, all others the servers'.
    pub(crate) fn now(driver: &str) -> Self {
        Self {
            machine: Machine::read(&fs::read_to_string("/proc/stat").expect("Linux")),
            process: ticks(&fs::read_to_string("/proc/self/stat").expect("Linux")),
            driver: of_threads(driver).expect("Linux"),
        }
    }

    /// What was used since `before`.
    pub(crate) fn since(&self, before: &Self) -> Used {
        let spent = |of: fn(&Self) -> u64| (of(self).saturating_sub(of(before))) as f64;
        let total = spent(|cpu| cpu.machine.total).max(1.0);
        let (process, driver) = (spent(|cpu| cpu.process), spent(|cpu| cpu.driver));
        Used {
            stolen: spent(|cpu| cpu.machine.stolen) / total,
            by_others: ((spent(|cpu| cpu.machine.busy) - process) / total).max(0.0),
            servers: (process - driver).max(0.0) / TICKS,
            driver: driver / TICKS,
        }
    }
}

impl Machine {
    /// proc(5): user nice system idle iowait irq softirq steal; what guests use is in user.
    fn read(stat: &str) -> Self {
        let line = stat.lines().next().unwrap_or_default();
        let fields = line.split_ascii_whitespace().skip(1).take(8);
        let fields: Vec<u64> = fields.map(|field| field.parse().expect("ticks")).collect();
        let [user, nice, system, idle, waiting, hard, soft, stolen] = fields[..] else {
            panic!("a kernel that counts stolen time");
        };
        let busy = user + nice + system + hard + soft;
        Self {
            total: busy + idle + waiting + stolen,
            busy,
            stolen,
        }
    }
}

fn of_threads(name: &str) -> io::Result<u64> {
    let mut sum = 0;
    for thread in fs::read_dir("/proc/self/task")? {
        // One may end between the two.
        let Ok(stat) = fs::read_to_string(thread?.path().join("stat")) else {
            continue;
        };
        let named = stat.split_once('(').map(|(_, named)| named);
        if named.is_some_and(|named| named.starts_with(name)) {
            sum += ticks(&stat);
        }
    }
    Ok(sum)
}

/// proc(5): fields 14 and 15, utime and stime. The name before them may hold blanks.
fn ticks(stat: &str) -> u64 {
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let fields = fields.split_ascii_whitespace().skip(11).take(2);
    fields
        .map(|field| field.parse::<u64>().expect("ticks"))
        .sum()
}

/// Ticks a second: USER_HZ, 100 on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

#[cfg(test)]
mod tests;
