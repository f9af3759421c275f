use super::*;
use crate::session::fixture::World;

#[tokio::test]
async fn a_read_that_an_ending_overtook_is_not_cached() {
    let (session, _) = World::new().login().await;
    let cache = Cache::new(10);
    let before = cache.position();
    cache.remove(&session.handle);
    assert!(!cache.insert(&session, before));
    assert!(cache.get(session.key.presented()).is_none());
    assert!(cache.insert(&session, cache.position()));
    assert!(cache.get(session.key.presented()).is_some());
}

#[tokio::test]
async fn a_read_that_a_flush_overtook_is_not_cached_whosever_it_is() {
    let (session, _) = World::new().login().await;
    let cache = Cache::new(10);
    let before = cache.position();
    assert!(cache.remove_all(|_| false).is_empty());
    assert!(!cache.insert(&session, before));
}

#[tokio::test]
async fn a_flood_of_moves_costs_a_read_and_never_a_stale_entry() {
    let (session, _) = World::new().login().await;
    let cache = Cache::new(10);
    let before = cache.position();
    cache.remove(&session.handle);
    for number in 0..MOVES_KEPT {
        cache.remove(&Handle::parse(&format!("h{number}")).unwrap());
    }
    assert!(!cache.insert(&session, before));
    assert!(cache.book().moved.len() <= MOVES_KEPT);
    assert!(cache.insert(&session, cache.position()));
}

#[tokio::test]
async fn only_what_is_meant_is_removed() {
    let world = World::new();
    let (one, _) = world.login().await;
    let (other, _) = world.login().await;
    let cache = Cache::new(10);
    for session in [&one, &other] {
        assert!(cache.insert(session, cache.position()));
    }
    assert_eq!(
        cache.remove_all(|session| session.handle == one.handle),
        std::slice::from_ref(&one.handle)
    );
    assert!(cache.get(one.key.presented()).is_none());
    assert!(cache.get(other.key.presented()).is_some());
    assert_eq!(cache.len(), 1);
}

#[tokio::test]
async fn the_book_does_not_outgrow_the_cache() {
    let world = World::new();
    let cache = Cache::new(4);
    for _ in 0..100 {
        let (session, _) = world.login().await;
        cache.insert(&session, cache.position());
    }
    assert!(cache.len() <= 4);
    assert!(cache.book().keys.len() <= 9);
}

#[test]
fn a_hit_is_believed_for_less_than_a_second_after_a_look() {
    let cache = Cache::new(1);
    assert!(!cache.is_fresh(Duration::ZERO));
    cache.looked(Duration::ZERO);
    assert!(cache.is_fresh(Duration::from_millis(999)));
    assert!(!cache.is_fresh(Duration::from_secs(1)));
}
