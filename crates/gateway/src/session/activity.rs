//! What a request leaves to be written later: the slide of the idle timer, and the endings that time alone
//! brought. Bounded: what does not fit is dropped, and the session's next use brings it up again.

use std::sync::atomic::Ordering;
use std::time::Duration;

use cloakroom_core::session::{Selector, Slide};
use cloakroom_core::{EndReason, Handle, Principal, Timestamp};
use tokio::sync::{Mutex, mpsc};

use super::{Session, Sessions};

/// The least time between two slides of one session: each of them is a write.
const SLIDE_EVERY: Duration = Duration::from_secs(60);

/// How much may wait to be written; also the largest batch.
const QUEUED: usize = 8192;

/// Something to be written later.
enum Work {
    Slide(Slide),
    TimedOut {
        handle: Handle,
        principal: Principal,
        reason: EndReason,
    },
}

/// What waits to be written.
pub(super) struct Pending {
    put: mpsc::Sender<Work>,
    take: Mutex<mpsc::Receiver<Work>>,
}

impl Pending {
    pub(super) fn new() -> Self {
        let (put, take) = mpsc::channel(QUEUED);
        Self {
            put,
            take: Mutex::new(take),
        }
    }

    fn put(&self, work: Work) {
        if self.put.try_send(work).is_err() {
            tracing::debug!(target: "cloakroom::session", "a slide or an ending did not fit");
        }
    }
}

impl Sessions {
    /// Notes that a session's owner is active. At most once a minute a session does this cost a write; the idle
    /// timer never passes the absolute end (CK-14).
    pub(crate) fn slide(&self, session: &Session, now: Timestamp) {
        let seen = session.seen.load(Ordering::Relaxed);
        // A short idle timeout needs a finer clock than a minute.
        let every = SLIDE_EVERY.min(self.limits.idle_timeout / 4);
        if now.since(Timestamp::from_micros(seen)) < every {
            return;
        }
        let claimed = session.seen.compare_exchange(
            seen,
            now.as_micros(),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        if claimed.is_err() {
            return;
        }
        let idle_until = now
            .plus(self.limits.idle_timeout)
            .min(session.absolute_until);
        session
            .idle_until
            .fetch_max(idle_until.as_micros(), Ordering::Relaxed);
        self.pending.put(Work::Slide(Slide {
            id: session.id,
            seen: now,
            idle_until,
        }));
    }

    /// Forgets a session that time alone has ended, and has the store told.
    pub(super) fn has_timed_out(&self, handle: &Handle, principal: &Principal, reason: EndReason) {
        self.cache.remove(handle);
        self.pending.put(Work::TimedOut {
            handle: handle.clone(),
            principal: principal.clone(),
            reason,
        });
    }

    /// Writes what waits.
    pub(crate) async fn flush(&self) {
        let mut slides = Vec::new();
        let mut endings = Vec::new();
        let mut take = self.pending.take.lock().await;
        // Bounded, so that a flood of new work cannot keep this from returning.
        for _ in 0..QUEUED {
            match take.try_recv() {
                Ok(Work::Slide(slide)) => slides.push(slide),
                Ok(Work::TimedOut {
                    handle,
                    principal,
                    reason,
                }) => {
                    endings.push((handle, principal, reason));
                }
                Err(_) => break,
            }
        }
        if !slides.is_empty()
            && let Err(cause) = self.store.touch(&slides).await
        {
            tracing::warn!(target: "cloakroom::session", %cause, count = slides.len(), "slides are lost");
        }
        for (handle, principal, reason) in endings {
            let which = Selector::Handle(handle.clone());
            match self.store.end(which, reason, self.clock.now()).await {
                Ok(0) => {}
                Ok(_) => self.has_ended(&handle, &principal, reason),
                Err(cause) => {
                    tracing::warn!(target: "cloakroom::session", %cause, %handle, "an ending is not written yet");
                }
            }
        }
    }
}
