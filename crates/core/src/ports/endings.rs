//! The port by which an identity service says that logins have ended.

use async_trait::async_trait;

use super::StoreError;
use crate::reason::EndReason;
use crate::time::Timestamp;
use crate::{ProviderId, Subject};

/// Whose sessions end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those of one login at the provider (its `sid`).
    Login(String),
    /// All of one subject, with at most one login (`sid`) left alone.
    Subject {
        /// Who.
        subject: Subject,
        /// The login that goes on.
        except: Option<String>,
    },
}

/// One ending, as the provider reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The provider that reports it.
    pub provider: ProviderId,
    /// Whose sessions.
    pub whose: Whose,
    /// Why.
    pub reason: EndReason,
    /// When it happened at the provider.
    pub at: Timestamp,
}

/// Whoever keeps the sessions. Hearing of an ending twice changes nothing.
#[async_trait]
pub trait Endings: Send + Sync {
    /// Returns once the ending holds, durably. An error means: say it again later.
    async fn ended(&self, ending: &Ending) -> Result<(), StoreError>;
}
