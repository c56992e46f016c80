//! Which record stands under which heading.

use super::{Overview, OverviewLine};
use crate::record::{
    Appointment, Contract, Diagnosis, Employment, Objective, Orientation, RecordBody, SharedRecord,
    Step,
};
use crate::summary::Headline;
use crate::vocabulary::{
    ActionStatus, AppointmentStatus, ConstraintState, ContractStatus, DiagnosisTheme, NeedState,
    ObjectiveState, Open, OrientationDecision,
};
use crate::{CivilDate, PartialDate, Section, Timestamp};

/// A record on its way into an overview.
struct Reading<'a> {
    record: &'a SharedRecord,
    now: Timestamp,
    today: CivilDate,
}

impl Overview {
    pub(super) fn sort_in(&mut self, record: &SharedRecord, now: Timestamp) {
        let today = CivilDate::of(now);
        let reading = Reading { record, now, today };
        self.nothing_since = self.nothing_since.max(reading.last_event());
        match record.body() {
            // Whoever reads a summary knows who it is about.
            RecordBody::Identity(_) => {}
            RecordBody::ContactCard(card) if card.period.is_over(today) => {}
            RecordBody::ContactCard(card) => {
                let line = reading.line(Headline::of_contact_card(card), card.period.starts_on());
                self.accompanied_by.push(line);
            }
            RecordBody::Status(status)
                if status.period.is_over(today) || status.state.is_over() => {}
            RecordBody::Status(status) => {
                self.stands
                    .push(reading.line(Headline::of_status(status), status.period.starts_on()));
            }
            RecordBody::Project(project) => {
                let headline = Headline::join(Section::Project, "", [project.wants.as_str()]);
                self.wants.push(reading.line(headline, project.chosen_on));
            }
            RecordBody::Orientation(orientation) => self.sort_orientation(&reading, orientation),
            RecordBody::Diagnosis(diagnosis) => self.sort_diagnosis(&reading, diagnosis),
            RecordBody::Objective(objective) => self.sort_objective(&reading, objective),
            RecordBody::Step(step) => self.sort_step(&reading, step),
            RecordBody::Appointment(appointment) => self.sort_appointment(&reading, appointment),
            RecordBody::Contract(contract) => self.sort_contract(&reading, contract),
            RecordBody::Employment(employment) => self.sort_employment(&reading, employment),
            RecordBody::Exit(exit) => {
                self.stands
                    .push(reading.line(Headline::of_exit(exit), Some(exit.ended_on.into())));
            }
        }
    }

    fn sort_orientation(&mut self, reading: &Reading<'_>, orientation: &Orientation) {
        let refused =
            orientation.decision.and_then(Open::known) == Some(OrientationDecision::Refused);
        if !refused {
            self.stands.push(reading.line(
                Headline::of_orientation(orientation),
                orientation.decided_on,
            ));
        }
    }

    fn sort_diagnosis(&mut self, reading: &Reading<'_>, diagnosis: &Diagnosis) {
        for need in diagnosis
            .needs
            .iter()
            .filter(|need| need.state.known() == Some(NeedState::Need))
        {
            let detail = need.detail.as_ref().map(|detail| detail.label_fr());
            let headline = Headline::join(
                Section::Diagnosis,
                " : ",
                ["Besoin", detail.unwrap_or_else(|| theme(need.theme))],
            );
            self.open.push(reading.line(headline, None));
        }
        let present = diagnosis
            .constraints
            .iter()
            .filter(|one| one.state.known() == Some(ConstraintState::Present));
        for constraint in present {
            let headline = Headline::join(
                Section::Diagnosis,
                " : ",
                ["Contrainte", theme(constraint.theme)],
            );
            self.open.push(reading.line(headline, None));
        }
    }

    fn sort_objective(&mut self, reading: &Reading<'_>, objective: &Objective) {
        let headline = Headline::join(Section::Objectives, "", [objective.aim.label_fr()]);
        let line = |dated| reading.line(headline, dated);
        match objective.state.known() {
            Some(ObjectiveState::NotDiscussed) => {}
            Some(ObjectiveState::Achieved | ObjectiveState::Abandoned) => {
                self.tried.push(line(objective.period.ends_on()));
            }
            Some(ObjectiveState::InProgress) | None => {
                self.open.push(line(objective.period.starts_on()))
            }
        }
    }

    fn sort_step(&mut self, reading: &Reading<'_>, step: &Step) {
        let headline = Headline::join(Section::Steps, "", [step.label_fr()]);
        let (starts_on, ends_on) = (step.period.starts_on(), step.period.ends_on());
        match step.status.known() {
            // Without a date it stays without one: it comes last in what is next.
            Some(ActionStatus::Planned) => self.next.push(reading.line_dated(headline, starts_on)),
            Some(
                ActionStatus::Done
                | ActionStatus::AbandonedByPerson
                | ActionStatus::CancelledByOrganisation,
            ) => self
                .tried
                .push(reading.line(headline, ends_on.or(starts_on))),
            Some(ActionStatus::InProgress | ActionStatus::Standby) | None => {
                self.open.push(reading.line(headline, starts_on));
            }
        }
    }

    fn sort_appointment(&mut self, reading: &Reading<'_>, appointment: &Appointment) {
        let planned = appointment.status.known() == Some(AppointmentStatus::Planned);
        if planned && appointment.starts_at >= reading.now {
            let day = CivilDate::of(appointment.starts_at).into();
            self.next
                .push(reading.line_dated(Headline::of_appointment(appointment), Some(day)));
        }
    }

    fn sort_contract(&mut self, reading: &Reading<'_>, contract: &Contract) {
        let void = matches!(
            contract.status.known(),
            Some(ContractStatus::Rejected | ContractStatus::Cancelled)
        );
        if !void && !contract.period.is_over(reading.today) {
            self.stands
                .push(reading.line(Headline::of_contract(contract), contract.period.starts_on()));
        }
    }

    fn sort_employment(&mut self, reading: &Reading<'_>, employment: &Employment) {
        let headline = Headline::of_employment(employment);
        if employment.period.is_over(reading.today) {
            self.tried
                .push(reading.line(headline, employment.period.ends_on()));
        } else {
            self.stands
                .push(reading.line(headline, employment.period.starts_on()));
        }
    }
}

impl Reading<'_> {
    /// A line dated `dated`, else from when the record was observed.
    fn line(&self, headline: Headline, dated: Option<PartialDate>) -> OverviewLine {
        self.line_dated(headline, dated.or_else(|| Some(self.record.observed_at())))
    }

    fn line_dated(&self, headline: Headline, dated: Option<PartialDate>) -> OverviewLine {
        OverviewLine {
            record: self.record.id(),
            section: self.record.section(),
            headline,
            dated,
        }
    }

    /// The last day on which what the record tells of may have happened, up to today.
    fn last_event(&self) -> Option<CivilDate> {
        let observed = self.record.observed_at();
        let observed =
            (observed.earliest() <= self.today).then(|| observed.latest().min(self.today));
        let attended = match self.record.body() {
            RecordBody::Appointment(one)
                if one.status.known() == Some(AppointmentStatus::Attended) =>
            {
                Some(CivilDate::of(one.starts_at)).filter(|day| *day <= self.today)
            }
            _ => None,
        };
        observed.max(attended)
    }
}

fn theme(theme: Open<DiagnosisTheme>) -> &'static str {
    theme
        .known()
        .map_or("autre thème", |theme| theme.label_fr())
}
