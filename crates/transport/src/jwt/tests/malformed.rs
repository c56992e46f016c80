//! The table of tokens that are refused, each for its own reason.

mod claims;
mod forms;
mod headers;
mod signatures;

use std::collections::BTreeSet;

use super::*;
use crate::sample::OTHER;

struct Table {
    members: Members,
    refused: Vec<(&'static str, String, TokenError)>,
}

#[test]
fn every_malformed_token_is_refused_for_its_own_reason() {
    let mut table = Table {
        members: Members::new(),
        refused: Vec::new(),
    };
    table.forms();
    table.headers();
    table.algorithms();
    table.keys_and_signatures();
    table.texts_of_claims();
    table.types_of_claims();
    table.contents_of_claims();
    table.times();
    let names: BTreeSet<_> = table.refused.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(names.len(), table.refused.len(), "each name once");
    assert!(
        table.refused.len() >= 60,
        "only {} tokens",
        table.refused.len()
    );
    for (name, token, reason) in &table.refused {
        assert_eq!(table.members.verify(token).unwrap_err(), *reason, "{name}");
    }
}

impl Table {
    fn good(&self) -> String {
        token_of::<Receipt>(&receipt(), &self.members.requester)
    }

    fn add(&mut self, name: &'static str, token: impl Into<String>, reason: TokenError) {
        self.refused.push((name, token.into(), reason));
    }

    /// A token with this header, otherwise good.
    fn header(&mut self, name: &'static str, header: &str, reason: TokenError) {
        let token = signed(header, &receipt().to_string(), &self.members.requester);
        self.add(name, token, reason);
    }

    /// A token whose header has one member changed, or taken away.
    fn header_member(
        &mut self,
        name: &'static str,
        member: &str,
        value: Value,
        reason: TokenError,
    ) {
        let mut header = header(&self.members.requester, Receipt::TYP);
        match value {
            Value::Null => drop(header.as_object_mut().unwrap().remove(member)),
            value => header[member] = value,
        }
        self.header(name, &header.to_string(), reason);
    }

    /// A token with this payload, otherwise good.
    fn payload(&mut self, name: &'static str, payload: &str, reason: TokenError) {
        let header = header(&self.members.requester, Receipt::TYP).to_string();
        self.add(
            name,
            signed(&header, payload, &self.members.requester),
            reason,
        );
    }

    /// A token with one place of its claims changed.
    fn claim(&mut self, name: &'static str, pointer: &str, value: Value, reason: TokenError) {
        let mut payload = receipt();
        *payload.pointer_mut(pointer).unwrap() = value;
        self.payload(name, &payload.to_string(), reason);
    }

    /// A token with one claim taken away.
    fn without(&mut self, name: &'static str, claim: &'static str) {
        let mut payload = receipt();
        payload.as_object_mut().unwrap().remove(claim).unwrap();
        self.payload(
            name,
            &payload.to_string(),
            TokenError::MissingClaim(claim.to_owned()),
        );
    }

    /// A token whose claims have a piece of text replaced.
    fn text(&mut self, name: &'static str, from: &str, to: &str, reason: TokenError) {
        let payload = receipt().to_string();
        assert!(payload.contains(from), "{from}");
        self.payload(name, &payload.replacen(from, to, 1), reason);
    }
}
