//! The lease: one refresh among all instances. No wall clock of another machine is believed, and no lock server
//! is needed: a holder shows life by raising its beat, and whoever waits judges that by its own clock.
//!
//! 1. What is refreshed is the record as it was when the lease was taken, never what a request had in hand.
//! 2. A holder counts as dead once the very same beat has stood for the takeover time on *our* ticks. Taking over
//!    raises the fence, so that a holder who was only slow can no longer write.
//! 3. A dead holder may have sent the refresh token. It is sent again only as the provider's `retry` allows.

use std::sync::Arc;
use std::time::Duration;

use cloakroom_core::EndReason;
use cloakroom_core::ports::Retry;
use cloakroom_core::session::{Beat, Fence, Lease, Record, Seq};
use cloakroom_core::token::RefreshToken;

use super::once::Flight;
use super::outcome::Failure;
use crate::session::{Admitted, Reading, Session};

/// How often a waiter looks at somebody else's beat.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How long a provider may take over one refresh: a token was sent at most this long before its holder's last
/// sign of life.
const CALL_LIMIT: Duration = Duration::from_secs(10);

/// What asking for the lease came to.
pub(super) enum Leased {
    /// The record has what was needed already.
    Fresh(Arc<Session>),
    /// It is ours.
    Mine(Held),
}

/// A lease of ours, and the session as it was then.
pub(super) struct Held {
    pub(super) session: Arc<Session>,
    pub(super) token: RefreshToken,
    pub(super) fence: Fence,
    pub(super) seq: Seq,
}

/// What a waiter has seen of somebody else's lease.
#[derive(Default)]
struct Watched {
    beat: Option<Beat>,
    /// Since when this beat has stood, in ticks.
    since: Duration,
    /// When it last changed before our eyes: its holder was alive then.
    alive: Option<Duration>,
}

impl Watched {
    /// Notes a beat and returns for how long it has stood.
    fn see(&mut self, beat: &Beat, ticks: Duration) -> Duration {
        if self.beat.as_ref() != Some(beat) {
            self.alive = self.beat.is_some().then_some(ticks);
            self.beat = Some(beat.clone());
            self.since = ticks;
        }
        ticks.saturating_sub(self.since)
    }
}

impl Flight<'_> {
    /// Takes the lease, waits for whoever has it, or finds that there is nothing left to do.
    pub(super) async fn lease(&self, known: &Arc<Session>) -> Result<Leased, Failure> {
        let mut current = Arc::clone(known);
        let mut watched = Watched::default();
        let mut stale: Option<Beat> = None;
        loop {
            let read = self.sessions().about_to_read();
            let asked = self
                .store()
                .lease(&current.id, current.fence, stale.as_ref(), self.me());
            match asked.await.map_err(|cause| Failure::store(&cause))? {
                Lease::Held(record) => return self.hold(&current, *record, read).await,
                Lease::Moved(record) => {
                    current = self.reopen(&current, *record, read)?;
                    if self.is_satisfied_by(&current) {
                        return Ok(Leased::Fresh(current));
                    }
                    stale = None;
                }
                Lease::Gone(reason) => return Err(self.gone(&current, reason)),
                Lease::Busy(beat) => stale = self.wait(&mut watched, beat, &current).await?,
            }
        }
    }

    /// The lease is ours: is there still something to do?
    async fn hold(
        &self,
        current: &Arc<Session>,
        record: Record,
        read: Reading,
    ) -> Result<Leased, Failure> {
        let (fence, seq) = (record.fence, record.seq);
        let session = match self.reopen(current, record, read) {
            Ok(session) => session,
            Err(failure) => {
                self.release(current, fence).await;
                return Err(failure);
            }
        };
        match session.tokens.refresh.clone() {
            Some(token) if !self.is_satisfied_by(&session) => Ok(Leased::Mine(Held {
                session,
                token,
                fence,
                seq,
            })),
            Some(_) | None => {
                self.release(&session, fence).await;
                Ok(Leased::Fresh(session))
            }
        }
    }

    /// Somebody has the lease: waits a moment. Returns the beat to take over once its holder counts as dead.
    async fn wait(
        &self,
        watched: &mut Watched,
        beat: Beat,
        current: &Session,
    ) -> Result<Option<Beat>, Failure> {
        let ticks = self.clock().ticks();
        let silent = watched.see(&beat, ticks);
        // Our own lease, and this is the session's only flight here: an earlier one died or left it on purpose.
        if beat.owner != *self.me() && silent < self.takeover() {
            self.clock().sleep(LOOK_EVERY).await;
            return Ok(None);
        }
        let left = current.tokens.access_expires.until(self.clock().now());
        let may_repeat = match self.provider().retry() {
            Retry::Idempotent => true,
            Retry::Window(window) => watched
                .alive
                .is_some_and(|at| ticks.saturating_sub(at).saturating_add(CALL_LIMIT) <= window),
            Retry::Never => false,
        };
        if may_repeat || left.is_zero() {
            Ok(Some(beat))
        } else {
            Err(Failure::unavailable(left))
        }
    }

    /// Opens a record of this session that was just read.
    pub(super) fn reopen(
        &self,
        session: &Session,
        record: Record,
        read: Reading,
    ) -> Result<Arc<Session>, Failure> {
        match self.sessions().reopen(session, record, read) {
            Admitted::Live(newer) => Ok(newer),
            Admitted::Over(reason) => Err(Failure::ended(reason)),
            // Its key was taken out of the ring while the session was open here.
            Admitted::Unreadable => Err(self.gone(session, Some(EndReason::RevokedByAdmin))),
        }
    }

    /// The session is no more. Without a reason the store has lost it.
    pub(super) fn gone(&self, session: &Session, reason: Option<EndReason>) -> Failure {
        self.sessions().forget(session);
        Failure::ended(reason.unwrap_or(EndReason::RolledBack))
    }

    /// Gives the lease back. If that fails it is taken over like a dead holder's.
    pub(super) async fn release(&self, session: &Session, fence: Fence) {
        if let Err(cause) = self.store().release(&session.id, fence).await {
            tracing::warn!(target: "cloakroom::refresh", %cause, handle = %session.handle, "a lease stays behind");
        }
    }
}
