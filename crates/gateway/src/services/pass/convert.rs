use passerelle_domain::{Malformed, PassId, PersonId, Pii};
use passerelle_exchange::{
    Contact, IssuePass, IssuedPass, Page, PageSize, PassFile, RedeemPass, Redeemed,
};
use passerelle_linkage::pass::{PassStatus, Pin};
use passerelle_proto::agency::v1 as wire;

use crate::paper;
use crate::services::fields;

pub(super) fn issue(message: &wire::IssuePassRequest) -> Result<IssuePass, Malformed> {
    let ceiling = match message.ceiling {
        0 => None,
        set => Some(fields::class("ceiling", set)?),
    };
    Ok(IssuePass {
        person: fields::person(&message.person_id)?,
        ceiling,
        valid_days: (message.valid_days != 0).then_some(message.valid_days),
    })
}

/// The pass leaves the node here and nowhere else.
pub(super) fn issued(pass: &IssuedPass, own: &Contact) -> wire::IssuePassResponse {
    wire::IssuePassResponse {
        pass_text: pass.secret.text().into_exposed(),
        pin: pass.pin.reveal().to_owned(),
        expires_at: pass.expires_at.to_string(),
        qr_svg: pass.qr_svg().into_exposed(),
        qr_png: pass.qr_png().into_exposed().into(),
        pass_id: pass.id.to_string(),
        html: paper::pass(pass, own).into_exposed(),
    }
}

pub(super) fn pass(pass_id: &str) -> Result<PassId, Malformed> {
    pass_id.parse().map_err(fields::within("pass_id"))
}

pub(super) fn new_pin(pin: &Pin) -> wire::NewPinResponse {
    wire::NewPinResponse {
        pin: pin.reveal().to_owned(),
    }
}

pub(super) fn list(message: &wire::ListPassesRequest) -> Result<(PersonId, PageSize), Malformed> {
    let person = fields::person(&message.person_id)?;
    Ok((person, PageSize::from_wire(message.page_size)?))
}

pub(super) fn page(page: Page<PassFile>) -> wire::ListPassesResponse {
    wire::ListPassesResponse {
        passes: page.items.iter().map(file).collect(),
        next_page_token: page.next.unwrap_or_default(),
    }
}

fn file(file: &PassFile) -> wire::PassFile {
    let state = match file.status {
        PassStatus::Usable => wire::PassState::Usable,
        PassStatus::Locked => wire::PassState::Locked,
        PassStatus::Spent => wire::PassState::Spent,
        PassStatus::Expired => wire::PassState::Expired,
        PassStatus::Revoked => wire::PassState::Revoked,
    };
    wire::PassFile {
        pass_id: file.id.to_string(),
        state: state.into(),
        ceiling: u32::from(file.ceiling.as_u8()),
        issued_at: file.issued_at.to_string(),
        expires_at: file.expires_at.to_string(),
        redemptions_left: u32::from(file.redemptions_left),
        attempts_left: u32::from(file.attempts_left),
    }
}

pub(super) fn redeem(message: wire::RedeemPassRequest) -> Result<RedeemPass, Malformed> {
    Ok(RedeemPass {
        person: fields::person(&message.person_id)?,
        exchange: fields::exchange(&message.exchange_id)?,
        pass_text: Pii::new(message.pass_text),
        pin: Pii::new(message.pin),
        birth_name: Pii::new(message.birth_name),
        first_name: Pii::new(message.first_name),
        birth_date: Pii::new(message.birth_date),
    })
}

pub(super) fn redeemed(redeemed: Redeemed) -> wire::RedeemPassResponse {
    wire::RedeemPassResponse {
        node: redeemed.node.to_string(),
        organisation: redeemed.organisation,
        ceiling: u32::from(redeemed.ceiling.as_u8()),
    }
}
