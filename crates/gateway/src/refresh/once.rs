//! One refresh, from the lease to the stored tokens:
//! lease → re-read → is it still due? → call the provider → store under the fence → put in place.
//!
//! 1. Only a token that was read from the durable record, under the lease, is ever presented.
//! 2. Renewed tokens are used only once they are stored; what a logout overtook is revoked and never used.
//! 3. While the call runs, the beat is raised every second, so that nobody takes a slow holder for a dead one.
//! 4. A certain no counts only while the lease is still ours: otherwise somebody else's result does.
//! 5. Tokens of another subject than the session's end it: better no session than somebody else's.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use cloakroom_core::EndReason;
use cloakroom_core::ports::{Clock, Provider, ProviderError, Retry, SessionStore, StoreError};
use cloakroom_core::session::{Opened, Owner, Swap};
use cloakroom_core::token::{Grant, RefreshToken, TokenSet};

use super::lease::{Held, Leased};
use super::outcome::{Failure, Meaning, meaning, verdict};
use super::{Due, Need, Shared};
use crate::session::{Renewal, Session, Sessions};

/// How often a holder shows that it lives.
const BEAT_EVERY: Duration = Duration::from_secs(1);

/// How often a flight starts over because somebody overtook it.
const ROUNDS: usize = 3;

/// How long after a stale token the record may take to show a newer one, and how often that is looked for.
const STALE_LOOKS: u32 = 8;
const STALE_LOOK_EVERY: Duration = Duration::from_millis(250);

/// Pauses between attempts to store what the provider has handed out and will not hand out again; together
/// shorter than a takeover.
const STORE_PAUSES: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1600),
];

/// One refresh of one session.
pub(super) struct Flight<'a> {
    shared: &'a Shared,
    /// The session as the request had it that asked first.
    asked: Arc<Session>,
    need: Need,
}

/// What a refresh under a lease came to.
enum Step {
    /// New tokens are stored.
    Done(Arc<Session>),
    /// Somebody else took the lease over: look again.
    Overtaken,
}

impl<'a> Flight<'a> {
    pub(super) const fn new(shared: &'a Shared, asked: Arc<Session>, need: Need) -> Self {
        Self {
            shared,
            asked,
            need,
        }
    }

    /// Flies. The result is what every passenger gets.
    pub(super) async fn fly(&self) -> Result<Arc<Session>, Failure> {
        let mut known = Arc::clone(&self.asked);
        for _ in 0..ROUNDS {
            let held = match self.lease(&known).await? {
                Leased::Fresh(session) => return Ok(session),
                Leased::Mine(held) => held,
            };
            match self.beating(&held, self.refresh(&held)).await? {
                Step::Done(session) => return Ok(session),
                Step::Overtaken => known = held.session,
            }
        }
        Err(Failure::unavailable(Duration::ZERO))
    }

    /// Whether the session has what this flight is for.
    pub(super) fn is_satisfied_by(&self, session: &Session) -> bool {
        match &self.need {
            Need::IfDue => session.deadlines.due(self.clock().now()) == Due::No,
            Need::Forced { refused } => session.tokens.access != refused.tokens.access,
        }
    }

    /// Raises the beat while `work` runs. A beat that cannot be raised changes nothing here: the fence decides.
    async fn beating<T>(&self, held: &Held, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = self.clock().sleep(BEAT_EVERY) => {
                    let _ = self.store().beat(&held.session.id, held.fence).await;
                }
            }
        }
    }

    async fn refresh(&self, held: &Held) -> Result<Step, Failure> {
        let answer = self.present(held).await;
        let verdict = answer.as_ref().map_or_else(verdict, |_| "renewed");
        metrics::counter!(
            "cloakroom_refresh_total",
            "provider" => self.provider().id().as_str().to_owned(),
            "verdict" => verdict,
        )
        .increment(1);
        match answer {
            Ok((grant, presented)) => self.keep(held, grant, presented).await,
            Err(error) => self.refused(held, &error).await,
        }
    }

    /// Presents the record's refresh token; where the provider has never seen it, once its predecessor: an issuer
    /// that lost its last commits knows only that one.
    async fn present(&self, held: &Held) -> Result<(Grant, RefreshToken), ProviderError> {
        // The semaphore is never closed: an error would mean that there is no limit any more.
        let _seat = self.shared.seats.acquire().await.ok();
        match (
            self.provider().refresh(&held.token).await,
            &held.session.tokens.predecessor,
        ) {
            (Err(ProviderError::Unknown), Some(previous)) => {
                let grant = self.provider().refresh(previous).await?;
                Ok((grant, previous.clone()))
            }
            (answer, _) => answer.map(|grant| (grant, held.token.clone())),
        }
    }

    /// Stores what the provider granted.
    async fn keep(
        &self,
        held: &Held,
        grant: Grant,
        presented: RefreshToken,
    ) -> Result<Step, Failure> {
        if grant.subject != held.session.principal.subject {
            return self.foreign(held, &grant).await;
        }
        let tokens = successor(&held.session.tokens, grant.tokens, presented);
        let read = self.sessions().about_to_read();
        let renewal = match self
            .sessions()
            .renew(&held.session, grant.profile, tokens, read)
        {
            Ok(renewal) => renewal,
            Err(cause) => {
                tracing::error!(target: "cloakroom::refresh", %cause, handle = %held.session.handle, "renewed tokens cannot be used");
                self.release(&held.session, held.fence).await;
                return Err(Failure::unavailable(Duration::ZERO));
            }
        };
        match self.store_renewal(held, &renewal).await {
            Ok(Swap::Done) => Ok(Step::Done(self.sessions().renewed(renewal, read))),
            Ok(Swap::Fenced) => Ok(Step::Overtaken),
            Ok(Swap::Gone(reason)) => {
                self.revoke(renewal.tokens()).await;
                Err(self.gone(&held.session, reason))
            }
            Err(cause) => Err(Failure::store(&cause)),
        }
    }

    /// Tries a little longer than once: an issuer that does not repeat itself gives these tokens to nobody again.
    async fn store_renewal(&self, held: &Held, renewal: &Renewal) -> Result<Swap, StoreError> {
        let mut pauses = STORE_PAUSES.iter();
        loop {
            let sealed = renewal.sealed().clone();
            match (
                self.store()
                    .store(&held.session.id, held.fence, sealed)
                    .await,
                pauses.next(),
            ) {
                (Err(_), Some(pause)) => self.clock().sleep(*pause).await,
                (outcome, _) => return outcome,
            }
        }
    }

    /// The provider did not renew.
    async fn refused(&self, held: &Held, error: &ProviderError) -> Result<Step, Failure> {
        tracing::info!(target: "cloakroom::refresh", %error, handle = %held.session.handle, "no new tokens");
        match meaning(error) {
            Meaning::Later(rest) => {
                self.release(&held.session, held.fence).await;
                Err(Failure::unavailable(rest))
            }
            Meaning::Unclear => Err(self.unclear(held).await),
            Meaning::Over(reason) if self.is_ours(held).await? => self.end(held, reason).await,
            Meaning::Overtaken if self.is_ours(held).await? => self.wait_for_newer(held).await,
            Meaning::Over(_) | Meaning::Overtaken => Ok(Step::Overtaken),
        }
    }

    /// The token may have been spent. Where it must not be sent twice the lease stays, for every instance to see.
    async fn unclear(&self, held: &Held) -> Failure {
        match self.provider().retry() {
            Retry::Idempotent | Retry::Window(_) => {
                self.release(&held.session, held.fence).await;
                Failure::unavailable(Duration::ZERO)
            }
            Retry::Never => {
                let left = held.session.tokens.access_expires.until(self.clock().now());
                Failure::unavailable(left)
            }
        }
    }

    async fn is_ours(&self, held: &Held) -> Result<bool, Failure> {
        let ours = self.store().beat(&held.session.id, held.fence).await;
        ours.map_err(|cause| Failure::store(&cause))
    }

    /// The token is stale: its successor was used, so somebody has stored, or is about to store, a newer one. If
    /// nobody does, the store has lost writes.
    async fn wait_for_newer(&self, held: &Held) -> Result<Step, Failure> {
        for _ in 0..STALE_LOOKS {
            self.clock().sleep(STALE_LOOK_EVERY).await;
            let read = self.sessions().about_to_read();
            match self.store().load(&held.session.id).await {
                Ok(Opened::Live(record))
                    if record.seq == held.seq && record.fence == held.fence => {}
                Ok(Opened::Live(record)) => {
                    return self.reopen(&held.session, *record, read).map(Step::Done);
                }
                Ok(Opened::Ended(tombstone)) => {
                    return Err(self.gone(&held.session, Some(tombstone.reason)));
                }
                Ok(Opened::Absent) => return Err(self.gone(&held.session, None)),
                Err(cause) => return Err(Failure::store(&cause)),
            }
        }
        self.end(held, EndReason::RolledBack).await
    }

    /// The provider answered for somebody else.
    async fn foreign(&self, held: &Held, grant: &Grant) -> Result<Step, Failure> {
        tracing::error!(
            target: "audit",
            event = "refresh_changed_subject",
            handle = %held.session.handle,
            subject = %held.session.principal.subject,
            answered = %grant.subject,
            "a refresh brought tokens of somebody else"
        );
        self.revoke(&grant.tokens).await;
        self.end(held, EndReason::IssuerRefused).await
    }

    async fn end(&self, held: &Held, reason: EndReason) -> Result<Step, Failure> {
        match self.sessions().end_this(&held.session, reason).await {
            Ok(()) => Err(Failure::ended(reason)),
            Err(cause) => Err(Failure::store(&cause)),
        }
    }

    /// Tokens that nobody may use any more.
    async fn revoke(&self, tokens: &TokenSet) {
        if let Err(error) = self.provider().revoke(tokens).await {
            tracing::warn!(target: "cloakroom::refresh", %error, "received tokens are not revoked");
        }
    }

    pub(super) fn sessions(&self) -> &Sessions {
        &self.shared.sessions
    }

    pub(super) fn store(&self) -> &dyn SessionStore {
        self.shared.sessions.store()
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        self.shared.sessions.clock()
    }

    pub(super) fn provider(&self) -> &dyn Provider {
        &*self.shared.provider
    }

    pub(super) fn me(&self) -> &Owner {
        &self.shared.me
    }

    pub(super) fn takeover(&self) -> Duration {
        self.shared.config.takeover
    }
}

/// The tokens to keep: a provider that does not rotate leaves the refresh token out, and one generation of what
/// was before is kept for an issuer that loses its last commits.
fn successor(held: &TokenSet, granted: TokenSet, presented: RefreshToken) -> TokenSet {
    let (refresh, predecessor) = match granted.refresh {
        Some(rotated) if rotated != presented => (rotated, Some(presented)),
        Some(_) | None => {
            let older = held.predecessor.clone().filter(|older| *older != presented);
            (presented, older)
        }
    };
    TokenSet {
        refresh: Some(refresh),
        predecessor,
        ..granted
    }
}
