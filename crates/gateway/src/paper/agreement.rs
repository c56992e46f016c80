use std::collections::BTreeMap;

use maud::{Markup, html};
use passerelle_domain::claim::{Effect, Grant};
use passerelle_domain::{Class, LawfulBasis};
use passerelle_exchange::AgreementCopy;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use super::{day, drawing, page};

/// What the QR code of a copy holds, to find the signed receipt again. The receipt itself, up to 4
/// KiB, would make a code that no telephone reads from paper.
pub(crate) fn reference(copy: &AgreementCopy) -> String {
    let receipt = &copy.receipt;
    format!(
        "passerelle-receipt:1:{}:{}:{}:{}",
        receipt.issuer, receipt.chain, receipt.version, copy.digest
    )
}

/// The copy of an agreement. Its words follow the ground: on a public task a person is informed.
pub(crate) fn copy(copy: &AgreementCopy, officer: &str) -> String {
    let receipt = &copy.receipt;
    let agreed = agreed(receipt.basis);
    let title = if agreed {
        "Votre accord"
    } else {
        "Ce dont vous avez été informé·e"
    };
    let content = html! {
        div.head {
            h1 { (title) }
            p { strong { (copy.person.expose()) } }
            p { (copy.own.organisation) ", le " (day(receipt.issued_at.at())) }
            @if let Some(at) = copy.withdrawn_at {
                p.warn { "Retiré le " (day(at)) " : plus rien n’est transmis à ce titre." }
            }
            (code(&reference(copy)))
        }
        h2 { "Qui, à qui, jusqu’à quand" }
        p {
            strong { (copy.holder.organisation) }
            @if agreed { " peut, parce que vous êtes d’accord, transmettre à " }
            @else { " peut transmettre à " }
            strong { (copy.requester.organisation) }
            " ce qui suit, jusqu’au " strong { (day(receipt.expires_at.at())) } " au plus tard."
        }
        p { "Fondement : " (receipt.basis.label_fr()) ". "
            @if agreed { "Accord donné par : " } @else { "Personne informée : " }
            (receipt.given_by.label_fr()) ". Preuve : " (receipt.evidence.kind.label_fr()) "."
        }
        @if let Some(notice) = &copy.notice {
            p { "Texte lu : « " (notice.title) " » (" (notice.lang) ")." }
        }
        (lines("Ce qui peut être transmis", "jusqu’au niveau", Effect::Permit, &receipt.grants))
        (lines("Ce qui ne l’est pas", "à partir du niveau", Effect::Deny, &receipt.grants))
        p { "Les notes des professionnels ne sont jamais transmises." }
        @if agreed { (withdraw(copy)) } @else { (object(copy)) }
        h2 { "Vos droits" }
        p {
            "Vous pouvez demander qui a reçu quoi, quand et pourquoi, faire corriger ce qui est faux, et \
             demander que l’usage en soit limité. "
            @if !officer.is_empty() { "Délégué·e à la protection des données : " (officer) ". " }
            "Vous pouvez aussi saisir la CNIL (www.cnil.fr)."
        }
        p.small { "Référence de l’attestation signée : " (reference(copy)) }
    };
    page(title, &content)
}

/// Whether the person agreed. On every other ground they are informed.
const fn agreed(basis: LawfulBasis) -> bool {
    matches!(basis, LawfulBasis::Consent | LawfulBasis::ExplicitConsent)
}

fn withdraw(copy: &AgreementCopy) -> Markup {
    html! {
        h2 { "Changer d’avis" }
        p {
            "Vous pouvez retirer votre accord à tout moment, sans dire pourquoi et sans que cela change \
             vos droits : " (copy.receipt.withdrawal.0) ". Ce qui a été reçu est alors détruit."
        }
    }
}

fn object(copy: &AgreementCopy) -> Markup {
    html! {
        h2 { "Vous y opposer" }
        p {
            "Vous pouvez vous opposer à cette transmission, en tout ou en partie, à tout moment et sans \
             que cela change vos droits : " (copy.receipt.withdrawal.0) "."
        }
    }
}

/// The lines of an agreement that open, or those that close; nothing where there is none.
fn lines(title: &str, class: &str, effect: Effect, grants: &[Grant]) -> Markup {
    let grants: Vec<_> = grants.iter().filter(|line| line.effect == effect).collect();
    html! {
        @if !grants.is_empty() {
            h2 { (title) }
        }
        @for grant in grants {
            ul {
                @for (level, sections) in by_class(grant) {
                    li { (listed(sections.into_iter())) " : " (class) " « " (level) " »" }
                }
            }
            p {
                "Pour : " (listed(grant.purposes.iter().map(|purpose| purpose.label_fr()))) "."
                @if effect == Effect::Permit {
                    " Permet de : "
                    (listed(grant.actions.iter().map(|action| action.label_fr()))) "."
                }
                @if let Some(until) = grant.until { " Jusqu’au " (day(until.at())) "." }
            }
        }
    }
}

/// The sections of a line by their class: a line each would not fit a sheet.
fn by_class(grant: &Grant) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut classes: BTreeMap<Class, Vec<&'static str>> = BTreeMap::new();
    for (section, class) in &grant.sections {
        classes.entry(*class).or_default().push(section.label_fr());
    }
    let labelled = classes.into_iter();
    labelled
        .map(|(class, sections)| (class.label_fr(), sections))
        .collect()
}

fn listed<'a>(labels: impl Iterator<Item = &'a str>) -> String {
    let labels: Vec<_> = labels.collect();
    labels.join(", ")
}

fn code(reference: &str) -> Markup {
    // At most 40 + 22 + 10 + 64 characters and what joins them: level M holds thousands. Without a code
    // the page says the reference all the same.
    match QrCode::with_error_correction_level(reference, EcLevel::M) {
        Ok(code) => {
            let svg = code
                .render::<svg::Color<'_>>()
                .module_dimensions(4, 4)
                .build();
            drawing(&svg, "La référence de l’attestation signée, à scanner")
        }
        Err(_) => html! {},
    }
}
