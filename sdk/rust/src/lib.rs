//! Who is calling, in an axum server that stands behind cloakroom.
//!
//! An API server gets the user's access token with each request, a web app an assertion of the gateway. Both
//! are verified here, with keys fetched from their issuer; a handler asks for what it needs by its parameters.
//!
//! | the server is | the layer | a handler that asks for | is called |
//! |---|---|---|---|
//! | an API | [`Verify`] | [`CurrentUser`] | for a user only, others get 401 |
//! | | | [`OptionalUser`] | for everybody |
//! | a web app | [`Assertions`] | [`Session`] | for a user only, others get 401 |
//! | | | [`Assertion`] | for everybody |
//!
//! [`RequireUser`] and [`RequireRole`] guard whole routers. A token that does not verify is never taken for
//! none: it is refused, even where none is needed.
//!
//! ```
//! use axum::{Router, routing::get};
//! use cloakroom_axum::{AuthError, CurrentUser, RequireRole, Trust, Verify};
//!
//! async fn hello(user: CurrentUser) -> String {
//!     format!("Hello, {}", user.name)
//! }
//!
//! async fn purge(user: CurrentUser) -> Result<&'static str, AuthError> {
//!     user.require_role("admin")?;
//!     Ok("purged")
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let verify = Verify::new(Trust::issuer("https://id.example.com", "my-api"))?;
//! let admin = Router::new()
//!     .route("/admin/stats", get(|| async { "42" }))
//!     .layer(RequireRole::any(["admin"]));
//! let app: Router = Router::new()
//!     .route("/hello", get(hello))
//!     .route("/purge", get(purge))
//!     .merge(admin)
//!     .layer(verify); // the last layer is the first to run
//! # Ok(())
//! # }
//! ```

mod attach;
mod check;
mod clock;
mod error;
mod fetch;
mod require;
mod session;
pub mod testing;
mod trust;
mod user;

pub use attach::{Assertions, Attach, Verify};
pub use clock::{Now, SystemNow};
pub use error::{AuthError, ConfigError};
pub use fetch::HttpFetch;
pub use require::{Gate, RequireRole, RequireUser};
pub use session::{Assertion, Session};
pub use trust::Trust;
pub use user::{CurrentUser, OptionalUser};
