use passerelle_domain::Timestamp;
use passerelle_proto::agency::v1::RecordUpsert;
use passerelle_proto::journey::v1::record::Body;
use passerelle_proto::journey::v1::{ActionStatus, Code, Employment, Step};

use super::bodies::{code, project, since, status, step};
use super::days::Days;
use super::{entered, upserts};

/// What a partner of the sandbox knows of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Known {
    /// Nothing at all: it has no file of theirs.
    Nobody,
    /// What they want and what was done, up to class 2.
    Everyday,
    /// The same, and a status that says that they have no stable housing, of class 4.
    Housing,
    /// That they work.
    AtWork,
    /// That their work has ended.
    OutOfWork,
    /// A step of a kind that no node knows yet.
    NewCode,
}

/// The records of a person.
pub(in crate::demo) fn records(known: Known, now: Timestamp) -> Vec<RecordUpsert> {
    let days = Days(now);
    let wants = entered(
        days.ago(60),
        project("Travailler dans un jardin", &[], days.ago(60)),
    );
    let workshop = entered(
        days.ago(30),
        Body::Step(step(
            "job_search",
            "cv_workshop",
            ActionStatus::Done,
            (days.ago(35), days.ago(30)),
        )),
    );
    let work = |ends_on: String| {
        let work = Employment {
            contract: code("CDD"),
            starts_on: days.ago(90),
            ends_on,
            weekly_minutes: 24 * 60,
            ..Employment::default()
        };
        entered(days.ago(10), Body::Employment(work))
    };
    upserts(match known {
        Known::Nobody => Vec::new(),
        Known::Everyday => vec![wants, workshop],
        Known::Housing => vec![
            wants,
            workshop,
            entered(
                days.ago(20),
                status("no_stable_housing", "active", since(days.ago(20))),
            ),
        ],
        Known::AtWork => vec![work(String::new())],
        Known::OutOfWork => vec![work(days.ago(15))],
        Known::NewCode => vec![entered(
            days.ago(5),
            Body::Step(Step {
                kind: code("job_search"),
                action: Some(Code {
                    code: "virtual_visit".to_owned(),
                    label_fr: "Visite virtuelle d’une entreprise".to_owned(),
                    ..Code::default()
                }),
                status: ActionStatus::Done.into(),
                ..Step::default()
            }),
        )],
    })
}
