//! What the story says, one table a language. `{}` stands for a value; see `narrator::fill`.

mod en;
mod fr;

use crate::shown::Language;

use en::EN;
use fr::FR;

macro_rules! texts {
    ($($name:ident)+) => {
        /// The texts of one language.
        pub(super) struct Texts {
            $(pub(super) $name: &'static str,)+
        }

        #[cfg(test)]
        impl Texts {
            /// Each with its name.
            fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)+]
            }
        }
    };
}
texts! {
    title fictitious folder folder_until_end
    nodes_step nodes_hold nodes_directory nodes_not_found
    journeys_step journeys_story journeys_kept journeys_kept_health journeys_refused
    journeys_assigned journeys_not_assigned
    pass_step pass_issued pass_printed pass_redeemed pass_of_other
    agreement_step agreement_informed agreement_signed agreement_not_delivered
    agreement_copied agreement_no_copy
    summary_step summary_overview summary_timeline summary_not_opened summary_holds summary_logged
    summary_foreseen summary_unforeseen summary_accounted summary_unaccounted summary_told summary_untold
    summary_missing summary_no_overview summary_not_merged summary_too_open summary_leaks
    overview_stands overview_accompanied_by overview_wants overview_tried overview_open
    overview_next overview_nothing_since
    timeline_message not_opened_cell
    refusal_step refusal_linked refusal_told refusal_logged refusal_answered
    withdrawal_step withdrawal_confirmed withdrawal_purged withdrawal_refused
    withdrawal_unconfirmed withdrawal_copy_left withdrawal_answered
    logs_step logs_hold logs_unpublished logs_differ
    altered_step altered_story altered_named altered_not_found altered_unnoticed
    end end_kept
    calls_stay calls_where calls_session calls_session_of_officer calls_services calls_person
    calls_agreements calls_changes calls_log calls_altered calls_show calls_page calls_import
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

#[cfg(test)]
mod tests;
