use passerelle_domain::vocabulary::RefusalReason;
use passerelle_domain::{ChainId, Timestamp};
use passerelle_store::Tx;
use passerelle_store::tables::copies::Copy;
use passerelle_store::tables::questions::KeptQuestion;
use passerelle_store::tables::receipts::KeptReceipt;
use passerelle_store::tables::{copies, links, objections, receipts, withdrawals};

use super::stored::source;
use crate::ExchangeError;
use crate::fetch::Sent;

/// Why what an answer was given under may not stand any more. Whatever ended or narrowed something
/// over the link since the question was asked, the answer may rest on it: it is dropped, and can be
/// asked anew.
pub(super) fn overtaken(tx: &Tx<'_>, sent: &Sent) -> Result<Option<RefusalReason>, ExchangeError> {
    let question = &sent.question;
    let link = links::find(tx, &question.link)?;
    if link.is_none_or(|link| link.state != links::LinkState::Live) {
        return Ok(Some(RefusalReason::NoLink));
    }
    let since = |at: Timestamp| at >= sent.sent_at;
    let purged = match copies::find(tx, &source(question))? {
        Some(Copy::Purged { at, .. }) => since(at),
        _ => false,
    };
    let mut withdrawn = withdrawals::over_link(tx, &question.link)?.into_iter();
    if purged || withdrawn.any(|chain| since(chain.withdrawn_at)) {
        return Ok(Some(RefusalReason::ReceiptWithdrawn));
    }
    let mut objections = objections::of_person(tx, &question.person)?.into_iter();
    if objections.any(|one| since(one.taken_at)) {
        return Ok(Some(RefusalReason::Objection));
    }
    let replaces = |kept: &KeptReceipt| kept.receipt.version > 1 && since(kept.received_at);
    let replaced = receipts::over_link(tx, &question.link)?
        .iter()
        .any(replaces);
    if replaced {
        return Ok(Some(RefusalReason::ReceiptReplaced));
    }
    // What the holder answered under, a receipt of its own, has not come here yet: without any nobody
    // here could tell what to destroy, and when.
    let unknown = live_chains(tx, question, tx.now())?.is_empty();
    Ok(unknown.then_some(RefusalReason::NoReceipt))
}

/// The chains that are known here under which the holder may have answered.
pub(super) fn live_chains(
    tx: &Tx<'_>,
    question: &KeptQuestion,
    now: Timestamp,
) -> Result<Vec<ChainId>, ExchangeError> {
    let withdrawn = withdrawals::over_link(tx, &question.link)?;
    let mut chains: Vec<ChainId> = receipts::over_link(tx, &question.link)?
        .into_iter()
        .map(|kept| kept.receipt)
        .filter(|receipt| receipt.holder == question.holder && receipt.in_date(now))
        .filter(|receipt| {
            !withdrawn
                .iter()
                .any(|ended| ended.chain == receipt.chain && ended.receipt_issuer == receipt.issuer)
        })
        .map(|receipt| receipt.chain)
        .collect();
    chains.sort_unstable();
    chains.dedup();
    Ok(chains)
}
