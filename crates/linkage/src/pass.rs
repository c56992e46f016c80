//! The continuity pass: a printed code that a person carries from one organisation to the next.
//!
//! [`PassSecret`] is what is printed, [`PassRow`] what its issuer keeps, [`Attempt`] how it is
//! redeemed.

mod attempt;
mod card;
mod code;
mod pin;
mod qr;
mod release;
mod row;
mod secret;

pub use attempt::{Attempt, Compared, Decoy, Finished, LinkTerms, Outcome, PassRefusal};
pub use card::{CardLanguage, PassCard};
pub use code::PassTextError;
pub use pin::{Pin, PinHash, PinSalt};
pub use qr::PassQr;
pub use release::{REDEEM_TICK, REFUSAL_TICK, release_at};
pub use row::{
    MAX_MISSES, MAX_REDEMPTIONS, MAX_VALIDITY, PassEnded, PassRow, PassStatus, PassTerms,
};
pub use secret::PassSecret;
