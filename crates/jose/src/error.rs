//! What can go wrong, by what happened: with a token, with a key, with signing, with fetching keys.

/// Why a token was not believed. No text contains any part of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Longer than 8 KiB; it was not looked at.
    #[error("the token is too large")]
    TooLarge,
    /// Not a compact JWS (RFC 7515 §7.1), or spelled in a way that leaves room for a second reading.
    #[error("the token is malformed: {0}")]
    Malformed(&'static str),
    /// It has the five parts of a JWE: encrypted tokens are not accepted.
    #[error("the token is encrypted")]
    Encrypted,
    /// The header asks for something that must be understood and is not: `crit`, `b64`, `zip`, `enc`.
    #[error("the header member `{0}` is not supported")]
    UnsupportedHeader(&'static str),
    /// `alg` names no algorithm that exists here (`none` does not).
    #[error("the algorithm is not supported")]
    UnsupportedAlgorithm,
    /// No key of the set is meant by the token.
    #[error("no key matches the token")]
    UnknownKey,
    /// `alg` is not the algorithm of the key that the token names.
    #[error("the algorithm is not the key's")]
    AlgorithmMismatch,
    /// The signature is not the key's.
    #[error("the signature is wrong")]
    BadSignature,
    /// `typ` is missing or not an accepted one: a token of another kind (RFC 8725 §3.11).
    #[error("the token is of another type")]
    WrongType,
    /// A claim is missing, has the wrong JSON type or lies outside any sane range.
    #[error("the claim `{0}` is missing or invalid")]
    InvalidClaim(&'static str),
    /// It was issued by somebody else.
    #[error("the issuer is another")]
    WrongIssuer,
    /// It was issued for somebody else.
    #[error("the audience is another")]
    WrongAudience,
    /// Its time has not come (`nbf`, or `iat` in the future).
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Its time is over; apart from that it is good.
    #[error("the token has expired")]
    Expired,
    /// The keys could not be had, and those that were known are too old. Says nothing about the token.
    #[error("the issuer's keys are not available")]
    KeysUnavailable,
}

impl VerifyError {
    /// The stable code for answers, logs and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Malformed(_) => "malformed",
            Self::Encrypted => "encrypted",
            Self::UnsupportedHeader(_) => "unsupported_header",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::UnknownKey => "unknown_key",
            Self::AlgorithmMismatch => "algorithm_mismatch",
            Self::BadSignature => "bad_signature",
            Self::WrongType => "wrong_type",
            Self::InvalidClaim(_) => "invalid_claim",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::KeysUnavailable => "keys_unavailable",
        }
    }

    /// Whether the token may be good and only could not be judged: 503, not 401.
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::KeysUnavailable)
    }
}

/// Why a key was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a JWK, or not a JWK set (RFC 7517).
    #[error("not a JSON Web Key: {0}")]
    Malformed(&'static str),
    /// A type, curve, algorithm or use that is not supported here.
    #[error("unsupported {0}")]
    Unsupported(&'static str),
    /// A public set holds a private or symmetric key: it is a secret no longer.
    #[error("a private key was published")]
    Private,
    /// Shorter than 2048 bits (RSA) or 32 bytes (HS256).
    #[error("the key is too weak")]
    TooWeak,
    /// The numbers are no key: not a point of the curve, not a modulus.
    #[error("the key is invalid")]
    Invalid,
    /// The id is empty, too long or has characters outside printable ASCII.
    #[error("the key id is invalid")]
    InvalidId,
    /// A set without one key that could verify anything.
    #[error("the key set has no usable key")]
    NoUsableKey,
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The key was not taken.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The claims do not serialise to a JSON object.
    #[error("the claims are not a JSON object")]
    Claims,
    /// The token would be longer than any verifier takes.
    #[error("the token would be too large")]
    TooLarge,
    /// The crypto library failed.
    #[error("signing failed")]
    Crypto,
}

/// Why a key set could not be fetched. Texts never contain a body or a header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No answer in time.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// An answer with another status than 200.
    #[error("the answer has status {0}")]
    Status(u16),
    /// The answer is too large.
    #[error("the answer is too large")]
    TooLarge,
}
