//! Key rings: which of several keys makes new things, which ones are still believed, and how a rotation
//! reaches a running process.
//!
//! 1. New things are made with the newest key that has come into force.
//! 2. Everything in the ring is believed, so that taking a key out ends what it made at once.
//! 3. A ring is replaced as a whole: nobody ever sees half a rotation.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::secret::SecretBytes;
use crate::time::Timestamp;

/// One key of a ring. What the material is (raw bytes, PKCS#8) is for the ring's owner to know.
#[derive(Clone)]
pub struct Key {
    /// The id that stands in clear beside whatever the key made.
    pub kid: String,
    /// The key itself.
    pub material: SecretBytes,
    /// From when on it makes new things. A signing key is published before that.
    pub active_from: Timestamp,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.kid)
    }
}

/// The keys of one purpose; never empty.
#[derive(Clone, Debug)]
pub struct KeyRing {
    keys: Vec<Key>,
}

impl KeyRing {
    /// Builds a ring; `None` if there is no key or two have one id.
    pub fn new(mut keys: Vec<Key>) -> Option<Self> {
        keys.sort_by_key(|key| key.active_from);
        let mut kids: Vec<_> = keys.iter().map(|key| key.kid.as_str()).collect();
        kids.sort_unstable();
        let unique = kids.windows(2).all(|pair| pair.first() != pair.last());
        (!keys.is_empty() && unique).then_some(Self { keys })
    }

    /// The key that makes new things at `now`: the newest in force, or, where none is yet, the oldest.
    pub fn active(&self, now: Timestamp) -> Option<&Key> {
        let in_force = self
            .keys
            .iter()
            .rev()
            .find(|key| key.active_from.has_come(now));
        in_force.or_else(|| self.keys.first())
    }

    /// The key with this id.
    pub fn find(&self, kid: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.kid == kid)
    }

    /// All keys, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }
}

/// A ring that everybody who holds this handle shares, and that can be replaced while they run.
#[derive(Clone, Debug)]
pub struct Keys(Arc<RwLock<Arc<KeyRing>>>);

impl Keys {
    /// Shares `ring`.
    pub fn new(ring: KeyRing) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(ring))))
    }

    /// The ring as it is now. Hold it for one operation, not longer.
    pub fn current(&self) -> Arc<KeyRing> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts `ring` in place for every holder.
    pub fn replace(&self, ring: KeyRing) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kid: &str, from: i64) -> Key {
        Key {
            kid: kid.to_owned(),
            material: SecretBytes::new(vec![1; 32]),
            active_from: Timestamp::from_secs(from),
        }
    }

    #[test]
    fn the_newest_key_in_force_makes_new_things() {
        let ring = KeyRing::new(vec![key("c", 300), key("a", 100), key("b", 200)]).unwrap();
        let active = |now| ring.active(Timestamp::from_secs(now)).unwrap().kid.as_str();
        assert_eq!(
            [active(50), active(100), active(250), active(300)],
            ["a", "a", "b", "c"]
        );
    }

    #[test]
    fn an_empty_ring_or_a_repeated_id_is_refused() {
        assert!(KeyRing::new(vec![]).is_none());
        assert!(KeyRing::new(vec![key("a", 1), key("b", 2), key("a", 3)]).is_none());
    }

    #[test]
    fn a_replaced_ring_is_seen_by_every_holder() {
        let keys = Keys::new(KeyRing::new(vec![key("a", 1)]).unwrap());
        let other = keys.clone();
        keys.replace(KeyRing::new(vec![key("b", 1)]).unwrap());
        assert!(other.current().find("b").is_some());
        assert!(other.current().find("a").is_none());
    }
}
