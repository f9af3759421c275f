//! Opening, sliding, ending: on one gateway, and on two that share a store.

mod ends;
mod opens;
mod outages;

use std::time::Duration;

use super::fixture::{World, headers};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn known(visitor: Visitor) -> Option<Arc<Session>> {
    match visitor {
        Visitor::Known(session) => Some(session),
        Visitor::Anonymous(_) | Visitor::Unavailable => None,
    }
}

fn stranger(visitor: &Visitor) -> Option<Anonymous> {
    match visitor {
        Visitor::Anonymous(anonymous) => Some(*anonymous),
        Visitor::Known(_) | Visitor::Unavailable => None,
    }
}

/// What the cache alone says.
fn hit(sessions: &Sessions, cookie: &CookieValue) -> Option<Arc<Session>> {
    match sessions.peek(
        &headers(cookie),
        sessions.clock().now(),
        sessions.clock().ticks(),
    ) {
        Peek::Found(visitor) => known(visitor),
        Peek::Ask(_) => None,
    }
}

impl World {
    async fn open(&self, cookie: &CookieValue) -> Visitor {
        self.sessions.open(&headers(cookie)).await
    }

    async fn devices(&self) -> usize {
        let ada = self
            .provider
            .grant("ada")
            .principal(self.sessions.provider.id());
        self.sessions.list(&ada).await.unwrap().len()
    }
}
