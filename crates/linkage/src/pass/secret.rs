//! The bearer secret that a person carries.

use std::fmt;

use passerelle_domain::{Digest, Malformed, NodeId, PassId, Pii, Rng};
use zeroize::Zeroizing;

use super::code::{self, PassTextError};
use super::qr::PassQr;

/// What is printed in a pass: who issued it, and 128 random bits. No name, no NIR, and nothing
/// that could be verified without its issuer.
///
/// The issuer keeps only [`PassSecret::id`], a hash: no row, log or backup of its holds what opens
/// a pass. `Debug` shows nothing.
#[derive(Clone)]
pub struct PassSecret {
    issuer: NodeId,
    bits: Zeroizing<[u8; 16]>,
}

impl PassSecret {
    /// A new secret of `issuer`.
    pub fn random(issuer: NodeId, rng: &dyn Rng) -> Self {
        let bits = Zeroizing::new(rng.bytes());
        Self { issuer, bits }
    }

    /// From the 16 bytes of `RedeemBody.pass_secret`, as the issuer receives them.
    pub fn from_wire(issuer: NodeId, bytes: &[u8]) -> Result<Self, Malformed> {
        let bits = bytes
            .try_into()
            .map_err(|_| Malformed::new("", "16 bytes"))?;
        Ok(Self {
            issuer,
            bits: Zeroizing::new(bits),
        })
    }

    /// The 16 bytes that go to the issuer in `RedeemBody.pass_secret`.
    pub fn wire_bytes(&self) -> &[u8; 16] {
        &self.bits
    }

    /// Reads what was typed or scanned: in either case, with or without hyphens and blanks, `O`
    /// for `0`, `I` or `L` for `1`.
    pub fn parse(text: &str) -> Result<Self, PassTextError> {
        let values = Zeroizing::new(code::read(text)?);
        let Some((prefix, rest)) = values.split_at_checked(PREFIX.len()) else {
            return Err(PassTextError::NotAPass);
        };
        if prefix[..3] != PREFIX[..3] {
            return Err(PassTextError::NotAPass);
        }
        if prefix[3] != PREFIX[3] {
            return Err(PassTextError::UnknownVersion(prefix[3]));
        }
        let mut bits = Reader::new(rest);
        let name_len = bits.take(NAME_BITS).ok_or(PassTextError::NotAPass)?;
        let expected = characters(usize::from(name_len));
        if values.len() != expected {
            let found = values.len();
            return Err(PassTextError::Length { found, expected });
        }
        if !code::is_sealed(&values) {
            return Err(PassTextError::Checksum);
        }
        let name = (0..name_len).map(|_| bits.take(NAME_BITS).and_then(name_character));
        let name: String = name.collect::<Option<_>>().ok_or(PassTextError::Issuer)?;
        let issuer = NodeId::new(name).map_err(|_| PassTextError::Issuer)?;
        let mut secret = Zeroizing::new([0; 16]);
        for byte in secret.iter_mut() {
            *byte = bits.take(8).ok_or(PassTextError::Checksum)?;
        }
        // What fills the last character must be zero: one text per pass.
        if !bits.is_spent_on(code::CHECK_CHARACTERS) {
            return Err(PassTextError::Checksum);
        }
        Ok(Self {
            issuer,
            bits: secret,
        })
    }

    /// As it is printed: `PSR1-` and groups of four, upper case; 50 characters without hyphens for
    /// an issuer of eleven letters, 85 at most.
    pub fn text(&self) -> Pii<String> {
        Pii::new(code::write(&self.values()))
    }

    /// As a QR code, without hyphens: all its characters are of the alphanumeric mode
    /// (ISO/IEC 18004 §7.3.4), which keeps it small.
    pub fn qr(&self) -> PassQr {
        PassQr::of(&self.text().expose().replace('-', ""))
    }

    /// The node that issued the pass, and alone can redeem it.
    pub fn issuer(&self) -> &NodeId {
        &self.issuer
    }

    /// The pass as its issuer knows it: a hash of all the above.
    pub fn id(&self) -> PassId {
        let mut input = Zeroizing::new(b"passerelle/pass-id/1\0".to_vec());
        input.extend_from_slice(self.issuer.as_str().as_bytes());
        input.push(0); // no node id holds it
        input.extend_from_slice(&*self.bits);
        let mut id = [0; 16];
        id.copy_from_slice(&Digest::of(&input).as_bytes()[..16]);
        PassId::from_bytes(id)
    }

    fn values(&self) -> Vec<u8> {
        let name = self.issuer.as_str().as_bytes();
        let mut writer = Writer::default();
        // A node id has at most 40 characters, which 6 bits hold.
        writer.put(name.len() as u8, NAME_BITS);
        for byte in name {
            writer.put(name_value(*byte), NAME_BITS);
        }
        for byte in self.bits.iter() {
            writer.put(*byte, 8);
        }
        let mut values = PREFIX.to_vec();
        values.extend(writer.finish());
        code::seal(&mut values);
        values
    }
}

impl fmt::Debug for PassSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PassSecret(***)")
    }
}

/// `P`, `S`, `R` in the alphabet of [`code`], and the version.
const PREFIX: [u8; 4] = [22, 25, 24, 1];

/// Bits for one character of a node id, and for how many there are.
const NAME_BITS: u32 = 6;

/// Characters of a pass whose issuer has a name of `name_len`.
fn characters(name_len: usize) -> usize {
    let bits = NAME_BITS as usize * (1 + name_len) + 128;
    PREFIX.len() + bits.div_ceil(5) + code::CHECK_CHARACTERS
}

/// A character of a node id (`[a-z0-9-]`) as a number below 37.
fn name_value(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'a',
        b'0'..=b'9' => byte - b'0' + 26,
        _ => 36,
    }
}

fn name_character(value: u8) -> Option<char> {
    let byte = match value {
        0..=25 => b'a' + value,
        26..=35 => b'0' + value - 26,
        36 => b'-',
        _ => return None,
    };
    Some(char::from(byte))
}

/// Packs numbers of some bits into values of five, high bits first.
#[derive(Default)]
struct Writer {
    values: Vec<u8>,
    held: u32,
    bits: u32,
}

impl Writer {
    fn put(&mut self, number: u8, width: u32) {
        self.held = self.held << width | u32::from(number);
        self.bits += width;
        while self.bits >= 5 {
            self.bits -= 5;
            self.values.push((self.held >> self.bits & 31) as u8);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.bits > 0 {
            self.put(0, 5 - self.bits);
        }
        self.values
    }
}

/// Undoes [`Writer`].
struct Reader<'a> {
    values: &'a [u8],
    held: u32,
    bits: u32,
}

impl<'a> Reader<'a> {
    fn new(values: &'a [u8]) -> Self {
        Self {
            values,
            held: 0,
            bits: 0,
        }
    }

    fn take(&mut self, width: u32) -> Option<u8> {
        while self.bits < width {
            let (first, rest) = self.values.split_first()?;
            self.values = rest;
            self.held = self.held << 5 | u32::from(*first);
            self.bits += 5;
        }
        self.bits -= width;
        Some((self.held >> self.bits & ((1 << width) - 1)) as u8)
    }

    /// Whether `left` values remain, and nothing but zeros before them.
    fn is_spent_on(&self, left: usize) -> bool {
        self.values.len() == left && self.held & ((1 << self.bits) - 1) == 0
    }
}

#[cfg(test)]
mod tests;
