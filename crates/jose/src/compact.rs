//! Takes a compact JWS apart (RFC 7515 §7.1) before anything in it is believed.
//!
//! 1. More than 8 KiB is refused unread.
//! 2. Exactly three non-empty parts of canonical base64url; the header is one unambiguous JSON object.
//! 3. Of the header only `alg`, `typ` and `kid` have an effect. `jku`, `x5u`, `jwk`, `x5c` are never looked
//!    at: a token cannot bring its own key (RFC 8725 §3.10).
//! 4. What must be understood to be safe, and is not, is refused: `crit`, `b64`, `zip`, `enc`.
//!
//! The payload stays undecoded until the signature has been checked.

use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::error::VerifyError;
use crate::json;

/// The longest token that is looked at, in bytes.
pub(crate) const MAX_TOKEN: usize = 8 * 1024;

/// The longest key id, in bytes.
const MAX_KID: usize = 128;

/// A token in its parts. Nothing here has been verified.
#[derive(Debug)]
pub(crate) struct Compact<'a> {
    /// What the signature is over: header and payload as they came.
    pub(crate) signed: &'a str,
    /// The payload, still encoded.
    pub(crate) payload: &'a str,
    /// The signature's bytes.
    pub(crate) signature: Vec<u8>,
    /// What the header claims.
    pub(crate) algorithm: Algorithm,
    /// Which key the header names.
    pub(crate) kid: Option<String>,
    /// Which kind of token the header says it is.
    pub(crate) typ: Option<String>,
}

impl<'a> Compact<'a> {
    /// Takes `token` apart.
    pub(crate) fn parse(token: &'a str) -> Result<Self, VerifyError> {
        if token.len() > MAX_TOKEN {
            return Err(VerifyError::TooLarge);
        }
        let dots = token.bytes().filter(|&byte| byte == b'.').count();
        if dots == 4 {
            return Err(VerifyError::Encrypted);
        }
        let (signed, signature) = token
            .rsplit_once('.')
            .ok_or(VerifyError::Malformed("parts"))?;
        let (header, payload) = signed
            .split_once('.')
            .filter(|_| dots == 2)
            .ok_or(VerifyError::Malformed("parts"))?;
        if payload.is_empty() || signature.is_empty() {
            return Err(VerifyError::Malformed("parts"));
        }
        let header = base64url::decode(header).ok_or(VerifyError::Malformed("header"))?;
        let header = json::object(&header).ok_or(VerifyError::Malformed("header"))?;
        for unsupported in ["crit", "b64", "zip", "enc"] {
            if header.contains_key(unsupported) {
                return Err(VerifyError::UnsupportedHeader(unsupported));
            }
        }
        let algorithm = text(&header, "alg")?.ok_or(VerifyError::Malformed("alg"))?;
        Ok(Self {
            signed,
            payload,
            signature: base64url::decode(signature).ok_or(VerifyError::Malformed("signature"))?,
            algorithm: Algorithm::parse(&algorithm).ok_or(VerifyError::UnsupportedAlgorithm)?,
            kid: match text(&header, "kid")? {
                Some(kid) if !is_legal_kid(&kid) => return Err(VerifyError::Malformed("kid")),
                kid => kid,
            },
            typ: text(&header, "typ")?,
        })
    }
}

/// Whether a key id is of the kind that is looked up and logged: 1 to 128 printable ASCII characters.
pub(crate) fn is_legal_kid(kid: &str) -> bool {
    !kid.is_empty() && kid.len() <= MAX_KID && kid.bytes().all(|byte| byte.is_ascii_graphic())
}

fn text(header: &Map<String, Value>, name: &'static str) -> Result<Option<String>, VerifyError> {
    match header.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(VerifyError::Malformed(name)),
    }
}
