//! The outbox of endings.

use std::sync::Arc;

use cloakroom_core::family::RevokeReason;
use cloakroom_core::ports::{Revoke, Whose};

use super::super::IdentityStore;
use super::super::world::{begin, outbox, register};
use crate::sample::{at, family_id};

pub async fn the_outbox_is_read_in_order_and_forgets_what_was_delivered<S: IdentityStore>(
    store: &Arc<S>,
) {
    register(store, 1, "ada").await;
    for n in 1..=3 {
        begin(store, n, 1).await;
        let one = Revoke::Family(family_id(n));
        let revoked = store.revoke(one, RevokeReason::Logout, at(20 + i64::from(n)));
        assert_eq!(revoked.await, Ok(vec![family_id(n)]));
    }
    let told = outbox(store).await;
    let logins: Vec<_> = told.iter().map(|event| event.whose.clone()).collect();
    let expected = [1, 2, 3].map(|n| Whose::Login(family_id(n).0.to_string()));
    assert_eq!(logins, expected);
    assert!(told.is_sorted_by(|a, b| a.seq < b.seq));
    assert_eq!(store.outbox(2).await.unwrap().len(), 2);

    store.delivered(told[1].seq).await.unwrap();
    let left = outbox(store).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].seq, told[2].seq);
    store.delivered(told[2].seq).await.unwrap();

    begin(store, 4, 1).await;
    let one = Revoke::Family(family_id(4));
    store
        .revoke(one, RevokeReason::Logout, at(30))
        .await
        .unwrap();
    assert!(outbox(store).await[0].seq > told[2].seq);
}
