//! One refresh per expiry, whatever happens around it.

mod answers;
mod flights;
mod leases;

use std::time::Duration;

use cloakroom_core::ports::SessionStore as _;
use cloakroom_core::session::{Lease, Owner};
use tokio::task::JoinHandle;

use super::*;
use crate::session::fixture::{LIFE, World, headers};
use crate::session::{CookieValue, Visitor};

const SECOND: Duration = Duration::from_secs(1);

/// A world with a refresher on its first gateway, Ada logged in, and her token at `left` before its end.
struct Scene {
    world: World,
    refresher: Arc<Refresher>,
    session: Arc<Session>,
    cookie: CookieValue,
}

impl Scene {
    async fn with_left(left: Duration) -> Self {
        let world = World::new();
        let (session, cookie) = world.login().await;
        world.clock.advance(LIFE.saturating_sub(left));
        let refresher = Arc::new(refresher(&world, &world.sessions));
        Self {
            world,
            refresher,
            session,
            cookie,
        }
    }

    /// The token has just ended.
    async fn expired() -> Self {
        Self::with_left(Duration::ZERO).await
    }

    /// A request that needs a fresh token, in a task of its own.
    fn request(&self) -> JoinHandle<Result<Arc<Session>, Unfresh>> {
        let refresher = Arc::clone(&self.refresher);
        let session = Arc::clone(&self.session);
        tokio::spawn(async move { refresher.fresh(session, Need::IfDue).await })
    }

    async fn fresh(&self) -> Result<Arc<Session>, Unfresh> {
        self.refresher
            .fresh(Arc::clone(&self.session), Need::IfDue)
            .await
    }

    /// The session as the store has it.
    async fn stored(&self) -> Visitor {
        self.world.another().open(&headers(&self.cookie)).await
    }

    /// Another process takes the lease, and is never heard of again.
    async fn somebody_takes_the_lease(&self) -> Lease {
        let somebody = Owner("somebody".into());
        self.world
            .store
            .lease(&self.session.id, self.session.fence, None, &somebody)
            .await
            .unwrap()
    }

    /// Lets time pass in small steps, as it does, until `task` is done or `limit` is over.
    async fn wait<T>(&self, task: &mut JoinHandle<T>, limit: Duration) -> Option<T> {
        let step = Duration::from_millis(250);
        let mut passed = Duration::ZERO;
        loop {
            // Enough turns for every task that was woken to go to sleep again.
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            if task.is_finished() {
                return Some(task.await.unwrap());
            }
            if passed >= limit {
                return None;
            }
            self.world.clock.advance(step);
            passed += step;
        }
    }
}

fn refresher(world: &World, sessions: &Arc<Sessions>) -> Refresher {
    Refresher::new(
        world.config.refresh.clone(),
        Arc::clone(sessions),
        Arc::clone(&world.provider) as Arc<dyn Provider>,
    )
}

fn access(session: &Session) -> &str {
    session.tokens.access.expose()
}

fn reason(visitor: &Visitor) -> Option<EndReason> {
    match visitor {
        Visitor::Anonymous(anonymous) => anonymous.reason,
        Visitor::Known(_) | Visitor::Unavailable => None,
    }
}

fn stored_access(visitor: &Visitor) -> Option<String> {
    match visitor {
        Visitor::Known(session) => Some(access(session).to_owned()),
        Visitor::Anonymous(_) | Visitor::Unavailable => None,
    }
}
