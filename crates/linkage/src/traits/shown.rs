//! What a person says of themselves when they show a pass.

use passerelle_domain::{Agreement, Digest, Malformed, PartialDate, Pii};
use subtle::{Choice, ConstantTimeEq};

use super::{IdentityTraits, PersonName};
use crate::names::words;

/// The traits of a redemption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownTraits {
    /// The name at birth.
    pub birth_name: Pii<PersonName>,
    /// A first name, or several in order.
    pub first_name: Pii<PersonName>,
    /// As far as the person knows it.
    pub birth_date: Pii<PartialDate>,
}

impl ShownTraits {
    /// Reads the fields of `passerelle.exchange.v1.RedeemQuestion`.
    pub fn parse(birth_name: &str, first_name: &str, birth_date: &str) -> Result<Self, Malformed> {
        let name = |field, text| PersonName::new(text).map_err(|error| error.within(field));
        let date = birth_date.parse::<PartialDate>();
        Ok(Self {
            birth_name: Pii::new(name("birth_name", birth_name)?),
            first_name: Pii::new(name("first_name", first_name)?),
            birth_date: Pii::new(date.map_err(|error| error.within("birth_date"))?),
        })
    }

    /// Whether they may be those of `held`. All three must agree:
    ///
    /// - the birth name, in its matching form; a name in use does not do;
    /// - the first names: one list begins with the whole of the other, word by word (`Jean` or
    ///   `Jean Pierre` for `Jean-Pierre Marie`), or both have the same words in another order;
    /// - the birth date, as precisely as both are known; `1990-01-01` and `1990` agree, since that
    ///   is how a day that nobody knows is written, `1990-05-17` and `1990` do not.
    ///
    /// Everything is compared, in the same steps, whatever fails first.
    pub fn agree_with(&self, held: &IdentityTraits) -> bool {
        let birth_name = same_text(&self.birth_name, &held.birth_name);
        let first_names = first_names_agree(&self.first_name, &held.first_names);
        let date = self
            .birth_date
            .expose()
            .agrees_with(held.birth_date.expose());
        let birth_date = Choice::from(u8::from(date != Agreement::No));
        (birth_name & first_names & birth_date).into()
    }
}

impl From<&IdentityTraits> for ShownTraits {
    /// What the person would say, as their own node knows it.
    fn from(traits: &IdentityTraits) -> Self {
        Self {
            birth_name: traits.birth_name.clone(),
            first_name: traits.first_names.clone(),
            birth_date: traits.birth_date.clone(),
        }
    }
}

fn same_text(one: &Pii<PersonName>, other: &Pii<PersonName>) -> Choice {
    same_bytes(&one.expose().match_form(), &other.expose().match_form())
}

fn first_names_agree(one: &Pii<PersonName>, other: &Pii<PersonName>) -> Choice {
    let (one, other) = (one.expose().match_form(), other.expose().match_form());
    let (one, other): (Vec<&str>, Vec<&str>) = (words(&one).collect(), words(&other).collect());
    let shared = one.len().min(other.len());
    let begins = same_bytes(&one[..shared].join(" "), &other[..shared].join(" "));
    let sorted = |mut words: Vec<&str>| {
        words.sort_unstable();
        words.join(" ")
    };
    begins | same_bytes(&sorted(one), &sorted(other))
}

/// Compares digests: of one length, and telling nothing of where texts differ.
fn same_bytes(one: &str, other: &str) -> Choice {
    Digest::of(one.as_bytes())
        .as_bytes()
        .ct_eq(Digest::of(other.as_bytes()).as_bytes())
}

#[cfg(test)]
mod tests;
