//! A user as the API shows them: to themselves, and to other users.

use cloakroom_core::ports::User;
use serde::Serialize;
use utoipa::ToSchema;

/// A user, as they see themselves.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserBody {
    /// The subject of their tokens.
    id: String,
    /// The name to greet with.
    name: String,
    /// The name to log in with.
    username: String,
    /// The address to log in with.
    email: String,
    /// Address of a picture.
    profile_image_url: Option<String>,
    /// The tier, where the application has tiers.
    tier_id: Option<i64>,
    /// Roles, sorted.
    roles: Vec<String>,
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        Self {
            id: user.id.to_string(),
            name: user.name,
            username: user.username,
            email: user.email,
            profile_image_url: user.picture,
            tier_id: user.tier_id,
            roles: user.roles,
        }
    }
}

/// A user, as other users see them: no address, no roles.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublicUserBody {
    /// The subject of their tokens.
    id: String,
    /// The name to greet with.
    name: String,
    /// The user name.
    username: String,
    /// Address of a picture.
    profile_image_url: Option<String>,
}

impl From<User> for PublicUserBody {
    fn from(user: User) -> Self {
        Self {
            id: user.id.to_string(),
            name: user.name,
            username: user.username,
            profile_image_url: user.picture,
        }
    }
}
