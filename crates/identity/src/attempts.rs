//! How often a password may be tried or proposed, and an account registered or renamed.
//!
//! 1. An attempt is counted *before* the password is looked at and taken back when it was right: any number of
//!    attempts at once cannot pass the limit (LG-13). An attempt whose end nobody saw stays counted.
//! 2. Failures count for the account and for the network. A device on which the account has logged in before has a
//!    budget of its own and needs none of its network's, so that a stranger cannot lock the owner out of it, from the
//!    same network neither (LG-12).
//! 3. An account that does not exist is counted like one that does (LG-11).
//! 4. Whatever answers that a name is taken is counted, for a network or, where somebody is logged in, for their
//!    account: no number of questions makes a directory of it (ID-07).
//! 5. Estimating a new password takes the same threads as logins do, so that estimates are counted too (ID-10).
//! 6. Memory is bounded: the least used counters are forgotten first (AV-11). Whoever floods the table from many
//!    networks to make one counter disappear pays for it with the limit of each of them.
//!
//! Refusal is [`TooMany`] with the time after which one more attempt is free. Counters live in this process: with
//! several instances each has its own.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cloakroom_core::Digest;
use cloakroom_core::ports::Clock;
use quick_cache::sync::Cache;
use uuid::Uuid;

use crate::config::Limits;
use crate::network::Network;

/// Counters kept at once. One is at most half a KiB.
const COUNTERS: usize = 65_536;

/// Who is being tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    /// An account, from anywhere.
    User(Uuid),
    /// An account, from a device that it has logged in on.
    KnownDevice(Uuid, [u8; 32]),
    /// A name that nobody has, by its hash.
    Nobody([u8; 32]),
}

impl Target {
    /// The target of a login as `user` from a device that may be known.
    pub(crate) fn user(user: Uuid, known: Option<Digest>) -> Self {
        known.map_or(Self::User(user), |device| {
            Self::KnownDevice(user, *device.as_bytes())
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Counter {
    Target(Target),
    Network(Network),
    Registrations(Network),
    Renames(Uuid),
    Judgements(Network),
}

/// The limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; one is free in {} s", retry_after.as_secs())]
pub(crate) struct TooMany {
    /// When one more attempt is free.
    pub(crate) retry_after: Duration,
}

/// The counters of one service.
pub(crate) struct Attempts {
    clock: Arc<dyn Clock>,
    limits: Limits,
    counters: Cache<Counter, Arc<Mutex<Window>>>,
}

/// When the counted attempts were made, on the clock that never goes back.
type Window = VecDeque<Duration>;

impl Attempts {
    pub(crate) fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            limits,
            counters: Cache::new(COUNTERS),
        }
    }

    /// Counts one try of a password.
    pub(crate) fn password(&self, target: Target, network: Network) -> Result<Attempt, TooMany> {
        let limits = &self.limits;
        let is_known = matches!(target, Target::KnownDevice(..));
        let target = self.take(
            Counter::Target(target),
            limits.account_failures,
            limits.window,
        )?;
        if is_known {
            return Ok(Attempt {
                target,
                network: None,
            });
        }
        match self.take(
            Counter::Network(network),
            limits.network_failures,
            limits.window,
        ) {
            Ok(network) => Ok(Attempt {
                target,
                network: Some(network),
            }),
            Err(refused) => {
                target.give_back();
                Err(refused)
            }
        }
    }

    /// Counts one registration.
    pub(crate) fn registration(&self, network: Network) -> Result<(), TooMany> {
        let counter = Counter::Registrations(network);
        let limits = &self.limits;
        self.take(counter, limits.registrations, limits.registration_window)
            .map(drop)
    }

    /// Counts one change of the name or address that an account is known by.
    pub(crate) fn rename(&self, user: Uuid) -> Result<(), TooMany> {
        let limits = &self.limits;
        self.take(
            Counter::Renames(user),
            limits.registrations,
            limits.registration_window,
        )
        .map(drop)
    }

    /// Counts one estimate of a new password.
    pub(crate) fn judgement(&self, network: Network) -> Result<(), TooMany> {
        let limits = &self.limits;
        let counter = Counter::Judgements(network);
        self.take(counter, limits.network_failures, limits.window)
            .map(drop)
    }

    fn take(&self, counter: Counter, most: usize, window: Duration) -> Result<Slot, TooMany> {
        let made = self.counters.get_or_insert_with(&counter, || {
            Ok::<_, Infallible>(Arc::<Mutex<Window>>::default())
        });
        let Ok(cell) = made;
        let now = self.clock.ticks();
        let mut times = lock(&cell);
        while times
            .front()
            .is_some_and(|&at| now.saturating_sub(at) >= window)
        {
            times.pop_front();
        }
        if times.len() >= most {
            let oldest = times.front().copied().unwrap_or(now);
            let retry_after = window.saturating_sub(now.saturating_sub(oldest));
            return Err(TooMany { retry_after });
        }
        times.push_back(now);
        drop(times);
        Ok(Slot { cell, at: now })
    }
}

/// One counted attempt. Dropped, it stays counted: a caller who hangs up has tried.
pub(crate) struct Attempt {
    target: Slot,
    network: Option<Slot>,
}

impl Attempt {
    /// The password was right: the target's failures are forgotten, the network's other ones are not.
    pub(crate) fn succeeded(self) {
        lock(&self.target.cell).clear();
        if let Some(network) = self.network {
            network.give_back();
        }
    }

    /// The password was never looked at.
    pub(crate) fn abandoned(self) {
        self.target.give_back();
        if let Some(network) = self.network {
            network.give_back();
        }
    }
}

struct Slot {
    cell: Arc<Mutex<Window>>,
    at: Duration,
}

impl Slot {
    fn give_back(self) {
        let mut times = lock(&self.cell);
        if let Some(index) = times.iter().rposition(|&at| at == self.at) {
            times.remove(index);
        }
    }
}

fn lock(cell: &Mutex<Window>) -> MutexGuard<'_, Window> {
    cell.lock().unwrap_or_else(PoisonError::into_inner)
}
