//! Not of the form of a token.

use super::*;

impl Table {
    pub(super) fn forms(&mut self) {
        let good = self.good();
        let parts: Vec<_> = good.split('.').map(str::to_owned).collect();
        let [h, p, s] = [&parts[0], &parts[1], &parts[2]];
        self.add("nothing", "", TokenError::Parts);
        self.add("one part", h, TokenError::Parts);
        self.add("two parts", format!("{h}.{p}"), TokenError::Parts);
        self.add("four parts", format!("{good}.{s}"), TokenError::Parts);
        self.add(
            "five parts, as an encrypted one",
            format!("{good}..{s}"),
            TokenError::Parts,
        );
        self.add(
            "empty header",
            format!(".{p}.{s}"),
            TokenError::EmptyPart(Part::Header),
        );
        self.add(
            "empty payload",
            format!("{h}..{s}"),
            TokenError::EmptyPart(Part::Payload),
        );
        self.add(
            "empty signature",
            format!("{h}.{p}."),
            TokenError::EmptyPart(Part::Signature),
        );
        self.add(
            "padded header",
            format!("{h}=.{p}.{s}"),
            TokenError::Padding,
        );
        self.add("padded signature", format!("{good}=="), TokenError::Padding);
        self.add("a blank before", format!(" {good}"), TokenError::WhiteSpace);
        self.add(
            "a line end after",
            format!("{good}\n"),
            TokenError::WhiteSpace,
        );
        self.add(
            "a tab inside",
            format!("{h}\t.{p}.{s}"),
            TokenError::WhiteSpace,
        );
        self.add(
            "plain base64",
            format!("{h}.{p}.+{}", &s[1..]),
            TokenError::Alphabet,
        );
        self.add(
            "not ASCII",
            format!("{h}.{p}.é{}", &s[2..]),
            TokenError::Alphabet,
        );
        self.add("a NUL", format!("{good}\0"), TokenError::Alphabet);
        self.add(
            "a bearer prefix",
            format!("Bearer:{good}"),
            TokenError::Alphabet,
        );
        self.add(
            "a header that ends inside a byte",
            format!("{}.{p}.{s}", dangling(h)),
            TokenError::NotCanonical(Part::Header),
        );
        self.add(
            "a signature with bits after its last",
            format!("{h}.{p}.{}", loosen(s)),
            TokenError::NotCanonical(Part::Signature),
        );
        let filler = "A".repeat(Receipt::MAX_BYTES);
        self.add(
            "too long",
            format!("{good}{filler}"),
            TokenError::TooLong { most: 4096 },
        );
        self.add(
            "too long and nothing else",
            filler + "A",
            TokenError::TooLong { most: 4096 },
        );
    }
}

/// The same bytes, in base64 that a lenient reader takes too: 64 bytes leave 4 bits unused.
fn loosen(signature: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = signature.split_at(signature.len() - 1);
    let value = ALPHABET
        .iter()
        .position(|b| *b == last.as_bytes()[0])
        .unwrap();
    format!("{rest}{}", char::from(ALPHABET[value | 1]))
}

/// One character more than whole bytes take.
fn dangling(text: &str) -> String {
    let mut text = text.to_owned();
    while text.len() % 4 != 1 {
        text.push('A');
    }
    text
}
