//! What an agency prints and hands over.

use passerelle_domain::{CivilDate, Pii};

use super::PassSecret;

/// The language of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardLanguage {
    /// French.
    French,
    /// English.
    English,
}

/// The text of a pass on paper. It names the organisation and nobody else: whoever finds it learns
/// no name. The PIN is not on it: it is told apart.
#[derive(Clone, Copy, Debug)]
pub struct PassCard<'a> {
    /// The pass.
    pub secret: &'a PassSecret,
    /// The name of the organisation that issues it, as people know it.
    pub organisation: &'a str,
    /// How to reach that organisation, to end the pass: a telephone number or a place.
    pub contact: &'a str,
    /// The last day on which it can be used.
    pub last_day: CivilDate,
}

impl PassCard<'_> {
    /// The card, lines of at most 76 characters beside those that hold a name or the contact.
    pub fn text(&self, language: CardLanguage) -> Pii<String> {
        let Self {
            organisation,
            contact,
            ..
        } = self;
        let code = self.code_lines();
        let until = self.last_day.to_string();
        let text = match language {
            CardLanguage::French => {
                let day_first: Vec<&str> = until.rsplit('-').collect();
                let until = day_first.join("/");
                format!(
                    "PASSE DE CONTINUITÉ\n{organisation}\n\n{code}\n\n\
                     À quoi il sert : le montrer à une autre organisation qui vous accompagne,\n\
                     pour ne pas recommencer de zéro. Elle vous demandera aussi votre code à\n\
                     6 chiffres, votre nom de naissance, un prénom et votre date de naissance.\n\
                     Rien n'est transmis sans que vous en soyez informé·e.\n\n\
                     Valable jusqu'au {until}, pour trois organisations au plus.\n\
                     Ne gardez pas le code à 6 chiffres avec ce papier.\n\
                     Perdu, ou vous n'en voulez plus : faites-le annuler auprès de\n\
                     {organisation}, {contact}.\n"
                )
            }
            CardLanguage::English => format!(
                "CONTINUITY PASS\n{organisation}\n\n{code}\n\n\
                 What it is for: show it to another organisation that accompanies you, so\n\
                 as not to start from nothing. It will also ask you for your 6-digit PIN,\n\
                 your birth name, a first name and your birth date.\n\
                 Nothing is passed on without your being informed.\n\n\
                 Valid until {until}, for three organisations at most.\n\
                 Do not keep the PIN with this paper.\n\
                 Lost, or no longer wanted: have it cancelled by\n\
                 {organisation}, {contact}.\n"
            ),
        };
        Pii::new(text)
    }

    /// The code, four groups a line.
    fn code_lines(&self) -> String {
        let text = self.secret.text();
        let groups: Vec<&str> = text.expose().split('-').collect();
        let lines: Vec<String> = groups.chunks(4).map(|line| line.join("-")).collect();
        lines.join("-\n")
    }
}

#[cfg(test)]
mod tests;
