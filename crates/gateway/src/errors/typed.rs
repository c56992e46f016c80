//! What an agent is told of what an agent types: which part of it to look at again.

use passerelle_domain::Malformed;
use passerelle_domain::vocabulary::RefusalReason;

use super::reason::vocabulary;

/// What an agent is told of a field that an agent fills in; `None` where the agency system does.
pub(super) fn typed(field: &str) -> Option<&'static str> {
    let (_, name) = field.rsplit_once('.').unwrap_or(("", field));
    Some(match name {
        "pass_text" => {
            "Vérifiez la saisie : le code imprimé sur le passe, remis par un autre organisme."
        }
        "pin" => "Vérifiez la saisie : le code secret à 6 chiffres.",
        "name" => "Vérifiez la saisie : le nom.",
        "birth_name" => "Vérifiez la saisie : le nom de naissance.",
        "usage_name" => "Vérifiez la saisie : le nom d’usage.",
        "first_name" | "first_names" => "Vérifiez la saisie : le prénom.",
        "birth_date" => "Vérifiez la saisie : la date de naissance.",
        "birth_commune" => "Vérifiez la saisie : la commune de naissance.",
        "birth_country" => "Vérifiez la saisie : le pays de naissance.",
        "nir" => "Vérifiez la saisie : le numéro de sécurité sociale.",
        _ => return None,
    })
}

/// What an agent is told of a record that was refused.
pub fn record_refused(refused: &Malformed) -> &'static str {
    match refused.rule() {
        "no NIR in it" => {
            "Élément non enregistré : retirez le numéro de sécurité sociale du texte à transmettre."
        }
        "no phone number in it" => {
            "Élément non enregistré : retirez le numéro de téléphone du texte à transmettre."
        }
        "no e-mail address in it" => {
            "Élément non enregistré : retirez l’adresse électronique du texte à transmettre."
        }
        "not only blanks" => "Élément non enregistré : un texte est vide.",
        "1 to 120 characters" => {
            "Élément non enregistré : un libellé est vide ou dépasse 120 caractères."
        }
        "1 to 500 characters" => {
            "Élément non enregistré : un message est vide ou dépasse 500 caractères."
        }
        "1 to 10000 characters" => {
            "Élément non enregistré : une note est vide ou dépasse 10 000 caractères."
        }
        passerelle_exchange::BEYOND_SESSION => vocabulary(RefusalReason::SecondFactorRequired),
        _ => RECORD_MALFORMED,
    }
}

/// What an agent is told of a person who was refused.
pub fn person_refused(refused: &Malformed) -> &'static str {
    typed(refused.field()).unwrap_or(PERSON_MALFORMED)
}

const PERSON_MALFORMED: &str = "Personne non enregistrée : votre logiciel l’a envoyée mal formée. Prévenez votre informaticien.";
const RECORD_MALFORMED: &str =
    "Élément non enregistré : votre logiciel l’a envoyé mal formé. Prévenez votre informaticien.";

#[cfg(test)]
mod tests;
