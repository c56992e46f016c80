use passerelle_domain::claim::{NoticeText, Receipt};
use passerelle_domain::{Caller, ChainId, Digest, PersonId, Pii, Timestamp};
use passerelle_policy::{OwnAct, own_access};
use passerelle_store::tables::{links, persons, withdrawals};

use super::list::ends;
use crate::contacts::Contact;
use crate::withdrawals::newest_of_chains;
use crate::{ExchangeError, Passerelle};

/// An agreement as a person takes it home: what its newest receipt says, in the words of people.
#[derive(Clone, Debug)]
pub struct AgreementCopy {
    /// Whose it is, as known here.
    pub person: Pii<String>,
    /// What was recorded.
    pub receipt: Receipt,
    /// SHA-256 of the signed receipt: what its two nodes hold.
    pub digest: Digest,
    /// Since when it is withdrawn; `None` where it is not.
    pub withdrawn_at: Option<Timestamp>,
    /// The organisation that holds what is opened.
    pub holder: Contact,
    /// The organisation that may ask for it.
    pub requester: Contact,
    /// This organisation, which gives the copy.
    pub own: Contact,
    /// The text that was shown, where the catalogue has it.
    pub notice: Option<NoticeText>,
}

impl Passerelle {
    /// The copy of an agreement, for the person.
    pub fn agreement_copy(
        &self,
        caller: &Caller,
        person: &PersonId,
        chain: &ChainId,
    ) -> Result<AgreementCopy, ExchangeError> {
        let _access = own_access(caller, OwnAct::MeetPerson)?;
        self.read(|view| {
            let person = &persons::kept(view, person)?;
            let known = persons::find(view, person)?.ok_or(ExchangeError::PersonNotFound)?;
            for link in links::of_person(view, person)? {
                let newest = newest_of_chains(view, &link)?;
                let Some(kept) = newest.into_iter().find(|kept| kept.receipt.chain == *chain)
                else {
                    continue;
                };
                let withdrawn = withdrawals::over_link(view, &link.id)?;
                let ended = withdrawn.iter().find(|withdrawn| ends(withdrawn, &kept));
                let receipt = kept.receipt.into_claim();
                let identity = &known.identity;
                return Ok(AgreementCopy {
                    person: Pii::new(format!("{} {}", identity.first_names, identity.birth_name)),
                    digest: kept.digest,
                    withdrawn_at: ended.map(|ended| ended.withdrawn_at),
                    holder: self.named(&receipt.holder),
                    requester: self.named(receipt.requester()),
                    own: self.own_contact(),
                    notice: self.0.notices.catalogue().named(&receipt.notice).cloned(),
                    receipt,
                });
            }
            Err(ExchangeError::not_found("chain"))
        })
    }
}
