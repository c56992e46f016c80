use maud::html;
use passerelle_domain::{CivilDate, Pii, Timestamp};
use passerelle_exchange::{Contact, IssuedPass};

use super::{day, drawing, page};

/// The sheet of a pass. It names the organisation and nobody else: whoever finds it learns no name.
/// The PIN is never on it: whoever held the sheet would lack nothing but the person's name.
pub(crate) fn pass(issued: &IssuedPass, own: &Contact) -> Pii<String> {
    let text = issued.secret.text();
    let groups: Vec<&str> = text.expose().split('-').collect();
    // Works before `expires_at`, not at it.
    let until = day(last_day(issued.expires_at));
    let organisation = &own.organisation;
    let content = html! {
        div.head {
            h1 { "Passe de continuité" }
            p { strong { (organisation) } }
            p { "Valable jusqu’au " strong { (until) } ", pour trois organismes au plus." }
            (drawing(issued.qr_svg().expose(), "Le code du passe, à scanner"))
        }
        p.code {
            @for line in groups.chunks(4) { (line.join("-")) br; }
        }
        h2 { "À quoi il sert" }
        p {
            "Vous le montrez à un autre organisme qui vous accompagne, pour ne pas recommencer de zéro. \
             On vous demandera aussi votre code à 6 chiffres, votre nom de naissance, un prénom et votre \
             date de naissance. Vous tapez le code devant la personne qui vous reçoit."
        }
        p { "Rien n’est transmis sans que vous en soyez informé·e." }
        h2 { "À savoir" }
        p.warn { "Ne gardez pas le code à 6 chiffres avec cette feuille, ne l’écrivez pas dessus." }
        p {
            "Cette feuille ne porte ni votre nom, ni aucune information sur vous. Après cinq erreurs, le \
             passe se bloque ; un nouveau code à 6 chiffres le débloque."
        }
        p {
            "Code oublié, feuille perdue, ou vous n’en voulez plus : adressez-vous à "
            (organisation)
            @if !own.contact.is_empty() { ", " (own.contact) }
            "."
        }
    };
    Pii::new(page("Passe de continuité", &content))
}

fn last_day(ends: Timestamp) -> Timestamp {
    CivilDate::of(ends.minus(std::time::Duration::from_millis(1))).start()
}
