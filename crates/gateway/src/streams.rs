//! The registry of streams: WebSockets and event streams end with the session they were opened for (LO-11).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cloakroom_core::ports::Clock;
use tokio_util::sync::CancellationToken;

use crate::session::{Judged, News, Session, Sessions};

/// How often the time limits of all open streams are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// All open streams that belong to a session.
pub(crate) struct Streams {
    sessions: Arc<Sessions>,
    clock: Arc<dyn Clock>,
    open: Mutex<HashMap<u64, Open>>,
    next: AtomicU64,
}

struct Open {
    session: Arc<Session>,
    ended: CancellationToken,
}

/// A stream's place in the registry; dropping it takes the stream out.
pub(crate) struct Ticket {
    registry: Arc<Streams>,
    number: u64,
    ended: CancellationToken,
}

impl Streams {
    /// An empty registry.
    pub(crate) fn new(sessions: Arc<Sessions>, clock: Arc<dyn Clock>) -> Arc<Self> {
        let open = Mutex::new(HashMap::new());
        Arc::new(Self {
            sessions,
            clock,
            open,
            next: AtomicU64::new(0),
        })
    }

    /// Registers a stream. One of nobody's ends only by itself.
    pub(crate) fn open(self: &Arc<Self>, session: Option<Arc<Session>>) -> Ticket {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let ended = CancellationToken::new();
        if let Some(session) = session {
            let open = Open {
                session,
                ended: ended.clone(),
            };
            self.lock().insert(number, open);
        }
        Ticket {
            registry: Arc::clone(self),
            number,
            ended,
        }
    }

    /// Ends streams as their sessions end, until `stop`.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut news = self.sessions.news();
        loop {
            let suspects = tokio::select! {
                () = stop.cancelled() => break,
                () = self.clock.sleep(LOOK) => self.timed_out(),
                heard = news.recv() => match heard {
                    Ok(News::Ended(handle, _) | News::Changed(handle)) => {
                        self.select(|session| session.handle == handle)
                    }
                    Ok(News::Refreshed(_)) => Vec::new(),
                    // Some news was missed: look at everything.
                    Ok(News::Everything) | Err(_) => self.select(|_| true),
                },
            };
            for (session, ended) in suspects {
                if matches!(self.sessions.judge(&session).await, Judged::Ended(_)) {
                    ended.cancel();
                }
            }
        }
        for open in self.lock().values() {
            open.ended.cancel();
        }
    }

    fn timed_out(&self) -> Vec<(Arc<Session>, CancellationToken)> {
        let now = self.clock.now();
        self.select(|session| session.timed_out(now).is_some())
    }

    fn select(&self, wanted: impl Fn(&Session) -> bool) -> Vec<(Arc<Session>, CancellationToken)> {
        let open = self.lock();
        let wanted = open.values().filter(|open| wanted(&open.session));
        wanted
            .map(|open| (Arc::clone(&open.session), open.ended.clone()))
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Returns once the session has ended.
    pub(crate) async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Waits on the clock of the house.
    pub(crate) async fn sleep(&self, duration: Duration) {
        self.registry.clock.sleep(duration).await;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.registry.lock().remove(&self.number);
    }
}
