use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use passerelle_proto::agency::v1::{
    FindPersonsRequest, ListAgreementsRequest, WithdrawAgreementRequest,
};

use super::persons::{PERSONS, Person, Scene};
use crate::demo::agency::Agency;
use crate::demo::error::{DemoError, of_file};
use crate::demo::federation::Federation;

/// What the first partner's agents do when they are told to, by a file in the folder of the sandbox:
/// once it is done, the file is gone.
pub(super) struct Partner {
    withdraws: PathBuf,
}

impl Partner {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            withdraws: folder.join("partner-withdraws"),
        }
    }

    /// Whoever makes this file has the person withdraw at the partner.
    pub(super) fn withdraws_file(&self) -> PathBuf {
        self.withdraws.clone()
    }

    /// Does what it is told, until that fails.
    pub(super) async fn obey(&self, federation: &Federation) -> Result<(), DemoError> {
        loop {
            if self.withdraws.exists() {
                withdraw(federation).await?;
                fs::remove_file(&self.withdraws).map_err(of_file(&self.withdraws))?;
            }
            federation.world.timer.sleep(BETWEEN_LOOKS).await;
        }
    }
}

/// Who withdraws there comes back on all that was agreed to.
async fn withdraw(federation: &Federation) -> Result<(), DemoError> {
    let agency = Agency::caseworker(&federation.mission_locale, &federation.world).await?;
    let withdrawing = |person: &&Person| person.scene == Scene::WithdrawnThere;
    for person in PERSONS.iter().filter(withdrawing) {
        let request = FindPersonsRequest {
            reference: person.reference.to_owned(),
            ..FindPersonsRequest::default()
        };
        for file in agency.find_persons(request).await?.persons {
            let person_id = file.person_id;
            let request = ListAgreementsRequest {
                person_id: person_id.clone(),
            };
            let agreements = agency.list_agreements(request).await?.agreements;
            let chains: Vec<_> = agreements.into_iter().map(|file| file.chain).collect();
            if !chains.is_empty() {
                let request = WithdrawAgreementRequest { person_id, chains };
                agency.withdraw_agreement(request).await?;
            }
        }
    }
    Ok(())
}

const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
