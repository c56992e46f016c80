use super::Texts;

/// English.
pub(in crate::demo) const EN: Texts = Texts {
    title: "Passerelle: three organisations, one person, and what may pass between them",
    fictitious: "Everyone in this story is fictitious. Its rules are an unverified example, for \
                 training.",
    folder: "Keys, configurations and data are in {}.",
    folder_until_end: "Until the end, keys, configurations and data are in {}.",

    nodes_step: "Three organisations, a node each",
    nodes_hold: "Each has its own keys, data and log. A signed list says who takes part; there is \
                 no central database.",

    nodes_directory: "The département finds the others in its directory. {}, telephone {}: it may be asked \
                      about {} sections to follow a pathway, as far as the person lets it.",
    nodes_not_found: "The directory should tell of the mission locale, and does not.",

    journeys_step: "What each of them knows",
    journeys_story: "{} turned 26 nine days ago and now receives RSA. The mission locale has \
                     accompanied her for three years; the département takes over. She has also \
                     been to an association.",
    journeys_kept: "{}: {} records about her.",
    journeys_kept_health: "{}: {} records about her, {} of them about health; {} carry a note, \
                           which never leaves.",
    journeys_refused: "Every record should have been kept; one was refused at `{}`: {}.",

    journeys_assigned: "{} is her lead adviser from today: she is in the caseload that the département \
                        keeps in its node.",
    journeys_not_assigned: "She should be in a caseload now, and is not.",

    pass_step: "She shows her continuity pass to the département",
    pass_issued: "The mission locale has printed it for her, without a name, and given her a PIN.",
    pass_printed: "{}, PIN {}",
    pass_redeemed: "With the pass, the PIN, her name and her birth date, the two nodes now share a link about \
                    her. Nothing of her journey has moved.",
    pass_of_other: "The pass should have led to the mission locale, and led elsewhere.",

    agreement_step: "She is informed; for health, she signs",
    agreement_informed: "Public task: she has read the notice and does not object. Eleven sections, \
                         up to class 2 (living conditions). The mission locale holds the receipt.",
    agreement_signed: "Health: explicit consent, signed on paper before an agent with a second \
                       factor. The diagnosis alone, up to class 4. The mission locale holds the \
                       receipt.",
    agreement_not_delivered: "The mission locale should have confirmed the receipt, and has not.",

    agreement_copied: "She takes both home on paper: a page each, with a code that finds the signed receipt \
                       again.",
    agreement_no_copy: "There should be a copy for her to take home, and there is none.",

    summary_step: "The département asks, and the mission locale answers what may be shared",
    summary_overview: "First an overview, which the mission locale’s node computes from what it \
                       shares (its labels are in French):",
    summary_timeline: "Then the journey, the oldest first, each record with its organisation:",
    summary_not_opened: "Then what was asked and not opened. It never tells whether there is \
                         anything:",
    summary_holds: "{} records came. No note is among them, and nothing of what was not opened.",
    summary_logged: "Both logs have it, with digests of the same bytes: entry {} at the mission \
                     locale, written before anything was sent; entry {} at the département.",
    summary_foreseen: "Beforehand, the mission locale’s own agent sees exactly what would leave: {} records. \
                       Nothing is sent.",
    summary_unforeseen: "What came should have been what was seen beforehand, and is not.",
    summary_accounted: "The privacy officer of the département sees who asked, {}, and that she was in their \
                        caseload that day.",
    summary_unaccounted: "The privacy officer should see who asked and why, and does not.",
    summary_told: "The mission locale’s own system hears of it at once: {} received {} records ({}).",
    summary_untold: "The mission locale’s own system should have heard of it, and has not.",
    summary_missing: "The mission locale should have answered with a summary, and did not.",
    summary_no_overview: "The overview should say where the person stands, and is empty.",
    summary_not_merged: "The merged journey should hold the summary as it was received, and does \
                         not.",
    summary_too_open: "What was not opened should be statuses of classes 3 and 4 and steps of class \
                       3, and is something else.",
    summary_leaks: "The answer holds a note, or a record that was not opened.",

    overview_stands: "Where she stands",
    overview_accompanied_by: "Who accompanies her",
    overview_wants: "What she wants",
    overview_tried: "What was tried",
    overview_open: "What is open",
    overview_next: "What is next",
    overview_nothing_since: "Last event known: {}",
    timeline_message: "“{}”",
    not_opened_cell: "{}, class {}",

    refusal_step: "The association asks too, without a receipt",
    refusal_linked: "She showed it the same pass: it is linked. A link opens nothing by itself.",
    refusal_told: "Refused, and its agent is told which paper is missing: “{}”.",
    refusal_logged: "Both logs have the refusal: entry {} at the mission locale, entry {} at the \
                     association.",
    refusal_answered: "The association should have been refused, and was answered.",

    withdrawal_step: "She changes her mind",
    withdrawal_confirmed: "Both receipts are withdrawn at the département: in force at once, and \
                           confirmed by the mission locale.",
    withdrawal_purged: "The département’s copy of her journey is destroyed.",
    withdrawal_refused: "Its next question is refused: “{}”.",
    withdrawal_unconfirmed: "Both nodes should show the withdrawal as confirmed, and one does not.",
    withdrawal_copy_left: "The copy should have been destroyed, and is still shown.",
    withdrawal_answered: "The question after the withdrawal should have been refused, and was \
                          answered.",

    logs_step: "Each log is checked, offline, by whoever has the folder and the public key",
    logs_hold: "{}: {} entries, each one in the tree that the node has signed.",
    logs_unpublished: "A log should be published within a second, and is not.",
    logs_differ: "Both logs should hold the exchange, and agree; they do not.",

    altered_step: "Somebody rewrites the past",
    altered_story: "In a copy of the mission locale’s log ({}), one bit of entry {} is changed: the \
                    reason of the refusal.",
    altered_named: "The check names it: entry {} does not hash to its leaf in {}.",
    altered_not_found: "The entry should be in the published log, and is not.",
    altered_unnoticed: "The check should have named the altered entry, and found nothing.",

    end: "Every step did what it must.",
    end_kept: "The federation stays in {}. A node of it starts again with:",

    calls_stay: "The three nodes keep running until Ctrl-C. With grpcurl, as the département’s \
                 agency system:",
    calls_where: "its node, its certificate",
    calls_session: "a session of its caseworker",
    calls_session_of_officer: "and one of its privacy officer",
    calls_services: "the services, without a session",
    calls_person: "the person’s file, and who is linked about her",
    calls_agreements: "what she agreed to and took back, and that the partner has confirmed it",
    calls_changes: "what happened, as its agency system hears of it",
    calls_log: "who saw what about her, for the privacy officer alone",
    calls_altered: "the log that was altered, checked from outside",
    calls_show: "what the département still knows of her journey",
    calls_page: "what the mission locale knows, on two sheets to print",
    calls_import: "three more persons, taken over from a file",
};
