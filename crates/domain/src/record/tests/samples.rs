//! Any record there may be, drawn from a seed.

use crate::record::*;
use crate::vocabulary::{Classed, Open, Term, Wire};
use crate::{
    CivilDate, Class, Code, FreeText, Label, MessageToPartner, NodeId, PartialDate, RecordId,
    Timestamp,
};

/// A source of choices: the same seed makes the same record.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any record, with a note one time in two.
    pub(crate) fn record(&mut self) -> Record {
        let parts = self.parts();
        let note = self.maybe(|d| FreeText::new(format!("note {}", d.below(1000))).unwrap());
        Record::new(parts, note).unwrap()
    }

    pub(crate) fn parts(&mut self) -> RecordParts {
        RecordParts {
            id: self.id(),
            version: self.below(9) + 1,
            body: self.body(),
            author: Author {
                // No organisation of a body has it: an author confirms nothing.
                siret: "99900001100018".parse().unwrap(),
                kind: self.open(),
                role: self.open(),
            },
            observed_at: self.date(),
            recorded_at: self.instant(),
            source: self.source(),
            author_sensitivity: self.maybe(|d| *d.one_of(Class::ALL)),
            message: self.maybe(|d| {
                MessageToPartner::new(format!("message {}\nsuite", d.below(1000))).unwrap()
            }),
        }
    }

    pub(crate) fn body(&mut self) -> RecordBody {
        match self.below(12) {
            0 => RecordBody::ContactCard(ContactCard {
                organisation: self.organisation(),
                professional: self.maybe(Self::professional),
                member_role: self.open(),
                period: self.period(),
            }),
            1 => RecordBody::Identity(self.identity()),
            2 => RecordBody::Status(self.status()),
            3 => RecordBody::Project(Project {
                wants: self.label(),
                targets: Targets::new(self.several(3, Self::occupation)).unwrap(),
                chosen_by: self.open(),
                chosen_on: self.maybe(Self::date),
            }),
            4 => RecordBody::Orientation(self.orientation()),
            5 => RecordBody::Diagnosis(self.diagnosis()),
            6 => RecordBody::Objective(Objective {
                theme: self.open(),
                aim: match self.maybe(Self::code) {
                    Some(code) => Aim::Listed(code, self.maybe(Self::label)),
                    None => Aim::Said(self.label()),
                },
                state: self.open(),
                period: self.period(),
            }),
            7 => RecordBody::Step(Step {
                kind: self.code(),
                action: self.maybe(Self::code),
                label: self.maybe(Self::label),
                status: self.open(),
                organisation: self.maybe(Self::organisation),
                objective: self.maybe(Self::id),
                period: self.period(),
            }),
            8 => RecordBody::Appointment(Appointment {
                kind: self.code(),
                status: self.open(),
                starts_at: self.instant(),
                modality: self.maybe(Self::open),
                reception: self.maybe(Self::open),
                initiator: self.maybe(Self::open),
                organisation: self.maybe(Self::organisation),
            }),
            9 => RecordBody::Contract(Contract {
                kind: self.code(),
                status: self.open(),
                period: self.period(),
                weekly: self.maybe(|d| WeeklyMinutes::new(900 + d.below(300) as u32).unwrap()),
            }),
            10 => RecordBody::Employment(Employment {
                contract: self.code(),
                occupation: self.maybe(Self::occupation),
                employer: self.maybe(Self::organisation),
                period: self.period(),
                weekly: self.maybe(|d| WeeklyMinutes::new(1 + d.below(3600) as u32).unwrap()),
                follow_up: self.maybe(|d| {
                    let (proposed_on, answer) = (d.day(), d.open());
                    FollowUp::new(proposed_on, answer, d.maybe(|_| proposed_on)).unwrap()
                }),
            }),
            _ => RecordBody::Exit(Exit {
                status: self.open(),
                reason: self.code(),
                ended_on: self.day(),
                next_organisation: self.maybe(Self::organisation),
            }),
        }
    }

    fn status(&mut self) -> Status {
        use crate::vocabulary::StatusKind;
        let kind: Code<StatusKind> = self.code();
        Status {
            state: match kind.term() {
                Some(StatusKind::JobSeekerRegistration) => StateCode::JobSeeker(self.code()),
                Some(StatusKind::RsaRight) => StateCode::Rsa(self.code()),
                _ => StateCode::Other(self.code()),
            },
            kind,
            reason: self.maybe(|d| match d.below(2) {
                0 => ReasonCode::Suspension(d.code()),
                // A closure that is not known is not told from a suspension.
                _ => ReasonCode::Closure(d.known()),
            }),
            period: self.period(),
        }
    }

    fn orientation(&mut self) -> Orientation {
        use crate::vocabulary::OrientationDecision;
        let decision = self.maybe(Self::open);
        let refused =
            decision.is_some_and(|one| one.known() != Some(OrientationDecision::Accepted));
        Orientation {
            pathway: self.code(),
            modality: self.maybe(Self::code),
            origin: self.maybe(Self::code),
            criteria: self.several(3, |d| {
                OrientationCriterion::new(d.code(), "IMPACT_FORT").unwrap()
            }),
            organisation: self.maybe(Self::organisation),
            referent: self.maybe(Self::professional),
            decision,
            refusal_reason: self.maybe(Self::code).filter(|_| refused),
            decided_on: self.maybe(Self::date),
        }
    }

    fn diagnosis(&mut self) -> Diagnosis {
        Diagnosis {
            explored: Explored::new("spie_vocabulary", "2026-11").unwrap(),
            needs: self.several(3, |d| Need {
                theme: d.open(),
                detail: d.maybe(Self::code),
                state: d.open(),
                confirmations: d.several(2, Self::confirmation),
            }),
            constraints: self.several(3, |d| Constraint {
                theme: d.open(),
                state: d.open(),
                impact: d.maybe(Self::open),
                priority: d.below(2) == 0,
                confirmations: d.several(2, Self::confirmation),
            }),
            situations: self.several(3, |d| Situation {
                theme: d.open(),
                situation: d.code(),
                state: d.open(),
                confirmations: d.several(2, Self::confirmation),
            }),
            joint_interview: self.maybe(|d| JointInterview {
                social: d.specialist(),
                professional: d.specialist(),
                countersignature: d.maybe(|d| Countersignature {
                    node: NodeId::new("ml-demo").unwrap(),
                    signed_at: d.instant(),
                }),
            }),
        }
    }

    fn identity(&mut self) -> Identity {
        let name = |d: &mut Self| {
            let names = ["Œuvrard", "D'Ämbrosio", "Le Goff"];
            CivilName::new(names[d.below(3) as usize]).unwrap()
        };
        Identity {
            birth_name: name(self),
            first_names: FirstNames::new(vec![name(self), name(self)]).unwrap(),
            usage_name: self.maybe(name),
            birth_date: self.date(),
            birth_place: self.maybe(|_| CommuneCode::new("2A004").unwrap()),
            birth_country: self.maybe(|_| CountryCode::new("99100").unwrap()),
            status: self.open(),
        }
    }

    fn confirmation(&mut self) -> Confirmation {
        Confirmation {
            organisation: self.organisation(),
            confirmed_on: self.day(),
        }
    }

    fn specialist(&mut self) -> Specialist {
        Specialist {
            name: self.label(),
            organisation: self.organisation(),
        }
    }

    fn organisation(&mut self) -> Organisation {
        let siret = self.one_of(&["99900002900010", "99900003700013", "99900004500016"]);
        Organisation {
            siret: siret.parse().unwrap(),
            name: self.label(),
            kind: self.open(),
        }
    }

    fn professional(&mut self) -> Professional {
        Professional {
            name: self.label(),
            job_title: self.maybe(Self::label),
            phone: self.maybe(|_| WorkPhone::new("01 99 00 12 34").unwrap()),
            email: self.maybe(|_| WorkEmail::new("accueil@example.fr").unwrap()),
        }
    }

    fn occupation(&mut self) -> Occupation {
        Occupation {
            rome: self.one_of(&["K1304", "G1602", "N4401"]).parse().unwrap(),
            label: self.maybe(Self::label),
        }
    }

    fn source(&mut self) -> Source {
        let reference = self.maybe(|d| format!("rec-{}", d.below(1000)));
        Source::new("i-milo", reference, self.below(2) == 0).unwrap()
    }

    fn period(&mut self) -> Period {
        let (one, other) = (self.date(), self.date());
        let (first, last) = if one.earliest() <= other.earliest() {
            (one, other)
        } else {
            (other, one)
        };
        Period::new(self.maybe(|_| first), self.maybe(|_| last)).unwrap()
    }

    /// A code of ours, of another system, or one that nobody knows.
    fn code<T: Classed>(&mut self) -> Code<T> {
        let label = self.maybe(Self::label);
        match self.below(4) {
            0 | 1 => self.known(),
            2 => {
                let item = self.one_of(T::ALL).item();
                match item.codes {
                    [] => self.known(),
                    codes => {
                        let (system, code) = *self.one_of(codes);
                        Code::new(system, "4", code, label).unwrap()
                    }
                }
            }
            _ => Code::new(*self.one_of(&["", "ft", "other"]), "", "never-seen", label).unwrap(),
        }
    }

    fn known<T: Term>(&mut self) -> Code<T> {
        (*self.one_of(T::ALL)).into()
    }

    /// A value of the list, one time in eight one of a newer version.
    fn open<T: Wire>(&mut self) -> Open<T> {
        match self.below(8) {
            0 => Open::from_number(1000 + self.below(9) as i32).unwrap(),
            _ => (*self.one_of(T::ALL)).into(),
        }
    }

    fn label(&mut self) -> Label {
        Label::new(format!("libellé n° {}", self.below(1000))).unwrap()
    }

    fn day(&mut self) -> CivilDate {
        CivilDate::of(self.instant())
    }

    fn date(&mut self) -> PartialDate {
        let day = self.day().to_string();
        let len = *self.one_of(&[4, 7, 10]);
        day[..len].parse().unwrap()
    }

    /// In the years around 2026.
    fn instant(&mut self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + self.below(100_000_000_000))
    }

    fn id(&mut self) -> RecordId {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        RecordId::from_bytes(bytes)
    }

    pub(crate) fn several<T>(&mut self, max: u64, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(max + 1)).map(|_| make(self)).collect()
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(2) == 0).then(|| make(self))
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
