//! The audit log: one structured event for each thing that an operator may have to explain later.
//!
//! 1. Events go to the tracing target `audit`, one for each decision, with its outcome (AU-01).
//! 2. No field can hold a secret: the struct has no place for one (AU-02).
//! 3. The only text from outside is the user agent, cut and without control characters, so that it cannot forge a
//!    line (AU-03). Names that somebody typed are not logged: people type passwords into the wrong field.

use cloakroom_core::family::FamilyId;
use uuid::Uuid;

use crate::caller::Caller;
use crate::network::Network;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Login,
    Logout,
    Register,
    RefreshReuse,
    LockOut,
    RoleChange,
    PasswordChange,
    Disable,
    Enable,
    Delete,
}

impl Event {
    /// What the gateway sees too has a name of its own here: a login in a browser is one `login` and one
    /// `issuer_login`, never two of one kind.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "issuer_login",
            Self::Logout => "issuer_logout",
            Self::Register => "issuer_register",
            Self::RefreshReuse => "refresh_reuse",
            Self::LockOut => "lock_out",
            Self::RoleChange => "role_change",
            Self::PasswordChange => "issuer_password_change",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Delete => "delete",
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ok,
    /// Name or password wrong, or the account disabled; the log tells them apart no more than the answer does,
    /// except by the user id.
    Failed,
    /// A limit refused it.
    Refused,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }
}

/// One line of the audit log, filled in field by field.
pub(crate) struct Entry<'a> {
    event: Event,
    outcome: Outcome,
    actor: &'static str,
    user: Option<Uuid>,
    family: Option<FamilyId>,
    network: Option<Network>,
    agent: &'a str,
}

impl<'a> Entry<'a> {
    /// Something that `caller` did.
    pub(crate) fn by(caller: &'a Caller, event: Event, outcome: Outcome) -> Self {
        Self {
            event,
            outcome,
            actor: "user",
            user: None,
            family: None,
            network: Some(caller.network),
            agent: &caller.agent,
        }
    }

    /// Something that an operator did.
    pub(crate) const fn by_operator(event: Event) -> Self {
        Self {
            event,
            outcome: Outcome::Ok,
            actor: "operator",
            user: None,
            family: None,
            network: None,
            agent: "",
        }
    }

    /// Names the account it is about.
    pub(crate) const fn about(mut self, user: Option<Uuid>) -> Self {
        self.user = user;
        self
    }

    /// Names the login it is about.
    pub(crate) const fn family(mut self, family: FamilyId) -> Self {
        self.family = Some(family);
        self
    }

    /// Writes it.
    pub(crate) fn record(self) {
        tracing::info!(
            target: "audit",
            event = self.event.as_str(),
            outcome = self.outcome.as_str(),
            actor = self.actor,
            user.id = self.user.map(tracing::field::display),
            family = self.family.map(|family| tracing::field::display(family.0)),
            network = self.network.map(tracing::field::display),
            user_agent = self.agent,
            "audit"
        );
    }
}
