//! The two values that a browser keeps for us, and the only spelling in which each is accepted.
//!
//! 1. A session cookie is `v1.` + 16 random bytes + `.` + 32 random bytes in base64url without padding: exactly
//!    69 characters, with no second spelling of the same bytes.
//! 2. Its first half finds the record, its second half opens it; the store has only hashes of both.
//! 3. A device name is 22 characters of another shape, so that neither is ever taken for the other.
//!
//! Anything else is no cookie of ours. A deployment defeats this by logging `Cookie` or `Set-Cookie` headers.

use std::fmt;
use std::hash::{Hash, Hasher};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloakroom_core::ports::{Entropy, random};
use cloakroom_core::{Digest, LookupId};
use quick_cache::Equivalent;
use zeroize::Zeroizing;

/// The cookie's format; another one would begin differently.
const VERSION: &[u8] = b"v1.";
const ID_LEN: usize = 16;
const ID_CHARS: usize = 22;
const SECRET_LEN: usize = 32;
const SECRET_CHARS: usize = 43;
const VALUE_CHARS: usize = VERSION.len() + ID_CHARS + 1 + SECRET_CHARS;

/// The value of a session cookie: whoever has it has the session.
#[derive(Clone)]
pub(crate) struct CookieValue {
    id: [u8; ID_LEN],
    secret: Zeroizing<[u8; SECRET_LEN]>,
    key: CacheKey,
}

/// A whole cookie value, as the key of the cache: an id with a wrong secret can never hit. Keys compare in
/// constant time. A digest in its place would be computed anew for each request.
#[derive(Clone)]
pub(crate) struct CacheKey(Zeroizing<[u8; VALUE_CHARS]>);

impl CacheKey {
    fn of(value: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(value.try_into().ok()?)))
    }

    /// The key as a request presents it.
    pub(super) fn presented(&self) -> Presented<'_> {
        Presented(&self.0)
    }
}

impl PartialEq for CacheKey {
    fn eq(&self, other: &Self) -> bool {
        self.presented().equivalent(other)
    }
}

impl Eq for CacheKey {}

impl Hash for CacheKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.presented().hash(state);
    }
}

/// A cookie value as it came, of the right length: finds its [`CacheKey`] without a copy of the secret.
#[derive(Clone, Copy)]
pub(super) struct Presented<'a>(&'a [u8; VALUE_CHARS]);

impl<'a> Presented<'a> {
    /// Takes a value of the right length, well-formed or not: what is not well-formed is never cached.
    pub(super) fn new(value: &'a [u8]) -> Option<Self> {
        value.try_into().ok().map(Self)
    }
}

impl Hash for Presented<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.0);
    }
}

impl Equivalent<CacheKey> for Presented<'_> {
    fn equivalent(&self, key: &CacheKey) -> bool {
        verify_slices_are_equal(self.0, &*key.0).is_ok()
    }
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CacheKey")
    }
}

impl CookieValue {
    /// Draws a new one. An id that a browser brought is never used for a new session.
    pub(crate) fn draw(entropy: &dyn Entropy) -> Self {
        let id = random(entropy);
        let secret = Zeroizing::new(random(entropy));
        let mut key = Zeroizing::new([0; VALUE_CHARS]);
        key.copy_from_slice(text(&id, &secret).as_bytes());
        Self {
            id,
            secret,
            key: CacheKey(key),
        }
    }

    /// Reads a cookie's value, byte by byte.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let key = CacheKey::of(value)?;
        let (id, rest) = value.strip_prefix(VERSION)?.split_at_checked(ID_CHARS)?;
        let secret = rest.strip_prefix(b".")?;
        let id = decode(id)?;
        let secret = Zeroizing::new(decode(secret)?);
        Some(Self { id, secret, key })
    }

    /// The key under which the session is stored.
    pub(super) fn lookup_id(&self) -> LookupId {
        LookupId::new(sha256(&self.id))
    }

    /// What the store compares the secret by.
    pub(super) fn verifier(&self) -> Digest {
        Digest::new(sha256(&*self.secret))
    }

    /// The half that opens the record.
    pub(super) const fn secret(&self) -> &Zeroizing<[u8; SECRET_LEN]> {
        &self.secret
    }

    /// The key under which the session is cached.
    pub(super) const fn key(&self) -> &CacheKey {
        &self.key
    }

    /// The value as the browser gets it.
    pub(super) fn to_text(&self) -> Zeroizing<String> {
        text(&self.id, &self.secret)
    }
}

impl fmt::Debug for CookieValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieValue")
    }
}

/// A browser's own long-lived name, by which an account knows a device that has logged in before. It opens
/// nothing; having it spares its owner a limit that strangers run into.
#[derive(Clone)]
pub(crate) struct DeviceName(String);

impl DeviceName {
    /// Draws a new one.
    pub(crate) fn draw(entropy: &dyn Entropy) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random::<ID_LEN>(entropy)))
    }

    /// Reads a cookie's value.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let bytes: [u8; ID_LEN] = decode(value)?;
        Some(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The name as the provider is told it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceName")
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

fn text(id: &[u8; ID_LEN], secret: &[u8; SECRET_LEN]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(VALUE_CHARS));
    text.push_str("v1.");
    URL_SAFE_NO_PAD.encode_string(id, &mut text);
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(secret, &mut text);
    text
}

/// Exactly `N` bytes in their one spelling: no padding, no foreign character, no trailing bits.
fn decode<const N: usize>(chars: &[u8]) -> Option<[u8; N]> {
    // Room for the decoder's estimate, which rounds up to whole groups.
    let mut room = Zeroizing::new([0; SECRET_LEN + 1]);
    let estimate = base64::decoded_len_estimate(chars.len());
    let length = URL_SAFE_NO_PAD
        .decode_slice(chars, room.get_mut(..estimate)?)
        .ok()?;
    room.get(..length)?.try_into().ok()
}

#[cfg(test)]
mod tests;
