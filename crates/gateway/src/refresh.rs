//! The stage `refresh`: a request goes on with a token that lives long enough, renewed once for all who need it.
//!
//! 1. A token is renewed ahead of its end, in the background; only in its last moments does a request wait.
//! 2. One refresh per expiry: one flight per session in this process, one lease per session among all.
//! 3. A flight runs in a task of its own: a browser that hangs up cancels it for nobody, shutdown waits for it.
//! 4. Only a provider's certain no ends a session. While nothing is certain, an unexpired token is still used;
//!    without one the request is refused as "cannot be known", never as "not logged in".
//!
//! Refusal is an [`Unfresh`]. A deployment defeats this with a provider that is said to take a refresh token
//! twice (`retry`) and does not.

mod due;
mod flights;
mod lease;
mod once;
mod outcome;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloakroom_core::EndReason;
use cloakroom_core::ports::{Clock, Provider, random};
use cloakroom_core::session::Owner;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::config::RefreshConfig;
use crate::session::{Session, Sessions};

use self::flights::{Flights, Waiter};
use self::once::Flight;

pub(crate) use self::due::{Deadlines, Due};

/// Why a request wants a fresh session.
#[derive(Clone)]
pub(crate) enum Need {
    /// It is about to use the token, which may be near its end.
    IfDue,
    /// The API refused a token, or its owner asked for another one.
    Forced {
        /// The session as it was then: any other access token than this one's will do.
        refused: Arc<Session>,
    },
}

/// Why there is no fresh session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfresh {
    /// The session is over.
    #[error("the session has ended: {}", .0.as_str())]
    Ended(EndReason),
    /// The token cannot be renewed now. Says nothing about the session.
    #[error("the token cannot be renewed now")]
    Unavailable,
    /// The session store cannot be asked now. Says nothing about the session.
    #[error("the session store is unavailable")]
    StoreUnavailable,
}

/// Renews tokens. One per gateway.
pub(crate) struct Refresher {
    shared: Arc<Shared>,
    tasks: TaskTracker,
}

/// What all flights share.
struct Shared {
    config: RefreshConfig,
    sessions: Arc<Sessions>,
    provider: Arc<dyn Provider>,
    /// This process, as lease holder: another one after every start.
    me: Owner,
    flights: Arc<Flights>,
    /// Refreshes that may be under way at the provider.
    seats: Semaphore,
}

impl Refresher {
    /// Nothing is asked of the provider before a token is due.
    pub(crate) fn new(
        config: RefreshConfig,
        sessions: Arc<Sessions>,
        provider: Arc<dyn Provider>,
    ) -> Self {
        let me = URL_SAFE_NO_PAD.encode(random::<16>(sessions.entropy()));
        let shared = Shared {
            me: Owner(me.into()),
            flights: Arc::default(),
            seats: Semaphore::new(config.in_flight),
            config,
            sessions,
            provider,
        };
        Self {
            shared: Arc::new(shared),
            tasks: TaskTracker::new(),
        }
    }

    /// `session`, or its successor with newer tokens. Does not wait unless the token's last moments have come.
    pub(crate) async fn fresh(
        &self,
        session: Arc<Session>,
        need: Need,
    ) -> Result<Arc<Session>, Unfresh> {
        match need {
            Need::IfDue => match session.deadlines.due(self.clock().now()) {
                Due::No => Ok(session),
                Due::Soon | Due::Now if session.tokens.refresh.is_none() => {
                    self.unrenewable(session).await
                }
                Due::Soon => {
                    if !self.is_resting(&session) {
                        self.board(&session, Need::IfDue);
                    }
                    Ok(session)
                }
                Due::Now => self.before_its_end(session).await,
            },
            Need::Forced { refused } if session.tokens.access != refused.tokens.access => {
                Ok(session)
            }
            Need::Forced { .. } if session.tokens.refresh.is_none() => {
                self.unrenewable(session).await
            }
            Need::Forced { refused } => self.other_than(refused).await,
        }
    }

    /// Waits for the flights under way. New ones can still begin; call it when no request comes any more.
    pub(crate) async fn drain(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// The token is in its last moments, or past them: wait for a new one, make do with the old one if it lives.
    async fn before_its_end(&self, session: Arc<Session>) -> Result<Arc<Session>, Unfresh> {
        if self.is_resting(&session) && !self.has_expired(&session) {
            return Ok(session);
        }
        match self.fly(&session, Need::IfDue).await {
            Err(Unfresh::Unavailable | Unfresh::StoreUnavailable)
                if !self.has_expired(&session) =>
            {
                Ok(session)
            }
            landing => landing,
        }
    }

    /// The token was refused: only another one will do.
    async fn other_than(&self, refused: Arc<Session>) -> Result<Arc<Session>, Unfresh> {
        if self.is_resting(&refused) && !self.has_expired(&refused) {
            return Err(Unfresh::Unavailable);
        }
        let need = Need::Forced {
            refused: Arc::clone(&refused),
        };
        let landed = self.fly(&refused, need.clone()).await?;
        if landed.tokens.access != refused.tokens.access {
            return Ok(landed);
        }
        // It joined a flight that had set out for less: to see that the record was not due.
        self.fly(&refused, need).await
    }

    /// Nothing can renew the token: the session lives as long as it does.
    async fn unrenewable(&self, session: Arc<Session>) -> Result<Arc<Session>, Unfresh> {
        if !self.has_expired(&session) {
            return Ok(session);
        }
        match self
            .shared
            .sessions
            .end_this(&session, EndReason::Expired)
            .await
        {
            Ok(()) => Err(Unfresh::Ended(EndReason::Expired)),
            Err(_) => Err(Unfresh::StoreUnavailable),
        }
    }

    /// Joins the session's flight, or begins one, and waits for it as long as a request may.
    async fn fly(&self, session: &Arc<Session>, need: Need) -> Result<Arc<Session>, Unfresh> {
        let waiter = self.board(session, need);
        tokio::select! {
            biased;
            landing = waiter.landing() => landing,
            () = self.clock().sleep(self.shared.config.wait) => Err(Unfresh::Unavailable),
        }
    }

    /// Joins the session's flight, or begins one in a task of its own.
    fn board(&self, session: &Arc<Session>, need: Need) -> Waiter {
        let (waiter, pilot) = Flights::board(&self.shared.flights, session.id);
        if let Some(pilot) = pilot {
            let shared = Arc::clone(&self.shared);
            let asked = Arc::clone(session);
            self.tasks.spawn(async move {
                let landing = Flight::new(&shared, asked, need).fly().await;
                let ticks = shared.sessions.clock().ticks();
                pilot.land(landing, ticks);
            });
        }
        waiter
    }

    fn is_resting(&self, session: &Session) -> bool {
        self.shared
            .flights
            .is_resting(&session.id, self.clock().ticks())
    }

    fn has_expired(&self, session: &Session) -> bool {
        session.tokens.access_expires.has_come(self.clock().now())
    }

    fn clock(&self) -> &dyn Clock {
        self.shared.sessions.clock()
    }
}

#[cfg(test)]
mod tests;
