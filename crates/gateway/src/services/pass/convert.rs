use passerelle_domain::{Malformed, PassId, Pii};
use passerelle_exchange::{IssuePass, IssuedPass, RedeemPass, Redeemed};
use passerelle_proto::agency::v1 as wire;

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
pub(super) fn issued(pass: &IssuedPass) -> wire::IssuePassResponse {
    wire::IssuePassResponse {
        pass_text: pass.secret.text().into_exposed(),
        pin: pass.pin.reveal().to_owned(),
        expires_at: pass.expires_at.to_string(),
        qr_svg: pass.qr_svg().into_exposed(),
        qr_png: pass.qr_png().into_exposed().into(),
        pass_id: pass.id.to_string(),
    }
}

pub(super) fn pass(message: &wire::RevokePassRequest) -> Result<PassId, Malformed> {
    message.pass_id.parse().map_err(fields::within("pass_id"))
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
