//! The store in memory passes what every session store must pass, and fails when it is told to.

use std::future::{Ready, ready};
use std::sync::Arc;

use super::*;

fn empty() -> Ready<(Arc<dyn SessionStore>, ())> {
    ready((Arc::new(MemorySessions::new()), ()))
}

crate::session_store_conformance!(empty);

#[tokio::test]
async fn a_store_that_is_switched_off_answers_nothing_and_comes_back_with_everything() {
    let store = MemorySessions::new();
    store.fail(true);
    assert!(matches!(
        store.load(&LookupId::new([1; 32])).await,
        Err(StoreError::Unavailable(_))
    ));
    store.fail(false);
    assert!(matches!(
        store.load(&LookupId::new([1; 32])).await,
        Ok(Opened::Absent)
    ));
}
