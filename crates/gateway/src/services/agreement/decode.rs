use std::collections::{BTreeMap, BTreeSet};

use passerelle_domain::claim::{Effect, Grant, Notice, NumericDate, ObjectionScope};
use passerelle_domain::{
    Class, EvidenceKind, GivenBy, GrantAction, LawfulBasis, Malformed, Purpose, Section,
};
use passerelle_exchange::{
    AnswerObjection, Direction, Objecting, Own, Partner, RecordAgreement, RecordObjection,
    WithdrawAgreement,
};
use passerelle_proto::agency::v1 as wire;
use passerelle_proto::agency::v1::record_objection_request::Scope;
use passerelle_proto::agency::v1::{AgreementDirection, GrantEffect, OfficerAnswer};

use crate::services::fields;

pub(super) fn agreement(
    message: &wire::RecordAgreementRequest,
) -> Result<RecordAgreement, Malformed> {
    Ok(RecordAgreement {
        person: fields::person(&message.person_id)?,
        request: fields::request(&message.request_id)?,
        partners: fields::each("partners", &message.partners, partner)?,
        basis: fields::word(
            "basis",
            &message.basis,
            LawfulBasis::parse,
            "an id of the list lawful_basis",
        )?,
        given_by: fields::word(
            "given_by",
            &message.given_by,
            GivenBy::parse,
            "an id of the list given_by",
        )?,
        notice: shown(message.notice.as_ref())?,
        evidence: fields::word(
            "evidence",
            &message.evidence,
            EvidenceKind::parse,
            "an id of the list evidence_kind",
        )?,
        grants: fields::each("grants", &message.grants, grant)?,
        expires_at: fields::if_set(&message.expires_at, |at| fields::instant("expires_at", at))?,
        replaces: fields::if_set(&message.replaces_chain, |chain| {
            fields::chain("replaces_chain", chain)
        })?,
    })
}

pub(super) fn withdraw(
    message: &wire::WithdrawAgreementRequest,
) -> Result<WithdrawAgreement, Malformed> {
    Ok(WithdrawAgreement {
        person: fields::person(&message.person_id)?,
        chains: fields::each("chains", &message.chains, |chain| fields::chain("", chain))?,
    })
}

pub(super) fn objection(
    message: &wire::RecordObjectionRequest,
) -> Result<RecordObjection, Malformed> {
    let objection = match (&message.scope, message.lifts.is_empty()) {
        (Some(scope), true) => Objecting::To(scope_of(scope)?),
        (None, false) => Objecting::Lift(message.lifts.parse().map_err(fields::within("lifts"))?),
        _ => {
            let rule = "exactly one of what it closes, and what it lifts";
            return Err(Malformed::new("scope", rule));
        }
    };
    Ok(RecordObjection {
        person: fields::person(&message.person_id)?,
        request: fields::request(&message.request_id)?,
        objection,
    })
}

/// An objection that no other node took was taken at `own`.
pub(super) fn officers_answer(
    message: &wire::AnswerObjectionRequest,
    own: &Own,
) -> Result<AnswerObjection, Malformed> {
    let upheld = match message.answer() {
        OfficerAnswer::Upheld => true,
        OfficerAnswer::Overruled => false,
        OfficerAnswer::Unspecified | OfficerAnswer::Pending => {
            return Err(Malformed::new("answer", "upheld or overruled"));
        }
    };
    let named = fields::if_set(&message.node, |text| fields::node("node", text))?;
    let objection = message.objection_id.parse();
    Ok(AnswerObjection {
        person: fields::person(&message.person_id)?,
        issuer: named.unwrap_or_else(|| own.node.clone()),
        objection: objection.map_err(fields::within("objection_id"))?,
        upheld,
    })
}

fn partner(partner: &wire::AgreementPartner) -> Result<Partner, Malformed> {
    let direction = match partner.direction() {
        AgreementDirection::PartnerToOwn => Direction::PartnerToOwn,
        AgreementDirection::OwnToPartner => Direction::OwnToPartner,
        AgreementDirection::Unspecified => {
            return Err(Malformed::new("direction", "one of the two directions"));
        }
    };
    Ok(Partner {
        node: fields::node("node", &partner.node)?,
        direction,
    })
}

pub(in crate::services) fn shown(notice: Option<&wire::ShownNotice>) -> Result<Notice, Malformed> {
    let notice = notice.ok_or_else(|| Malformed::new("notice", "must be set"))?;
    let sha256 = notice.sha256.parse();
    Ok(Notice {
        id: notice.notice_id.clone(),
        lang: notice.lang.clone(),
        sha256: sha256.map_err(fields::within("notice.sha256"))?,
    })
}

fn grant(line: &wire::AgreementGrant) -> Result<Grant, Malformed> {
    let effect = match line.effect() {
        GrantEffect::Permit => Effect::Permit,
        GrantEffect::Deny => Effect::Deny,
        GrantEffect::Unspecified => return Err(Malformed::new("effect", "permit or deny")),
    };
    let action = |action: &str| {
        fields::word(
            "",
            action,
            GrantAction::parse,
            "an id of the list grant_action",
        )
    };
    Ok(Grant {
        effect,
        actions: set("actions", &line.actions, action)?,
        sections: sections(&line.sections)?,
        purposes: set("purposes", &line.purposes, purpose)?,
        until: fields::if_set(&line.until, |at| fields::instant("until", at))?.map(NumericDate::of),
    })
}

fn sections(all: &[wire::GrantSection]) -> Result<BTreeMap<Section, Class>, Malformed> {
    let mut sections = BTreeMap::new();
    fields::each("sections", all, |one: &wire::GrantSection| {
        let section = fields::section(&one.section)?;
        let class = fields::class("sensitivity", one.sensitivity)?;
        if sections.insert(section, class).is_some() {
            return Err(Malformed::new("section", "each section once"));
        }
        Ok(())
    })?;
    Ok(sections)
}

fn scope_of(scope: &Scope) -> Result<ObjectionScope, Malformed> {
    let section =
        |section: &str| fields::word("", section, Section::parse, "a section of the vocabulary");
    match scope {
        Scope::Everything(true) => Ok(ObjectionScope::All),
        Scope::Everything(false) => Err(Malformed::new("everything", "true where it is set")),
        Scope::Purposes(objected) => {
            items("purposes.items", objected, purpose).map(ObjectionScope::Purposes)
        }
        Scope::Sections(objected) => {
            items("sections.items", objected, section).map(ObjectionScope::Sections)
        }
        Scope::Requester(node) => fields::node("requester", node).map(ObjectionScope::Requester),
    }
}

/// An objection that names nothing closes nothing.
fn items<T: Ord>(
    field: &str,
    objected: &wire::ObjectedItems,
    read: impl FnMut(&str) -> Result<T, Malformed>,
) -> Result<BTreeSet<T>, Malformed> {
    if objected.items.is_empty() {
        return Err(Malformed::new(field, "at least one"));
    }
    set(field, &objected.items, read)
}

fn purpose(text: &str) -> Result<Purpose, Malformed> {
    fields::word("", text, Purpose::parse, "a purpose of the vocabulary")
}

/// Words that count once, however often they are named.
fn set<T: Ord>(
    field: &str,
    texts: &[String],
    mut read: impl FnMut(&str) -> Result<T, Malformed>,
) -> Result<BTreeSet<T>, Malformed> {
    let read = fields::each(field, texts, |text| read(text))?;
    Ok(read.into_iter().collect())
}

#[cfg(test)]
mod tests;
