use super::Texts;

/// French. Spaces that do not break are set by `Language::typeset`.
pub(in crate::demo) const FR: Texts = Texts {
    title: "Passerelle : trois organismes, une personne, et ce qui peut passer entre eux",
    fictitious: "Tout le monde ici est fictif. Les règles sont un exemple non vérifié, pour la \
                 formation.",
    folder: "Les clés, les configurations et les données sont dans {}.",
    folder_until_end: "Jusqu’à la fin, les clés, les configurations et les données sont dans {}.",

    nodes_step: "Trois organismes, un nœud chacun",
    nodes_hold: "Chacun a ses clés, ses données et son journal. Une liste signée dit qui participe ; \
                 il n’y a pas de base centrale.",

    nodes_directory: "Le département trouve les autres dans son annuaire. {}, téléphone {} : {} rubriques \
                      peuvent lui être demandées pour suivre un parcours, autant que la personne le veut bien.",
    nodes_not_found: "L’annuaire aurait dû présenter la mission locale, et ne le fait pas.",

    journeys_step: "Ce que chacun sait",
    journeys_story: "{} a eu 26 ans il y a neuf jours et perçoit maintenant le RSA. La mission \
                     locale l’accompagne depuis trois ans ; le département prend le relais. Elle \
                     est aussi passée par une association.",
    journeys_kept: "{} : {} éléments à son sujet.",
    journeys_kept_health: "{} : {} éléments à son sujet, dont {} sur sa santé ; {} portent une \
                           note, qui ne sort jamais.",
    journeys_refused: "Chaque élément aurait dû être enregistré ; l’un est refusé sur « {} » : {}.",

    journeys_assigned: "{} est son référent à partir d’aujourd’hui : elle est dans la file active que le \
                        département tient dans son nœud.",
    journeys_not_assigned: "Elle aurait dû entrer dans une file active, et n’y est pas.",

    pass_step: "Elle montre son passe de continuité au département",
    pass_issued: "La mission locale le lui a imprimé, sans aucun nom, avec un code à six chiffres.",
    pass_printed: "{}, code {}",
    pass_redeemed: "Avec le passe, le code, son nom et sa date de naissance, les deux nœuds partagent \
                    désormais un lien à son sujet. Rien de son parcours n’a bougé.",
    pass_of_other: "Le passe aurait dû mener à la mission locale, et mène ailleurs.",

    agreement_step: "Elle est informée ; pour la santé, elle signe",
    agreement_informed: "Mission d’intérêt public : elle a lu la notice et ne s’oppose pas. Onze \
                         rubriques, jusqu’à la sensibilité 2 (conditions de vie). La mission \
                         locale détient l’attestation.",
    agreement_signed: "Santé : consentement explicite, signé sur papier devant un agent connecté \
                       avec un second facteur. Le diagnostic seul, jusqu’à la sensibilité 4. La \
                       mission locale détient l’attestation.",
    agreement_not_delivered: "La mission locale aurait dû confirmer l’attestation, et ne l’a pas \
                              fait.",

    agreement_copied: "Elle emporte les deux sur papier : une page chacun, avec un code qui retrouve \
                       l’attestation signée.",
    agreement_no_copy: "Il aurait dû y avoir une copie à lui remettre, et il n’y en a pas.",

    summary_step: "Le département demande, la mission locale transmet ce qui peut l’être",
    summary_overview: "D’abord une vue d’ensemble, que le nœud de la mission locale établit à \
                       partir de ce qu’il transmet :",
    summary_timeline: "Puis le parcours, du plus ancien au plus récent, chaque élément avec son \
                       organisme :",
    summary_not_opened: "Puis ce qui a été demandé et n’est pas ouvert. Cela ne dit jamais s’il \
                         existe quelque chose :",
    summary_holds: "{} éléments reçus. Aucune note parmi eux, ni rien de ce qui n’est pas ouvert.",
    summary_logged: "Les deux journaux en ont la trace, avec les empreintes des mêmes octets : \
                     inscription {} à la mission locale, écrite avant tout envoi ; inscription {} \
                     au département.",
    summary_foreseen: "Avant toute demande, l’agent de la mission locale voit exactement ce qui partirait : {} \
                       éléments. Rien n’est transmis.",
    summary_unforeseen: "Ce qui est reçu aurait dû être ce qui avait été vu d’avance, et ne l’est pas.",
    summary_accounted: "Le délégué à la protection des données du département voit qui a demandé, {}, et \
                        qu’elle était ce jour-là dans sa file active.",
    summary_unaccounted: "Le délégué à la protection des données aurait dû voir qui a demandé et pourquoi ; \
                          ce n’est pas le cas.",
    summary_told: "Le logiciel de la mission locale l’apprend aussitôt : {} a reçu {} éléments ({}).",
    summary_untold: "Le logiciel de la mission locale aurait dû l’apprendre, et ne l’a pas fait.",
    summary_missing: "La mission locale aurait dû répondre par une synthèse, et ne l’a pas fait.",
    summary_no_overview: "La vue d’ensemble aurait dû dire où en est la personne, et elle est vide.",
    summary_not_merged: "Le parcours réuni aurait dû contenir la synthèse telle que reçue, et ne la \
                         contient pas.",
    summary_too_open: "N’auraient pas dû être ouverts les statuts de sensibilité 3 et 4 et les \
                       actions de sensibilité 3 ; c’est autre chose.",
    summary_leaks: "La réponse contient une note, ou un élément qui n’était pas ouvert.",

    overview_stands: "Où elle en est",
    overview_accompanied_by: "Qui l’accompagne",
    overview_wants: "Ce qu’elle veut",
    overview_tried: "Ce qui a été fait",
    overview_open: "Ce qui est en cours",
    overview_next: "Ce qui est prévu",
    overview_nothing_since: "Dernier événement connu : {}",
    timeline_message: "« {} »",
    not_opened_cell: "{}, sensibilité {}",

    refusal_step: "L’association demande aussi, sans attestation",
    refusal_linked: "Elle lui a montré le même passe : le lien existe. Un lien n’ouvre rien à lui \
                     seul.",
    refusal_told: "Refus, et son agent lit quelle pièce manque : « {} »",
    refusal_logged: "Le refus est dans les deux journaux : inscription {} à la mission locale, \
                     inscription {} à l’association.",
    refusal_answered: "L’association aurait dû être refusée, et a reçu une réponse.",

    withdrawal_step: "Elle change d’avis",
    withdrawal_confirmed: "Les deux attestations sont retirées au département : effet immédiat, \
                           confirmé par la mission locale.",
    withdrawal_purged: "La copie de son parcours au département est détruite.",
    withdrawal_refused: "Sa demande suivante est refusée, et son agent lit : « {} »",
    withdrawal_unconfirmed: "Les deux nœuds auraient dû montrer le retrait comme confirmé ; l’un ne \
                             le fait pas.",
    withdrawal_copy_left: "La copie aurait dû être détruite, et elle est encore visible.",
    withdrawal_answered: "La demande qui suit le retrait aurait dû être refusée, et a reçu une \
                          réponse.",

    logs_step: "Chaque journal se vérifie hors ligne, avec son dossier et sa clé publique",
    logs_hold: "{} : {} inscriptions, chacune dans l’arbre que le nœud a signé.",
    logs_unpublished: "Un journal aurait dû être publié dans la seconde, et ne l’est pas.",
    logs_differ: "Les deux journaux auraient dû contenir l’échange et concorder ; ce n’est pas le \
                  cas.",

    altered_step: "Quelqu’un récrit le passé",
    altered_story: "Dans une copie du journal de la mission locale ({}), un bit de l’inscription {} \
                    est changé : le motif du refus.",
    altered_named: "La vérification la désigne : l’inscription {} n’a plus l’empreinte que donne {}.",
    altered_not_found: "L’inscription aurait dû être dans le journal publié, et n’y est pas.",
    altered_unnoticed: "La vérification aurait dû désigner l’inscription modifiée, et n’a rien vu.",

    end: "Chaque étape a fait ce qu’elle devait faire.",
    end_kept: "La fédération reste dans {}. Un nœud redémarre par :",

    calls_stay: "Les trois nœuds tournent jusqu’à Ctrl-C. Avec grpcurl, comme le logiciel métier du \
                 département :",
    calls_where: "son nœud, son certificat",
    calls_session: "une session de son référent",
    calls_session_of_officer: "et une de son délégué à la protection des données",
    calls_services: "les services, sans session",
    calls_person: "le dossier de la personne, et les liens à son sujet",
    calls_agreements: "ce qu’elle a accepté puis retiré, et la confirmation du partenaire",
    calls_changes: "ce qui s’est passé, comme son logiciel métier l’apprend",
    calls_log: "qui a vu quoi à son sujet, pour le seul délégué à la protection des données",
    calls_altered: "le journal modifié, vérifié de l’extérieur",
    calls_show: "ce que le département sait encore de son parcours",
    calls_page: "ce que la mission locale en sait, sur deux feuilles à imprimer",
    calls_import: "trois personnes de plus, reprises d’un fichier",
};
