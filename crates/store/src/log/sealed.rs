//! A file with the sealed parts of one full bundle: for each of its 256 entries where its part is,
//! how long, and a check; then the parts. An entry without one has a slot of zeros. To erase a part,
//! its bytes and its slot are overwritten with zeros in place; nothing else moves.

use bytes::Bytes;

use super::TILE;

/// The file of the parts, in the order of their entries.
pub(super) fn file(parts: &[Option<Bytes>]) -> Vec<u8> {
    let mut slots = Vec::with_capacity(SLOTS);
    let mut bodies = Vec::new();
    for part in parts {
        let Some(part) = part else {
            slots.extend_from_slice(&[0; SLOT]);
            continue;
        };
        // 256 parts of less than 64 KiB each: the numbers fit.
        let start = u32::try_from(MAGIC.len() + SLOTS + bodies.len()).unwrap_or(u32::MAX);
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        slots.extend_from_slice(&start.to_be_bytes());
        slots.extend_from_slice(&length.to_be_bytes());
        slots.extend_from_slice(&crc32fast::hash(part).to_be_bytes());
        bodies.extend_from_slice(part);
    }
    slots.resize(SLOTS, 0);
    [MAGIC.as_slice(), &slots, &bodies].concat()
}

/// The part in one slot of a file.
pub(super) fn part(file: &[u8], slot: usize) -> Result<Option<Bytes>, Broken> {
    let at = MAGIC.len() + slot * SLOT;
    if !file.starts_with(MAGIC) || slot >= TILE as usize {
        return Err(Broken);
    }
    let slot = file
        .get(at..)
        .and_then(|rest| rest.first_chunk::<SLOT>())
        .ok_or(Broken)?;
    if *slot == [0; SLOT] {
        return Ok(None);
    }
    let [a, b, c, d, e, f, g, h, check @ ..] = *slot;
    let start = u32::from_be_bytes([a, b, c, d]) as usize;
    let length = u32::from_be_bytes([e, f, g, h]) as usize;
    let end = start.checked_add(length).ok_or(Broken)?;
    let part = file.get(start..end).ok_or(Broken)?;
    if crc32fast::hash(part) != u32::from_be_bytes(check) {
        return Err(Broken);
    }
    Ok(Some(Bytes::copy_from_slice(part)))
}

/// The file is not what was written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken;

const MAGIC: &[u8; 8] = b"PSRSEAL1";
const SLOT: usize = 12;
const SLOTS: usize = SLOT * TILE as usize;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_in_their_slots_and_a_changed_one_is_refused() {
        let mut parts = vec![None; 256];
        parts[0] = Some(Bytes::from("first"));
        parts[7] = Some(Bytes::new());
        parts[255] = Some(Bytes::from("last"));
        let mut file = file(&parts);
        for (slot, expected) in parts.iter().enumerate() {
            assert_eq!(part(&file, slot).unwrap(), *expected);
        }
        *file.last_mut().unwrap() ^= 1;
        assert_eq!(part(&file, 255), Err(Broken));
        assert_eq!(part(&file[..100], 254), Err(Broken));
        assert_eq!(part(&file, 256), Err(Broken));
    }
}
