//! The persons of the sandbox. They are not there.

use passerelle_proto::agency::v1::Identity;

use crate::demo::journeys::Known;
use crate::shown::Language;

/// What a person is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scene {
    Full,
    Partial,
    Nothing,
    NoLink,
    NoReceipt,
    Expired,
    Withdrawn,
    WithdrawnThere,
    Unreachable,
    Slow,
    TooSlow,
    WrongPin,
    Locked,
    SecondFactor,
    Sources,
    NewCode,
    WrongLink,
}

/// A person, who brings one answer about.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) scene: Scene,
    /// The agency system's own reference.
    pub(super) reference: &'static str,
    pub(super) birth_name: &'static str,
    pub(super) first_names: &'static str,
    pub(super) birth_date: &'static str,
    /// What the mission locale knows, which is behind the switch.
    pub(super) at_mission_locale: Known,
    /// What the association knows.
    pub(super) at_association: Known,
    en: Told,
    fr: Told,
}

/// How a person is used.
#[derive(Debug)]
pub(super) struct Told {
    /// What to call, once the pass is redeemed and the agreement recorded unless it says otherwise.
    pub(super) call: &'static str,
    /// What comes.
    pub(super) comes: &'static str,
}

impl Person {
    /// As every organisation that knows them has it.
    pub(super) fn identity(&self) -> Identity {
        Identity {
            birth_name: self.birth_name.to_owned(),
            first_names: self.first_names.to_owned(),
            birth_date: self.birth_date.to_owned(),
            ..Identity::default()
        }
    }

    /// How they are used.
    pub(super) fn told(&self, language: Language) -> &Told {
        match language {
            Language::English => &self.en,
            Language::French => &self.fr,
        }
    }
}

macro_rules! persons {
    ($($scene:ident $reference:literal $first:literal $date:literal, $ml:ident $asso:ident {
        en: $en_call:literal => $en_comes:literal,
        fr: $fr_call:literal => $fr_comes:literal,
    })+) => {
        /// Each of them, in the order in which an integrator meets them.
        pub(super) const PERSONS: [Person; [$($reference),+].len()] = [$(Person {
            scene: Scene::$scene,
            reference: $reference,
            birth_name: "Bacasable",
            first_names: $first,
            birth_date: $date,
            at_mission_locale: Known::$ml,
            at_association: Known::$asso,
            en: Told { call: $en_call, comes: $en_comes },
            fr: Told { call: $fr_call, comes: $fr_comes },
        }),+];
    };
}
persons! {
    Full "SANDBOX-FULL" "Adèle" "1999-01-01", Everyday Nobody {
        en: "FetchSummary of project and steps up to class 2"
            => "a summary with both, and an empty `not_opened`",
        fr: "FetchSummary : project et steps jusqu’à la sensibilité 2"
            => "un résumé avec les deux, `not_opened` vide",
    }
    Partial "SANDBOX-PARTIAL" "Basile" "1999-01-02", Housing Nobody {
        en: "FetchSummary of project and steps up to class 2 and status up to class 4"
            => "a summary without any status; `not_opened` names the classes of status that stay closed",
        fr: "FetchSummary : project et steps jusqu’à la sensibilité 2, status jusqu’à 4"
            => "un résumé sans statut ; `not_opened` nomme les sensibilités de status restées fermées",
    }
    Nothing "SANDBOX-NOTHING" "Camille" "1999-01-03", Everyday Nobody {
        en: "FetchSummary: the person objected at the partner"
            => "`nothing_to_share`, no summary: the same as if the partner did not know the person",
        fr: "FetchSummary : la personne s’est opposée chez le partenaire"
            => "`nothing_to_share`, sans résumé : comme si le partenaire ne connaissait pas la personne",
    }
    NoLink "SANDBOX-NO-LINK" "Denise" "1999-01-04", Nobody Nobody {
        en: "FetchSummary: there is no pass to redeem"
            => "FAILED_PRECONDITION, NO_LINK",
        fr: "FetchSummary : il n’y a pas de passe à utiliser"
            => "FAILED_PRECONDITION, NO_LINK",
    }
    NoReceipt "SANDBOX-NO-RECEIPT" "Élise" "1999-01-05", Everyday Nobody {
        en: "RedeemPass, then FetchSummary without any RecordAgreement"
            => "FAILED_PRECONDITION, PAPER_FAILS with `reason: no_receipt`",
        fr: "RedeemPass, puis FetchSummary sans RecordAgreement"
            => "FAILED_PRECONDITION, PAPER_FAILS avec `reason: no_receipt`",
    }
    Expired "SANDBOX-EXPIRED" "Fanny" "1999-01-06", Everyday Nobody {
        en: "RecordAgreement with an `expires_at` in a few seconds, then FetchSummary after it"
            => "FAILED_PRECONDITION, PAPER_FAILS with `reason: receipt_expired`",
        fr: "RecordAgreement avec `expires_at` dans quelques secondes, puis FetchSummary après"
            => "FAILED_PRECONDITION, PAPER_FAILS avec `reason: receipt_expired`",
    }
    Withdrawn "SANDBOX-WITHDRAWN" "Gaspard" "1999-01-07", Everyday Nobody {
        en: "FetchSummary, WithdrawAgreement, FetchSummary again with a new `exchange_id`"
            => "a summary, then PAPER_FAILS with `reason: receipt_withdrawn`; GetJourney shows the copy as purged",
        fr: "FetchSummary, WithdrawAgreement, puis FetchSummary avec un nouvel `exchange_id`"
            => "un résumé, puis PAPER_FAILS avec `reason: receipt_withdrawn` ; GetJourney montre la copie détruite",
    }
    WithdrawnThere "SANDBOX-WITHDRAWN-THERE" "Quentin" "1999-01-16", Everyday Nobody {
        en: "FetchSummary; make the file `partner-withdraws`; once it is gone, GetJourney, and FetchSummary with a new `exchange_id`"
            => "a summary; the person withdraws at the partner: GetJourney shows the copy as purged, ListAgreements since when; then `nothing_to_share`, for a partner never tells what it has been told",
        fr: "FetchSummary ; créer le fichier `partner-withdraws` ; quand il a disparu, GetJourney, et FetchSummary avec un nouvel `exchange_id`"
            => "un résumé ; la personne retire son accord chez le partenaire : GetJourney montre la copie détruite, ListAgreements depuis quand ; puis `nothing_to_share`, car un partenaire ne dit jamais ce qu’on lui a confié",
    }
    Unreachable "SANDBOX-UNREACHABLE" "Hector" "1999-01-08", Everyday Nobody {
        en: "make the file `partner-unreachable`, FetchSummary, remove it, the same FetchSummary again"
            => "UNAVAILABLE, PEER_UNREACHABLE with `since`, then the summary",
        fr: "créer le fichier `partner-unreachable`, FetchSummary, l’effacer, le même FetchSummary"
            => "UNAVAILABLE, PEER_UNREACHABLE avec `since`, puis le résumé",
    }
    Slow "SANDBOX-SLOW" "Inès" "1999-01-09", Everyday Nobody {
        en: "make the file `partner-slow`, FetchSummary, remove it"
            => "the summary, after more than a second",
        fr: "créer le fichier `partner-slow`, FetchSummary, l’effacer"
            => "le résumé, après plus d’une seconde",
    }
    TooSlow "SANDBOX-TOO-SLOW" "Rose" "1999-01-17", Everyday Nobody {
        en: "make the file `partner-slow`, FetchSummary with a deadline of half a second, remove it, the same FetchSummary again"
            => "DEADLINE_EXCEEDED from your own side, hence without a reason: what was asked may have been answered; then the summary",
        fr: "créer le fichier `partner-slow`, FetchSummary avec un délai d’une demi-seconde, l’effacer, le même FetchSummary"
            => "DEADLINE_EXCEEDED, dit par votre propre côté, donc sans motif : la réponse est peut-être partie ; puis le résumé",
    }
    WrongPin "SANDBOX-WRONG-PIN" "Joël" "1999-01-10", Everyday Nobody {
        en: "RedeemPass with another PIN, then with the right one and a new `exchange_id`"
            => "FAILED_PRECONDITION, PASS_REFUSED, then the link; the fifth wrong PIN locks the pass",
        fr: "RedeemPass avec un autre code, puis avec le bon et un nouvel `exchange_id`"
            => "FAILED_PRECONDITION, PASS_REFUSED, puis le lien ; le cinquième code faux bloque le passe",
    }
    Locked "SANDBOX-LOCKED" "Karine" "1999-01-11", Everyday Nobody {
        en: "RedeemPass with the right PIN: others have tried the pass five times"
            => "FAILED_PRECONDITION, PASS_REFUSED, as for a wrong PIN",
        fr: "RedeemPass avec le bon code : d’autres ont essayé le passe cinq fois"
            => "FAILED_PRECONDITION, PASS_REFUSED, comme pour un code faux",
    }
    SecondFactor "SANDBOX-SECOND-FACTOR" "Louise" "1999-01-12", Housing Nobody {
        en: "explicit consent for status up to class 4; FetchSummary of it in a session with `amr: [\"pwd\"]`, then with `[\"pwd\", \"otp\"]`"
            => "FAILED_PRECONDITION, SECOND_FACTOR_REQUIRED, then the status",
        fr: "consentement explicite pour status jusqu’à 4 ; FetchSummary dans une session `amr: [\"pwd\"]`, puis `[\"pwd\", \"otp\"]`"
            => "FAILED_PRECONDITION, SECOND_FACTOR_REQUIRED, puis le statut",
    }
    Sources "SANDBOX-SOURCES" "Malo" "1999-01-13", OutOfWork AtWork {
        en: "FetchSummaries of employment up to class 2, with a pass and an agreement for each partner; GetJourney"
            => "two sources that contradict each other: one says that the work has ended, one that it goes on",
        fr: "FetchSummaries : employment jusqu’à 2, un passe et un accord pour chaque partenaire ; GetJourney"
            => "deux sources qui se contredisent : l’emploi a pris fin selon l’une, se poursuit selon l’autre",
    }
    NewCode "SANDBOX-NEW-CODE" "Nadège" "1999-01-14", NewCode Nobody {
        en: "explicit consent for steps up to class 4; FetchSummary of it"
            => "a step whose `action` has a code that no list has, with its label: show the label",
        fr: "consentement explicite pour steps jusqu’à 4 ; FetchSummary"
            => "une étape dont `action` porte un code absent des listes, avec son libellé : afficher le libellé",
    }
    WrongLink "SANDBOX-WRONG-LINK" "Oscar" "1999-01-15", Everyday Nobody {
        en: "FetchSummary, ListLinks, ReportWrongLink, then FetchSummary with a new `exchange_id`"
            => "a summary, then FAILED_PRECONDITION, PAPER_FAILS with `reason: wrong_link_reported`; the copy is gone",
        fr: "FetchSummary, ListLinks, ReportWrongLink, puis FetchSummary avec un nouvel `exchange_id`"
            => "un résumé, puis FAILED_PRECONDITION, PAPER_FAILS avec `reason: wrong_link_reported` ; la copie est détruite",
    }
}
