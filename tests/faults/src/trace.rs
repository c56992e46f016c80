use std::collections::HashMap;

/// Whether answers left before the wal was synced, as a trace of `strace -f -y` tells it of a node
/// that is asked one question at a time.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Answers that were written to a peer after the wal was synced for them.
    pub covered: usize,
    /// Answers that were written to a peer before.
    pub early: usize,
}

/// What matters of a system call.
#[derive(Clone, Copy)]
enum Event {
    /// Bytes of a peer that may be a question came.
    Asked,
    /// fdatasync of a segment of the wal returned.
    WalSynced,
    /// A write to a peer that is long enough to carry an answer began.
    Answered,
}

/// An answer carries an entry of 1,024 bytes and its proof: no other write to a peer is as long.
const LEAST_ANSWER: usize = 1_200;
/// A question carries its body and the last checkpoint seen of the holder.
const LEAST_QUESTION: usize = 400;

impl Trace {
    /// Reads a trace.
    ///
    /// Only a sync that returned after the question came counts for its answer: the one that covered
    /// the answer before says nothing of this one. Where something else came from the peer between
    /// two answers the first of both counts as the question, so that what is found early is early.
    pub fn read(trace: &str) -> Self {
        let mut seen = Self::default();
        let (mut asked, mut synced) = (false, false);
        for event in events(trace) {
            match event {
                Event::Asked => asked = true,
                Event::WalSynced => synced = asked,
                // The first bytes of a connection are as long, and answer nothing.
                Event::Answered if !asked => {}
                Event::Answered => {
                    if synced {
                        seen.covered += 1;
                    } else {
                        seen.early += 1;
                    }
                    (asked, synced) = (false, false);
                }
            }
        }
        seen
    }
}

/// What happened, in order: what comes in and what is synced has happened when its call returned,
/// what goes out when its call began.
fn events(trace: &str) -> Vec<Event> {
    let mut unfinished = HashMap::new();
    let mut events = Vec::new();
    for (at, line) in trace.lines().enumerate() {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        if let Some(begun) = call.strip_suffix(" <unfinished ...>") {
            unfinished.insert(thread, (at, begun));
        } else if let Some(resumed) = call.strip_prefix("<... ") {
            let rest = resumed.split_once(" resumed>").map(|(_, rest)| rest);
            if let (Some((began, begun)), Some(rest)) = (unfinished.remove(thread), rest) {
                events.extend(event(&format!("{begun}{rest}"), began, at));
            }
        } else {
            events.extend(event(call, at, at));
        }
    }
    events.sort_by_key(|(at, _)| *at);
    events.into_iter().map(|(_, event)| event).collect()
}

/// One call: `name(fd<what>, …) = result`.
fn event(call: &str, began: usize, returned: usize) -> Option<(usize, Event)> {
    let (name, rest) = call.split_once('(')?;
    let target = rest.split_once('<')?.1.split_once('>')?.0;
    let result: usize = call.rsplit_once("= ")?.1.trim().parse().ok()?;
    let peer = target.starts_with("TCP:") || target.starts_with("socket:");
    match name {
        "fdatasync" if target.contains("/wal/") && target.ends_with(".wal") => {
            Some((returned, Event::WalSynced))
        }
        "read" | "readv" | "recvfrom" | "recvmsg" if peer && result >= LEAST_QUESTION => {
            Some((returned, Event::Asked))
        }
        "write" | "writev" | "sendto" | "sendmsg" if peer && result >= LEAST_ANSWER => {
            Some((began, Event::Answered))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
