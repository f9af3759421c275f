//! Signs and verifies JSON Web Tokens, and holds public key sets; depends on no other crate of this
//! project, so that API servers can use it alone.
//!
//! The one way to a [`Claims`] is [`Verifier::verify`] (or [`RemoteVerifier::verify`], where the keys come
//! from a JWKS address): a raw token is a `&str`, and nothing of it can be read before it has been verified.

mod algorithm;
mod base64url;
mod claims;
mod compact;
mod error;
mod json;
mod jwk;
mod jwks;
mod keyset;
mod remote;
mod sign;
mod verify;

pub use algorithm::Algorithm;
pub use claims::Claims;
pub use error::{FetchError, KeyError, SignError, VerifyError};
pub use jwk::{Jwk, JwkSet};
pub use jwks::{Fetch, Freshness, Jwks};
pub use keyset::KeySet;
pub use remote::RemoteVerifier;
pub use sign::SigningKey;
pub use verify::{Policy, Verifier};
