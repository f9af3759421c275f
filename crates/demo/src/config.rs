//! What the app has to be told: whose tokens it believes, and where it keeps its goals.

use std::path::PathBuf;

/// The app's configuration. Nothing in it is secret.
#[derive(Clone, Debug)]
pub struct Config {
    /// The `iss` of the access tokens: the identity service.
    pub api_issuer: String,
    /// The `aud` that access tokens for this API carry.
    pub api_audience: String,
    /// Where the identity service publishes its keys.
    pub api_jwks_url: String,
    /// The `iss` of the assertions: the gateway's public URL.
    pub app_issuer: String,
    /// Where the gateway publishes its assertion keys.
    pub app_jwks_url: String,
    /// The one file that holds everybody's goals.
    pub goals_file: PathBuf,
}
