//! The story: what the agents of three organisations do, through the public API alone, and what must
//! come of each step.

mod agreement;
mod audited;
mod journeys;
mod logs;
mod nodes;
mod pass;
mod question;
mod refusal;
mod summary;
mod withdrawal;

pub(super) use logs::ALTERED_LOG;
pub(super) use nodes::open;

use super::agency::Agency;
use super::error::DemoError;
use super::federation::Federation;
use super::narrator::Narrator;

/// Who calls, and for whom.
struct Cast {
    mission_locale: Desk,
    departement: Desk,
    association: Desk,
}

/// A caseworker at their agency system, with the young woman.
struct Desk {
    agency: Agency,
    /// Her id in the node of this organisation.
    person: String,
}

/// Plays it from the first to the last step; ends at the first that does not do what it must.
pub(super) async fn play(
    federation: &Federation,
    tell: &mut Narrator<'_>,
) -> Result<(), DemoError> {
    nodes::introduce(federation, tell).await?;
    let cast = journeys::load(federation, tell).await?;
    let pass = pass::hand_over(federation, &cast, tell).await?;
    let agreed = agreement::record(federation, &cast, tell).await?;
    summary::fetch(federation, &cast, tell).await?;
    let refused = refusal::of_the_association(federation, &cast, &pass, tell).await?;
    withdrawal::withdraw(federation, &cast, agreed, tell).await?;
    logs::verify(federation, tell).await?;
    logs::alter(federation, &refused, tell)?;
    Ok(())
}

/// Fails the step, in the language of the story, unless it did what it must.
fn must(holds: bool, otherwise: &str) -> Result<(), DemoError> {
    if holds {
        Ok(())
    } else {
        Err(DemoError::Step(otherwise.to_owned()))
    }
}
