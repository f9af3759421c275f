//! `cloakroom session`: who is logged in where, and ending it. A running server notices within a second.

use anyhow::anyhow;
use cloakroom_core::ports::{SessionStore, StoreError};
use cloakroom_core::session::Selector;
use cloakroom_core::{EndReason, Handle, Principal, ProviderId, Subject, Timestamp};
use cloakroom_identity::Admin;

use super::place::{Opened, Place};
use crate::config::Environment;
use crate::failure::Failure;
use crate::{say, wire};

/// More than anybody reads; whoever has more names a user.
const LIMIT: u32 = 10_000;

/// Look at sessions and end them
#[derive(Debug, clap::Subcommand)]
pub(super) enum Session {
    /// List live sessions, the most recently active first
    List(List),
    /// End one session by its handle, all of a user, or all there are
    Revoke(Revoke),
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Only those of this user: user name or e-mail address
    #[arg(long, value_name = "WHO")]
    user: Option<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("which").required(true))]
pub(super) struct Revoke {
    /// The handle, as `session list` shows it
    #[arg(group = "which")]
    handle: Option<String>,
    /// All of this user: user name or e-mail address
    #[arg(long, value_name = "WHO", group = "which")]
    user: Option<String>,
    /// All sessions of everybody
    #[arg(long, group = "which")]
    all: bool,
    #[command(flatten)]
    place: Place,
}

impl Session {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let place = match &self {
            Self::List(list) => &list.place,
            Self::Revoke(revoke) => &revoke.place,
        };
        let opened = Opened::open(place.find(environment)?).await?;
        let outcome = self.carry_out(&opened).await;
        opened.databases.close().await;
        outcome
    }

    async fn carry_out(self, opened: &Opened) -> Result<(), Failure> {
        let sessions = opened.databases.stores().sessions;
        let now = opened.clock.now();
        match self {
            Self::List(List { user, .. }) => {
                let of = principal(opened, user.as_deref()).await?;
                list(&*sessions, of.as_ref(), now).await
            }
            Self::Revoke(revoke) => end(&*sessions, revoke.selector(opened).await?, now).await,
        }
    }
}

impl Revoke {
    async fn selector(&self, opened: &Opened) -> Result<Selector, Failure> {
        if let Some(handle) = &self.handle {
            let parsed = Handle::parse(handle)
                .ok_or_else(|| anyhow!("{handle:?} is no session's handle"))?;
            return Ok(Selector::Handle(parsed));
        }
        Ok(match principal(opened, self.user.as_deref()).await? {
            Some(principal) => Selector::Principal(principal, None),
            None => Selector::Everybody,
        })
    }
}

async fn list(
    sessions: &dyn SessionStore,
    of: Option<&Principal>,
    now: Timestamp,
) -> Result<(), Failure> {
    for session in sessions.list(of, now, LIMIT).await.map_err(failed)? {
        let at = |time: Timestamp| {
            jiff::Timestamp::from_second(time.as_secs())
                .map_or_else(|_| String::new(), |at| at.to_string())
        };
        say::line(&format!(
            "{:<24} {:<38} since {} last {}",
            session.handle.as_str(),
            session.principal.subject.as_str(),
            at(session.created),
            at(session.last_seen),
        ));
    }
    Ok(())
}

async fn end(sessions: &dyn SessionStore, which: Selector, now: Timestamp) -> Result<(), Failure> {
    let single = matches!(which, Selector::Handle(_));
    let ended = sessions
        .end(which, EndReason::RevokedByAdmin, now)
        .await
        .map_err(failed)?;
    tracing::info!(target: "audit", event = "sessions_revoked", by = "operator", ended, "sessions were ended");
    if single && ended == 0 {
        return Err(anyhow!("there is no live session with this handle").into());
    }
    say::line(&format!("ended {ended}"));
    Ok(())
}

/// The principal of a user of the identity service.
async fn principal(opened: &Opened, who: Option<&str>) -> Result<Option<Principal>, Failure> {
    let Some(who) = who else { return Ok(None) };
    let account = Admin::new(opened.identity()?)
        .account(who)
        .await
        .map_err(anyhow::Error::from)?;
    Ok(Some(Principal {
        provider: ProviderId::from(wire::BUILTIN),
        subject: Subject::from(account.id.to_string()),
    }))
}

fn failed(error: StoreError) -> Failure {
    Failure::Other(error.into())
}
