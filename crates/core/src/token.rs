//! What a provider issues: an access token for the API, and what renews it.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::time::Timestamp;
use crate::user::Profile;
use crate::{Principal, ProviderId, Subject};

macro_rules! token {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $type(Zeroizing<String>);

        impl $type {
            /// Wraps the token as the provider wrote it.
            pub fn new(text: String) -> Self {
                Self(Zeroizing::new(text))
            }

            /// The token itself. The name is meant to stand out in a review.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($type))
            }
        }
    };
}

token! {
    /// What the API accepts as `Authorization: Bearer` (RFC 6750).
    AccessToken
}

token! {
    /// What the provider accepts in exchange for a new access token (RFC 6749 §1.5).
    RefreshToken
}

/// The tokens of one session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSet {
    /// The access token.
    pub access: AccessToken,
    /// When the access token was received, by our own clock.
    pub received: Timestamp,
    /// When the access token ends.
    pub access_expires: Timestamp,
    /// What renews it; `None` where the provider gives none.
    pub refresh: Option<RefreshToken>,
    /// The refresh token before the current one, kept one generation: an issuer that lost its last commits
    /// knows only this one.
    #[serde(default)]
    pub predecessor: Option<RefreshToken>,
}

/// What a provider hands out at a login, and again at each refresh.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Who it is about. At a refresh it must be who it was at the login.
    pub subject: Subject,
    /// The token's issuer (`iss`), as verified; the provider's address where tokens are opaque.
    pub issuer: String,
    /// The provider's own name for this login (`sid`), by which it can end it later.
    pub issuer_sid: Option<String>,
    /// Who the user is now: roles are read anew at each refresh.
    pub profile: Profile,
    /// The tokens.
    pub tokens: TokenSet,
}

impl Grant {
    /// The principal this grant is about, at `provider`.
    pub fn principal(&self, provider: &ProviderId) -> Principal {
        Principal {
            provider: provider.clone(),
            subject: self.subject.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_token() {
        let shown = format!("{:?}", RefreshToken::new("s3cret".into()));
        assert_eq!(shown, "RefreshToken");
    }
}
