//! What stands on a sheet beside what the journey says. `{}` stands for a value.

use crate::shown::Language;

macro_rules! texts {
    ($($name:ident: $en:literal, $fr:literal;)+) => {
        /// The texts of one language.
        pub(super) struct Texts {
            $(pub(super) $name: &'static str,)+
        }

        const EN: Texts = Texts { $($name: $en,)+ };
        const FR: Texts = Texts { $($name: $fr,)+ };

        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $fr),)+];
    };
}
texts! {
    title: "Journey of {}", "Parcours : {}";
    born: "born {}", "naissance : {}";
    reference: "reference {}", "référence {}";
    at: "as known here on {}", "tel que connu ici le {}";
    class: "holds records of class {}", "contient des éléments de sensibilité {}";
    sources: "Sources", "Sources";
    own: "Own organisation", "Notre organisme";
    state_own: "own records", "nos propres éléments";
    state_received: "answer received {}", "réponse reçue le {}";
    state_never_asked: "never asked: nothing is known", "jamais interrogé : rien n’est connu";
    state_nothing_to_share: "answered {} that it has nothing to share",
        "a répondu le {} n’avoir rien à partager";
    state_unreachable: "unreachable: unknown since {}; what follows is from the answer before",
        "injoignable : inconnu depuis le {} ; ce qui suit vient de la réponse d’avant";
    state_unknown: "unreachable: unknown since {}", "injoignable : inconnu depuis le {}";
    state_purged: "no longer shared: copies destroyed {}",
        "n’est plus partagé : copies détruites le {}";
    state_unspecified: "in a state that this program does not know, since {}",
        "dans un état que ce programme ne connaît pas, depuis le {}";
    no_date: "(no date)", "(sans date)";
    records: "records: {}", "éléments : {}";
    nothing_since: "last event known: {}", "dernier événement connu : {}";
    asked: "asked: {}", "demandé : {}";
    not_opened: "asked and not opened: {}", "demandé et non ouvert : {}";
    cell: "{} (class {})", "{} (sensibilité {})";
    stands: "Where the person stands", "Où en est la personne";
    accompanied_by: "Who accompanies them", "Qui l’accompagne";
    wants: "What they want", "Ce que la personne veut";
    open: "What is open", "Ce qui est en cours";
    next: "What is next", "Prochaines dates";
    tried: "What was tried", "Ce qui a été fait";
    not_discussed: "Not discussed (this does not mean no)", "Non abordé (cela ne veut pas dire non)";
    contradict: "Where sources say different things", "Ce que les sources disent différemment";
    timeline: "In time", "Dans le temps";
    today: "today", "aujourd’hui";
    journey: "Journey", "Éléments du parcours";
    contested: "contested by the person since {}", "contesté par la personne depuis le {}";
    restricted: "use restricted since {}", "usage limité depuis le {}";
    message: "“{}”", "« {} »";
    further: "and {} more", "et {} de plus";
    older: "{} older records are not on this sheet; `passerelle show` without --html has them all.",
        "{} éléments plus anciens ne sont pas sur cette feuille ; `passerelle show` sans --html les \
         donne tous.";
    legend: "Not opened, not discussed, unknown since: none of them means no. What sources say stands \
             side by side; nothing was decided between them. Notes are not shown.",
        "Non ouvert, non abordé, inconnu depuis : rien de cela ne veut dire non. Ce que disent les \
         sources figure côte à côte, sans choix entre elles. Les notes ne figurent pas.";
    drawn: "Solid: as far as it is known. Dashed: no end is known.",
        "Trait plein : ce qui est connu. Pointillé : aucune fin n’est connue.";
}

impl Texts {
    /// The texts of a language.
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &EN,
            Language::French => &FR,
        }
    }
}
