//! argon2id on threads of its own, so that a storm of logins can slow nothing else down.
//!
//! 1. At most `threads` hashes run at once, each in memory that its thread keeps: the memory for hashing is
//!    `threads × memory_kib`, however many ask (ID-10).
//! 2. The queue holds about a second of work, measured with the first hash at start. When it is full the answer is
//!    [`Busy`] at once.
//! 3. Verifying against nothing costs what verifying against a stored hash costs: a hash of a random password, made at
//!    start, takes its place (LG-11).
//! 4. A stored hash says its own parameters. Where they are not today's, a right password is hashed again.
//!
//! A deployment defeats rule 3 for a while by changing the parameters: old hashes cost what they were made with until
//! their owners log in.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use cloakroom_core::ports::{Clock, Entropy, random};
use cloakroom_core::secret::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::Password;
use crate::config::{Argon, ConfigError, PasswordPolicy};

/// A stored hash that asks for more memory than this is not computed: it is not one of ours.
const MOST_BLOCKS: usize = 1024 * 1024;

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// The queue is full, or the hasher is gone; trying again in a second may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password hasher is busy")]
pub(crate) struct Busy;

/// What verifying a password found.
pub(crate) struct Verified {
    /// Whether it is the right one.
    pub(crate) matches: bool,
    /// The hash to store instead, where the stored one has other parameters than today's.
    pub(crate) upgraded: Option<SecretString>,
}

/// The hashing threads.
pub(crate) struct Hasher {
    queue: SyncSender<Job>,
    params: Params,
    dummy: SecretString,
    entropy: Arc<dyn Entropy>,
    computed: Arc<AtomicU64>,
}

impl Hasher {
    /// Starts the threads. They end when the hasher is dropped.
    pub(crate) fn start(
        policy: &PasswordPolicy,
        clock: &dyn Clock,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, ConfigError> {
        let params = params(policy.argon)?;
        let mut memory = Memory::default();
        let began = clock.ticks();
        let secret: [u8; 32] = random(entropy.as_ref());
        let dummy = memory
            .hash(&secret, &random(entropy.as_ref()), &params)
            .ok_or_else(|| ConfigError::Argon("the first hash failed".to_owned()))?;
        let each = clock.ticks().saturating_sub(began);
        let threads = policy.threads.unwrap_or_else(half_the_cores).max(1);
        let waiting = policy.queue.unwrap_or_else(|| a_second_of(each, threads));
        let (queue, jobs) = sync_channel(waiting);
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..threads {
            let jobs = Arc::clone(&jobs);
            thread::Builder::new()
                .name(format!("argon2-{number}"))
                .spawn(move || work(&jobs))?;
        }
        Ok(Self {
            queue,
            params,
            dummy,
            entropy,
            computed: Arc::default(),
        })
    }

    /// Hashes a new password; the result is in PHC form.
    pub(crate) async fn hash(&self, password: Password) -> Result<SecretString, Busy> {
        let params = self.params.clone();
        let salt = random(self.entropy.as_ref());
        let computed = Arc::clone(&self.computed);
        let hashed = self.run(move |memory| {
            count(&computed);
            memory.hash(password.as_bytes(), &salt, &params)
        });
        hashed.await?.ok_or(Busy)
    }

    /// Compares a password with a stored hash, or, at the same cost, with none.
    pub(crate) async fn verify(
        &self,
        password: Password,
        stored: Option<SecretString>,
    ) -> Result<Verified, Busy> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.dummy.clone());
        let params = self.params.clone();
        let salt = random(self.entropy.as_ref());
        let computed = Arc::clone(&self.computed);
        let verified = self.run(move |memory| {
            count(&computed);
            let hash = PasswordHash::new(stored.expose_secret()).ok();
            let matches = hash
                .as_ref()
                .is_some_and(|hash| memory.matches(password.as_bytes(), hash))
                && known;
            let outdated = hash.is_some_and(|hash| !is_current(&hash, &params));
            let upgraded = (matches && outdated)
                .then(|| memory.hash(password.as_bytes(), &salt, &params))
                .flatten();
            Verified { matches, upgraded }
        });
        verified.await
    }

    /// Runs a job on one of the threads. Estimating a password's strength goes here as well: it takes milliseconds.
    pub(crate) async fn think<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        self.run(move |_| job()).await
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            // Nobody may be waiting any more; the work is done all the same, so that hanging up tells nothing.
            drop(answer.send(job(memory)));
        });
        self.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) | TrySendError::Disconnected(_) => Busy,
        })?;
        result.await.map_err(|_| Busy)
    }

    /// How many passwords were hashed or verified so far.
    #[cfg(test)]
    pub(crate) fn computed(&self) -> u64 {
        self.computed.load(Ordering::SeqCst)
    }
}

/// Counts one password that reached a hashing thread.
fn count(computed: &AtomicU64) {
    let so_far = computed.fetch_add(1, Ordering::SeqCst) + 1;
    metrics::counter!("cloakroom_identity_password_hashes_total").absolute(so_far);
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    let mut memory = Memory::default();
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        job(&mut memory);
    }
}

fn half_the_cores() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get() / 2)
}

/// How many hashes of this duration fit into a second; a clock that did not move gives the upper bound.
fn a_second_of(each: Duration, threads: usize) -> usize {
    const BOUNDS: (usize, usize) = (4, 256);
    let micros = each.as_micros().max(1);
    let fit = usize::try_from(1_000_000 / micros).unwrap_or(BOUNDS.1);
    fit.saturating_mul(threads).clamp(BOUNDS.0, BOUNDS.1)
}

fn params(argon: Argon) -> Result<Params, ConfigError> {
    Params::new(argon.memory_kib, argon.passes, argon.lanes, None)
        .map_err(|error| ConfigError::Argon(error.to_string()))
}

fn is_current(hash: &PasswordHash, params: &Params) -> bool {
    let same = |stored: Params| {
        stored.m_cost() == params.m_cost()
            && stored.t_cost() == params.t_cost()
            && stored.p_cost() == params.p_cost()
    };
    hash.algorithm == argon2::ARGON2ID_IDENT && Params::try_from(hash).is_ok_and(same)
}

/// The memory of one thread, grown to the largest hash it has computed.
#[derive(Default)]
struct Memory(Vec<Block>);

impl Memory {
    fn hash(&mut self, password: &[u8], salt: &[u8; 16], params: &Params) -> Option<SecretString> {
        let mut out = Zeroizing::new([0; Params::DEFAULT_OUTPUT_LEN]);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        self.compute(&argon, password, salt, out.as_mut())?;
        let hash = PasswordHash {
            algorithm: argon2::ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params).ok()?,
            salt: Some(Salt::new(salt).ok()?),
            hash: Some(Output::new(out.as_ref()).ok()?),
        };
        Some(SecretString::from(hash.to_string()))
    }

    fn matches(&mut self, password: &[u8], hash: &PasswordHash) -> bool {
        self.recompute(password, hash).unwrap_or(false)
    }

    fn recompute(&mut self, password: &[u8], hash: &PasswordHash) -> Option<bool> {
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        let version = Version::try_from(hash.version?).ok()?;
        let argon = Argon2::new(algorithm, version, Params::try_from(hash).ok()?);
        let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
        let mut out = Zeroizing::new(vec![0; expected.len()]);
        self.compute(&argon, password, salt, &mut out)?;
        Some(out.ct_eq(expected.as_bytes()).into())
    }

    fn compute(
        &mut self,
        argon: &Argon2,
        password: &[u8],
        salt: &[u8],
        out: &mut [u8],
    ) -> Option<()> {
        let blocks = argon.params().block_count();
        if blocks > MOST_BLOCKS {
            return None;
        }
        if self.0.len() < blocks {
            self.0.resize(blocks, Block::default());
        }
        argon
            .hash_password_into_with_memory(password, salt, out, &mut self.0)
            .ok()
    }
}
