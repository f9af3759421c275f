//! Who a session belongs to, as pages and SDKs see it: never a token, never a password hash.

use serde::{Deserialize, Serialize};

/// What a provider tells about a user, and what `GET /auth/session` shows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The subject at the provider.
    pub id: String,
    /// The name to greet with.
    pub name: String,
    /// The name to log in with, where the provider has one.
    pub username: Option<String>,
    /// The e-mail address, where the provider tells it. Not an identity: see [`crate::Principal`].
    pub email: Option<String>,
    /// Address of a picture.
    pub picture: Option<String>,
    /// Roles, after the provider's mapping.
    pub roles: Vec<String>,
    /// Further claims that the configuration exposes (`[session] expose`).
    #[serde(default)]
    pub claims: serde_json::Map<String, serde_json::Value>,
}

impl Profile {
    /// Whether the user has at least one of these roles. Roles compare byte for byte.
    pub fn has_any_role(&self, wanted: &[String]) -> bool {
        wanted.iter().any(|role| self.roles.contains(role))
    }
}

/// The fields of a user that are unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UniqueField {
    /// The user name.
    Username,
    /// The e-mail address, in its canonical form.
    Email,
}

impl std::fmt::Display for UniqueField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Username => "user name",
            Self::Email => "e-mail address",
        })
    }
}
