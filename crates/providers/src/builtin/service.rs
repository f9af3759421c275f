//! One call to the identity service: where it goes, whose credential it carries, how long it may take.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cloakroom_core::hex;
use cloakroom_core::keys::Keys;
use cloakroom_core::ports::{ClientContext, Clock, Limits, Outbound, OutboundError};
use cloakroom_core::token::AccessToken;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::answer::Outcome;

/// Bounds of every call.
const LIMITS: Limits = Limits {
    body: 1024 * 1024,
    deadline: Duration::from_secs(10),
};

/// Everything but what RFC 3986 §2.3 leaves unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The gateway's credential where `Authorization` carries a user's token.
const CLIENT_AUTHORIZATION: HeaderName = HeaderName::from_static("x-client-authorization");
const CLIENT_IP: HeaderName = HeaderName::from_static("x-client-ip");
const CLIENT_USER_AGENT: HeaderName = HeaderName::from_static("x-client-user-agent");
const CLIENT_DEVICE: HeaderName = HeaderName::from_static("x-client-device");

/// The address of the identity service is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the identity service's address must be http(s)://host[:port], not `{0}`")]
pub struct InvalidBaseUrl(String);

/// Why a call came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CallError {
    /// There was no answer, or the service cannot answer now.
    #[error("{0}")]
    Unavailable(String),
    /// The answer does not follow the protocol.
    #[error("{0}")]
    Nonsense(String),
}

impl From<OutboundError> for CallError {
    fn from(error: OutboundError) -> Self {
        match error {
            OutboundError::Unreachable { .. } | OutboundError::Interrupted { .. } => {
                Self::Unavailable(error.to_string())
            }
            OutboundError::TooLarge { .. } => Self::Nonsense(error.to_string()),
        }
    }
}

/// A call about to be made.
pub(super) struct Call<'a> {
    method: Method,
    path: String,
    media_type: Option<&'static str>,
    body: Bytes,
    bearer: Option<&'a AccessToken>,
    browser: Option<&'a ClientContext>,
    authenticated: bool,
}

impl<'a> Call<'a> {
    pub(super) fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn post(path: &str) -> Self {
        Self::new(Method::POST, path)
    }

    pub(super) fn patch(path: &str) -> Self {
        Self::new(Method::PATCH, path)
    }

    /// With an `application/x-www-form-urlencoded` body.
    pub(super) fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let pairs: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        self.body = pairs.join("&").into();
        self.media_type = Some("application/x-www-form-urlencoded");
        self
    }

    /// With a JSON body.
    pub(super) fn json(mut self, value: &serde_json::Value) -> Self {
        self.body = value.to_string().into();
        self.media_type = Some("application/json");
        self
    }

    /// On behalf of the user with this token.
    pub(super) const fn bearer(mut self, token: &'a AccessToken) -> Self {
        self.bearer = Some(token);
        self
    }

    /// With the gateway's credential.
    pub(super) const fn authenticated(mut self) -> Self {
        self.authenticated = true;
        self
    }

    /// For the browser at `client`, in whose name only an authenticated gateway may speak.
    pub(super) const fn for_browser(mut self, client: &'a ClientContext) -> Self {
        self.browser = Some(client);
        self.authenticated()
    }

    fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            media_type: None,
            body: Bytes::new(),
            bearer: None,
            browser: None,
            authenticated: false,
        }
    }
}

/// Text as one segment of a path, or one field of a form.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The way to the identity service.
pub(super) struct Service {
    base: String,
    client_id: String,
    client_keys: Keys,
    outbound: Arc<dyn Outbound>,
    clock: Arc<dyn Clock>,
}

impl Service {
    pub(super) fn new(
        base_url: &str,
        client_id: String,
        client_keys: Keys,
        outbound: Arc<dyn Outbound>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidBaseUrl> {
        let invalid = || InvalidBaseUrl(base_url.to_owned());
        let base = base_url.trim_end_matches('/');
        let uri: Uri = base.parse().map_err(|_| invalid())?;
        let http = matches!(uri.scheme_str(), Some("http" | "https"));
        if !http || uri.authority().is_none() || uri.path() != "/" || uri.query().is_some() {
            return Err(invalid());
        }
        Ok(Self {
            base: base.to_owned(),
            client_id,
            client_keys,
            outbound,
            clock,
        })
    }

    /// Makes the call and reads what the answer means.
    pub(super) async fn ask(&self, call: Call<'_>) -> Result<Outcome, CallError> {
        let request = self.request(call)?;
        let path = request.uri().path().to_owned();
        let response = self.outbound.call(request, LIMITS).await?;
        let outcome = Outcome::read(response);
        if let Ok(Outcome::Refused(refusal)) = &outcome
            && refusal.is_of_the_client()
        {
            tracing::error!(
                path,
                client = self.client_id,
                "the identity service refuses our credential"
            );
            return Err(CallError::Unavailable(
                "our credential is refused".to_owned(),
            ));
        }
        outcome
    }

    fn request(&self, call: Call<'_>) -> Result<Request<Bytes>, CallError> {
        // A token or a key with a byte that no header can carry, or an address that is none.
        let unusable = || CallError::Nonsense("the call cannot be written down".to_owned());
        let mut request = Request::new(call.body);
        *request.method_mut() = call.method;
        *request.uri_mut() = format!("{}{}", self.base, call.path)
            .parse()
            .map_err(|_| unusable())?;
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(media_type) = call.media_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        if let Some(token) = call.bearer {
            let bearer = secret(&format!("Bearer {}", token.expose())).ok_or_else(unusable)?;
            headers.insert(header::AUTHORIZATION, bearer);
        }
        if call.authenticated {
            let credential = self.credential().ok_or_else(unusable)?;
            let beside = headers.contains_key(header::AUTHORIZATION);
            let name = if beside {
                CLIENT_AUTHORIZATION
            } else {
                header::AUTHORIZATION
            };
            headers.insert(name, credential);
        }
        if let Some(client) = call.browser {
            describe(client, headers);
        }
        Ok(request)
    }

    /// HTTP Basic (RFC 6749 §2.3.1) with the newest key in force.
    fn credential(&self) -> Option<HeaderValue> {
        let ring = self.client_keys.current();
        let key = ring.active(self.clock.now())?;
        let id = encoded(&self.client_id);
        let pair = format!("{id}:{}", hex::encode(key.material.expose()));
        secret(&format!("Basic {}", STANDARD.encode(pair)))
    }
}

/// A header value that no log prints.
fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Tells which browser the call is for. What no header can carry is left out.
fn describe(client: &ClientContext, headers: &mut HeaderMap) {
    let device = client.device.as_deref().unwrap_or_default();
    for (name, value) in [
        (CLIENT_IP, client.ip.to_string().as_str()),
        (CLIENT_USER_AGENT, client.user_agent.as_str()),
        (CLIENT_DEVICE, device),
    ] {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes())
            && !value.is_empty()
        {
            headers.insert(name, value);
        }
    }
}
