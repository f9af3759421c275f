//! The seams between the crates: each trait is a role that somebody else plays.

mod accounts;
mod clock;
mod endings;
mod entropy;
mod families;
mod outbound;
mod provider;
mod sessions;
mod users;

pub use accounts::{AccountError, Accounts, NewAccount, PasswordChange, ProfileChange};
pub use clock::Clock;
pub use endings::{Ending, Endings, Whose};
pub use entropy::{Entropy, random, uuid_v7};
pub use families::{Attempt, Begun, Candidate, FamilyStore, NewFamily, Outcome, Revoke};
pub use outbound::{Limits, Outbound, OutboundError};
pub use provider::{ClientContext, Credentials, Provider, ProviderError, Retry};
pub use sessions::SessionStore;
pub use users::{
    CredentialChange, Inserted, NewUser, OutboxEvent, Updated, User, UserChange, UserKey, UserStore,
};

/// A store that could not do what was asked. Never means "there is none": that is an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Its queue is full; trying again soon may help.
    #[error("the store is overloaded")]
    Overloaded,
    /// It cannot be reached, or refused the operation.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A row contradicts what the program knows to be true; somebody has to look at it.
    #[error("inconsistent row in {table}.{column}: {what}")]
    Inconsistent {
        /// Where.
        table: &'static str,
        /// In which column.
        column: &'static str,
        /// What is wrong, without the value.
        what: String,
    },
}
