//! How often an address is asked, and which keys are believed while it does not answer.

use std::sync::Mutex as StdMutex;
use std::sync::atomic::AtomicUsize;

use serde_json::json;
use tokio::sync::Semaphore;

use super::*;
use crate::remote::RemoteVerifier;
use crate::sign::SigningKey;
use crate::verify::{Policy, Verifier};

const NOW: i64 = 1_800_000_000;

/// An address whose answer the test decides, and which answers only what it has a permit for.
struct Issuer {
    answer: StdMutex<Result<Vec<u8>, FetchError>>,
    asked: AtomicUsize,
    permits: Semaphore,
}

impl Issuer {
    fn publishing(keys: &[&SigningKey]) -> Arc<Self> {
        Arc::new(Self {
            answer: StdMutex::new(Ok(set_of(keys))),
            asked: AtomicUsize::new(0),
            permits: Semaphore::new(Semaphore::MAX_PERMITS),
        })
    }

    fn answers(&self, answer: Result<Vec<u8>, FetchError>) {
        *self.answer.lock().unwrap() = answer;
    }

    fn fails(&self) {
        self.answers(Err(FetchError::Status(503)));
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Fetch for Issuer {
    async fn get(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        assert_eq!(url, "https://id.test/jwks.json");
        self.asked.fetch_add(1, Ordering::SeqCst);
        let _permit = self.permits.acquire().await.unwrap();
        self.answer.lock().unwrap().clone()
    }
}

fn set_of(keys: &[&SigningKey]) -> Vec<u8> {
    let keys: Vec<_> = keys.iter().map(|key| key.public_jwk()).collect();
    json!({ "keys": keys }).to_string().into_bytes()
}

fn key(kid: &str) -> SigningKey {
    SigningKey::es256(kid, &SigningKey::generate_es256().unwrap()).unwrap()
}

fn token(key: &SigningKey) -> String {
    let claims = json!({"iss": "https://id.test", "sub": "7", "aud": "api", "exp": NOW + 60});
    key.sign("at+jwt", &claims).unwrap()
}

fn remote(issuer: &Arc<Issuer>) -> RemoteVerifier {
    let fetch: Arc<dyn Fetch> = Arc::<Issuer>::clone(issuer);
    let jwks = Jwks::new("https://id.test/jwks.json", fetch, Freshness::default());
    let policy = Policy::new("https://id.test", "api", &["at+jwt"]);
    RemoteVerifier::new(Verifier::new(policy), jwks)
}

async fn verdict(
    remote: &RemoteVerifier,
    key: &SigningKey,
    seconds: u64,
) -> Result<(), VerifyError> {
    let ticks = Duration::from_secs(seconds);
    remote.verify(&token(key), NOW, ticks).await.map(|_| ())
}

/// Lets tasks in the background run until `condition` holds.
async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

// TK-09
#[tokio::test]
async fn the_keys_are_fetched_once_while_they_are_fresh() {
    let key = key("a");
    let issuer = Issuer::publishing(&[&key]);
    let remote = remote(&issuer);
    for seconds in [0, 1, 299] {
        assert_eq!(verdict(&remote, &key, seconds).await, Ok(()));
    }
    assert_eq!(issuer.asked(), 1);
    assert_eq!(verdict(&remote, &key, 300).await, Ok(()));
    assert_eq!(issuer.asked(), 2);
}

// TK-09
#[tokio::test]
async fn many_who_wait_share_one_fetch() {
    let key = key("a");
    let issuer = Issuer::publishing(&[&key]);
    issuer.permits.forget_permits(Semaphore::MAX_PERMITS);
    let remote = remote(&issuer);
    let token = token(&key);
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let (remote, token) = (remote.clone(), token.clone());
            tokio::spawn(async move { remote.verify(&token, NOW, Duration::ZERO).await })
        })
        .collect();
    until(|| issuer.asked() == 1).await;
    issuer.permits.add_permits(1);
    for caller in callers {
        assert!(caller.await.unwrap().is_ok());
    }
    assert_eq!(issuer.asked(), 1);
}

// TK-09
#[tokio::test]
async fn however_many_unknown_keys_come_there_is_one_fetch_a_cool_down() {
    let (known, stranger) = (key("a"), key("b"));
    let issuer = Issuer::publishing(&[&known]);
    let remote = remote(&issuer);
    assert_eq!(verdict(&remote, &known, 0).await, Ok(()));
    for seconds in 10..30 {
        for _ in 0..20 {
            let refused = verdict(&remote, &stranger, seconds).await;
            assert_eq!(refused, Err(VerifyError::UnknownKey));
        }
    }
    // The first one, then one at 10 s and one at 20 s.
    assert_eq!(issuer.asked(), 3);
    assert_eq!(verdict(&remote, &known, 30).await, Ok(()));
}

#[tokio::test]
async fn a_new_key_is_found_by_its_first_token() {
    let (old, new) = (key("a"), key("b"));
    let issuer = Issuer::publishing(&[&old]);
    let remote = remote(&issuer);
    assert_eq!(verdict(&remote, &old, 0).await, Ok(()));
    issuer.answers(Ok(set_of(&[&old, &new])));
    assert_eq!(verdict(&remote, &new, 60).await, Ok(()));
    assert_eq!(verdict(&remote, &old, 60).await, Ok(()));
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn a_key_that_is_withdrawn_is_not_believed_once_its_copy_is_old() {
    let (old, new) = (key("a"), key("b"));
    let issuer = Issuer::publishing(&[&old]);
    let remote = remote(&issuer);
    assert_eq!(verdict(&remote, &old, 0).await, Ok(()));
    issuer.answers(Ok(set_of(&[&new])));
    assert_eq!(
        verdict(&remote, &old, 300).await,
        Err(VerifyError::UnknownKey)
    );
}

// TK-10
#[tokio::test]
async fn in_an_outage_known_keys_are_used_until_max_stale_and_then_nothing_verifies() {
    let key = key("a");
    let issuer = Issuer::publishing(&[&key]);
    let remote = remote(&issuer);
    assert_eq!(verdict(&remote, &key, 0).await, Ok(()));
    issuer.fails();
    let day = 24 * 3600;
    for seconds in [300, 301, 3600, day - 1] {
        assert_eq!(verdict(&remote, &key, seconds).await, Ok(()), "{seconds}");
    }
    assert_eq!(
        verdict(&remote, &key, day).await,
        Err(VerifyError::KeysUnavailable)
    );
    issuer.answers(Ok(set_of(&[&key])));
    assert_eq!(verdict(&remote, &key, day + 10).await, Ok(()));
}

// TK-10
#[tokio::test]
async fn in_an_outage_nobody_whose_key_is_known_waits_for_the_next_attempt() {
    let key = key("a");
    let issuer = Issuer::publishing(&[&key]);
    let remote = remote(&issuer);
    assert_eq!(verdict(&remote, &key, 0).await, Ok(()));
    issuer.fails();
    assert_eq!(verdict(&remote, &key, 300).await, Ok(()));
    issuer.permits.forget_permits(Semaphore::MAX_PERMITS);
    for _ in 0..3 {
        assert_eq!(verdict(&remote, &key, 310).await, Ok(()));
    }
    until(|| issuer.asked() == 3).await;
    issuer.answers(Ok(set_of(&[&key])));
    issuer.permits.add_permits(1);
    until(|| !remote_is_in_outage(&remote)).await;
    assert_eq!(issuer.asked(), 3);
}

fn remote_is_in_outage(remote: &RemoteVerifier) -> bool {
    remote.jwks().shared.outage.load(Ordering::SeqCst)
}

// TK-10
#[tokio::test]
async fn without_any_keys_nothing_verifies_and_the_next_attempt_comes_after_a_second() {
    let key = key("a");
    let issuer = Issuer::publishing(&[&key]);
    issuer.fails();
    let remote = remote(&issuer);
    for _ in 0..5 {
        assert_eq!(
            verdict(&remote, &key, 0).await,
            Err(VerifyError::KeysUnavailable)
        );
    }
    assert_eq!(issuer.asked(), 1);
    issuer.answers(Ok(set_of(&[&key])));
    assert_eq!(verdict(&remote, &key, 1).await, Ok(()));
}

#[tokio::test]
async fn an_answer_that_is_no_key_set_leaves_the_known_keys_alone() {
    let key = key("a");
    let issuer = Issuer::publishing(&[&key]);
    let remote = remote(&issuer);
    assert_eq!(verdict(&remote, &key, 0).await, Ok(()));
    let answers = [
        b"<html>".to_vec(),
        b"{\"keys\":[]}".to_vec(),
        vec![b' '; MAX_BODY + 1],
    ];
    for (seconds, answer) in [300, 310, 320].into_iter().zip(answers) {
        issuer.answers(Ok(answer));
        assert_eq!(verdict(&remote, &key, seconds).await, Ok(()), "{seconds}");
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_cancels_the_fetch_for_nobody() {
    let key = key("a");
    let issuer = Issuer::publishing(&[&key]);
    issuer.permits.forget_permits(Semaphore::MAX_PERMITS);
    let remote = remote(&issuer);
    let first = tokio::spawn({
        let (remote, token) = (remote.clone(), token(&key));
        async move { remote.verify(&token, NOW, Duration::ZERO).await }
    });
    until(|| issuer.asked() == 1).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    issuer.permits.add_permits(1);
    assert_eq!(verdict(&remote, &key, 0).await, Ok(()));
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn what_is_not_the_shape_of_a_token_causes_no_fetch() {
    let issuer = Issuer::publishing(&[&key("a")]);
    let remote = remote(&issuer);
    for text in ["", "a.b", "a.b.c", "eyJhbGciOiJub25lIn0.e30.AA"] {
        assert!(remote.verify(text, NOW, Duration::ZERO).await.is_err());
    }
    assert_eq!(issuer.asked(), 0);
}
