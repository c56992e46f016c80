use std::io;
use std::path::Path;

use passerelle_transport::jwt::SigningKey;

use super::Running;
use crate::demo::error::DemoError;
use crate::demo::narrator::{Narrator, fill};
use crate::demo::organisations::SYSTEM;
use crate::shown::Language;

/// What is said around the table.
struct Texts {
    title: &'static str,
    fictitious: &'static str,
    call: &'static str,
    address: &'static str,
    authority: &'static str,
    certificate: &'static str,
    key: &'static str,
    proof: &'static str,
    proof_key: &'static str,
    all: &'static str,
    order: &'static str,
    order_told: &'static str,
    switches: &'static str,
    unreachable: &'static str,
    slow: &'static str,
    withdraws: &'static str,
    persons: &'static str,
    pass: &'static str,
    call_of: &'static str,
    comes: &'static str,
    stays: &'static str,
}

const EN: Texts = Texts {
    title: "A node to write an agency system against",
    fictitious: "Organisations, persons and keys are fictitious and for this one run.",
    call: "The node of the Département du Valfictif",
    address: "address",
    authority: "its authority",
    certificate: "your certificate",
    key: "its key",
    proof: "claims of a proof: iss {}, aud {}, siret {}; header kid {}, alg {}",
    proof_key: "key of proofs",
    all: "all of this, for programs",
    order: "For each person",
    order_told: "OpenSession, RedeemPass with the pass and the PIN below, RecordAgreement, FetchSummary. \
                 The agreement names the partner, basis public_task with the notice spie-information, or \
                 explicit_consent with spie-health, purpose pathway_follow_up. Every person is registered \
                 under the reference below; RegisterPerson gives the same id again.",
    switches: "What the partner mission-locale meets or does when you make a file",
    unreachable: "not reached",
    slow: "slow",
    withdraws: "a person withdraws there",
    persons: "Persons",
    pass: "pass of {}: {}   PIN {}",
    call_of: "call: ",
    comes: "comes: ",
    stays: "Ctrl-C ends it. A new start makes new passes.",
};

const FR: Texts = Texts {
    title: "Un nœud pour écrire un logiciel métier",
    fictitious: "Organismes, personnes et clés sont fictifs et ne valent que pour cette exécution.",
    call: "Le nœud du Département du Valfictif",
    address: "adresse",
    authority: "son autorité",
    certificate: "votre certificat",
    key: "sa clé",
    proof: "contenu d’une preuve : iss {}, aud {}, siret {} ; en-tête kid {}, alg {}",
    proof_key: "clé des preuves",
    all: "tout cela, pour les programmes",
    order: "Pour chaque personne",
    order_told: "OpenSession, RedeemPass avec le passe et le code ci-dessous, RecordAgreement, FetchSummary. \
                 L’accord nomme le partenaire, la base public_task avec le texte spie-information, ou \
                 explicit_consent avec spie-health, la finalité pathway_follow_up. Chaque personne est \
                 enregistrée sous la référence ci-dessous ; RegisterPerson redonne le même identifiant.",
    switches: "Ce que le partenaire mission-locale subit ou fait quand vous créez un fichier",
    unreachable: "injoignable",
    slow: "lent",
    withdraws: "une personne y retire son accord",
    persons: "Personnes",
    pass: "passe de {} : {}   code {}",
    call_of: "appel : ",
    comes: "réponse : ",
    stays: "Ctrl-C pour finir. Un nouveau démarrage fait de nouveaux passes.",
};

/// Says how the sandbox is used.
pub(super) fn write(running: &Running, tell: &mut Narrator<'_>) -> Result<(), DemoError> {
    let texts = match tell.language {
        Language::English => &EN,
        Language::French => &FR,
    };
    tell.title(texts.title)?;
    tell.say(texts.fictitious)?;
    connection(running, texts, tell)?;
    tell.gap()?;
    tell.title(texts.order)?;
    tell.say(texts.order_told)?;
    tell.gap()?;
    tell.title(texts.switches)?;
    file(tell, texts.unreachable, &running.switch.unreachable_file())?;
    file(tell, texts.slow, &running.switch.slow_file())?;
    file(tell, texts.withdraws, &running.partner.withdraws_file())?;
    tell.gap()?;
    tell.title(texts.persons)?;
    for prepared in &running.persons {
        let told = prepared.person.told(tell.language);
        tell.gap()?;
        tell.verbatim(&format!(
            "  {}   {}",
            prepared.person.reference, prepared.person_id
        ))?;
        for pass in &prepared.passes {
            let (text, pin) = (&pass.issued.pass_text, &pass.issued.pin);
            let line = fill(texts.pass, &[&pass.node, text, pin]);
            tell.verbatim(&format!("    {}", tell.language.typeset(&line)))?;
        }
        tell.item(&format!("{}{}", texts.call_of, told.call))?;
        tell.item(&format!("{}{}", texts.comes, told.comes))?;
    }
    tell.gap()?;
    tell.say(texts.stays)?;
    Ok(())
}

fn connection(running: &Running, texts: &Texts, tell: &mut Narrator<'_>) -> Result<(), DemoError> {
    let federation = &running.federation;
    let site = &federation.departement;
    let key = SigningKey::load(&site.system.assertion_key)?;
    tell.gap()?;
    tell.title(texts.call)?;
    let address = site.agency_address();
    tell.verbatim(&format!("    {:<32}{address}", texts.address))?;
    for (what, path) in [
        (texts.authority, &*site.system.anchors),
        (texts.certificate, &*site.system.certificate),
        (texts.key, &*site.system.key),
        (texts.proof_key, &*site.system.assertion_key),
        (texts.all, &*federation.folder.join("sandbox.json")),
    ] {
        file(tell, what, path)?;
    }
    tell.item(&fill(
        texts.proof,
        &[
            &SYSTEM,
            &site.node(),
            &site.organisation.siret,
            &key.kid(),
            &format!("{:?}", key.algorithm()),
        ],
    ))?;
    Ok(())
}

fn file(tell: &mut Narrator<'_>, what: &str, path: &Path) -> io::Result<()> {
    tell.verbatim(&format!("    {what:<32}{}", path.display()))
}
