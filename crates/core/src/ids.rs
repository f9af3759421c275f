//! The names of things: who a person is ([`Principal`]) and which session is meant, each a type of its own
//! so that one cannot be passed for another.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// SHA-256 of the id half of a session cookie: the key a session is stored under. Never leaves the server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LookupId([u8; 32]);

impl LookupId {
    /// Wraps a digest made by whoever parsed the cookie.
    pub const fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The bytes, for a store's key column.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for LookupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookupId")
    }
}

/// A session's public name: in URLs, device lists, the `sid` claim, logs and on the command line.
/// Knowing it opens nothing.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Handle(Arc<str>);

impl Handle {
    /// The longest handle that is accepted from the outside, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Accepts 1 to [`Self::MAX_LEN`] characters of the base64url alphabet, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (!text.is_empty() && text.len() <= Self::MAX_LEN && text.bytes().all(legal))
            .then(|| Self(text.into()))
    }

    /// The handle as it is written everywhere.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({})", self.0)
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $type(Arc<str>);

        impl $type {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $type {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $type {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// Which configured provider logged somebody in, such as `builtin`.
    ProviderId
}

name! {
    /// Who somebody is at their provider: the `sub` claim (OpenID Connect Core §2), unique only there.
    Subject
}

/// Who somebody is: the pair of provider and subject. Never an e-mail address, never a name.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Principal {
    /// The provider that vouches for the subject.
    pub provider: ProviderId,
    /// The subject at that provider.
    pub subject: Subject,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_base64url_text_of_bounded_length() {
        assert!(Handle::parse("aZ09-_").is_some());
        for bad in ["", "a/b", "a.b", "a b", "ä", &"a".repeat(65)] {
            assert!(Handle::parse(bad).is_none(), "{bad:?}");
        }
    }
}
