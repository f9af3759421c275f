//! Verifies what a request brings along, once, and notes the verdict for extractors and guards to find.
//!
//! 1. No header: nobody. A header twice, or not in its form: refused. A token that does not verify: refused.
//! 2. Without a verdict, because the layer is missing, everything that asks for one is refused (500).
//!
//! A deployment defeats this by letting clients reach a web app past the gateway *and* by sharing the gateway's
//! signing key; without the key, an invented header does not verify.

use std::sync::Arc;

use cloakroom_jose::{Claims, Fetch, Freshness, Jwks, RemoteVerifier, Verifier, VerifyError};
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderName, header};

use crate::clock::Now;
use crate::error::AuthError;
use crate::session::Session;
use crate::trust::Trust;
use crate::user::CurrentUser;

/// Where the gateway puts its assertion.
pub(crate) const ASSERTION_HEADER: HeaderName = HeaderName::from_static("x-cloakroom-session");

/// What a request proves itself with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// An access token (RFC 6750 §2.1).
    Bearer,
    /// The gateway's assertion.
    Assertion,
}

/// What is known of a request's sender; stands in the request's extensions.
#[derive(Clone)]
pub(crate) struct Verdict<T>(Result<Option<T>, AuthError>);

/// A source, with what its tokens are verified by.
pub(crate) struct Check {
    source: Source,
    remote: RemoteVerifier,
    now: Arc<dyn Now>,
}

impl Check {
    pub(crate) fn new(
        source: Source,
        trust: Trust,
        fetch: Arc<dyn Fetch>,
        now: Arc<dyn Now>,
    ) -> Self {
        let typ = match source {
            // RFC 9068, and what issuers from before it write.
            Source::Bearer => ["at+jwt", "JWT"].as_slice(),
            Source::Assertion => &["JWT"],
        };
        let verifier = Verifier::new(trust.policy(typ));
        let jwks = Jwks::new(trust.jwks_url, fetch, Freshness::default());
        Self {
            source,
            remote: RemoteVerifier::new(verifier, jwks),
            now,
        }
    }

    /// Judges a request and notes the verdict in its extensions.
    pub(crate) async fn attach(&self, parts: &mut Parts) {
        let claims = self.claims(&parts.headers).await;
        match self.source {
            Source::Bearer => note::<CurrentUser>(&mut parts.extensions, claims),
            Source::Assertion => note::<Session>(&mut parts.extensions, claims),
        }
    }

    async fn claims(&self, headers: &HeaderMap) -> Result<Option<Claims>, AuthError> {
        let token = match self.source {
            Source::Bearer => bearer(headers)?,
            Source::Assertion => single(headers, &ASSERTION_HEADER)?,
        };
        let Some(token) = token else { return Ok(None) };
        let (now, ticks) = (self.now.secs(), self.now.ticks());
        match self.remote.verify(token, now, ticks).await {
            Ok(claims) => Ok(Some(claims)),
            Err(cause) => {
                report(self.source, cause);
                Err(cause.into())
            }
        }
    }
}

/// The sender that was proven; `None` if the request brought nothing along.
pub(crate) fn proven<T: Clone + Send + Sync + 'static>(
    extensions: &Extensions,
) -> Result<Option<T>, AuthError> {
    let Some(Verdict(verdict)) = extensions.get::<Verdict<T>>() else {
        tracing::error!("a route asks who is calling, but its router has no layer that knows");
        return Err(AuthError::MissingLayer);
    };
    verdict.clone()
}

/// The roles of the sender that was proven, by whichever layer is in place.
pub(crate) fn proven_roles(extensions: &Extensions) -> Result<Option<Vec<String>>, AuthError> {
    if let Some(Verdict(session)) = extensions.get::<Verdict<Session>>() {
        return session.clone().map(|it| it.map(|it| it.roles));
    }
    proven::<CurrentUser>(extensions).map(|it| it.map(|it| it.roles))
}

fn note<T>(extensions: &mut Extensions, claims: Result<Option<Claims>, AuthError>)
where
    T: From<Claims> + Clone + Send + Sync + 'static,
{
    extensions.insert(Verdict(claims.map(|claims| claims.map(T::from))));
}

/// The token of the one `Authorization: Bearer`; another scheme is not ours to judge.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, AuthError> {
    let Some(value) = single(headers, &header::AUTHORIZATION)? else {
        return Ok(None);
    };
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token)),
        None if value.eq_ignore_ascii_case("bearer") => Err(AuthError::Malformed),
        _ => Ok(None),
    }
}

/// A header's only value. Of two, an attacker may have added one: neither counts.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, AuthError> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| AuthError::Malformed),
        (Some(_), Some(_)) => Err(AuthError::Malformed),
    }
}

/// An expired token is everyday life; keys that cannot be had are for somebody to look at.
fn report(source: Source, cause: VerifyError) {
    let code = cause.code();
    if cause.is_transient() {
        tracing::warn!(?source, code, "a token cannot be verified now");
    } else {
        tracing::debug!(?source, code, "a token is refused");
    }
}
