//! The head of a request on its way out: what is taken off, and what we say in our own name.

use http::header::{self, HeaderName};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Uri, Version};

use zeroize::Zeroizing;

use super::value;
use crate::call::Call;
use crate::config::{Config, Rule};
use crate::gateway::GatewayError;
use crate::guard::Permit;
use crate::refusal::Refusal;
use crate::session::{CookieNames, Session};

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
static X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static X_USER_ID: HeaderName = HeaderName::from_static("x-user-id");
static X_CLOAKROOM_SESSION: HeaderName = HeaderName::from_static("x-cloakroom-session");

/// How many fields we add at the most.
const OURS: usize = 10;

/// What every upstream is told, made once.
pub(super) struct Says {
    pub(super) cookies: CookieNames,
    /// Cookies in which some rule injects a token: reserved on every route.
    pub(super) reserved: Vec<String>,
    proto: HeaderValue,
    port: HeaderValue,
}

impl Says {
    /// Prepares it.
    pub(super) fn new(config: &Config) -> Result<Self, GatewayError> {
        let injected = config.rules.iter().flat_map(|rule| &rule.inject.cookies);
        Ok(Self {
            cookies: CookieNames::new(config),
            reserved: injected.map(|name| name.to_ascii_lowercase()).collect(),
            proto: HeaderValue::from_static(config.public_url.scheme()),
            port: value(&config.public_url.port().to_string(), "the public port")?,
        })
    }

    /// Makes the upstream's head out of the call's. Afterwards the call's own head is only good for its
    /// method and address; a call that may be sent again keeps a copy ([`crate::pipeline`]).
    pub(super) fn request(
        &self,
        rule: &Rule,
        prefix: &str,
        permit: &Permit,
        call: &mut Call,
    ) -> Result<Parts, Refusal> {
        let mut head = http::Request::new(()).into_parts().0;
        head.method = call.head.method.clone();
        head.version = Version::HTTP_11;
        head.uri = target(&call.head.uri, &rule.strip_prefix, prefix)?;
        let switches = call.wants_websocket();
        head.headers = std::mem::take(&mut call.head.headers);
        let headers = &mut head.headers;
        headers.reserve(OURS);
        remove_hop_by_hop(headers, |name| {
            // The body is framed anew: its length is what hyper reads from it.
            name == header::CONTENT_LENGTH
                || (name == header::AUTHORIZATION && !rule.pass_authorization)
        });
        if switches {
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        self.clean_cookies(headers);
        if let Some(session) = permit.session() {
            inject(rule, session, headers)?;
        }
        if let Some(host) = headers.get(header::HOST).cloned() {
            headers.insert(X_FORWARDED_HOST.clone(), host);
        }
        headers.insert(X_FORWARDED_FOR.clone(), call.forwarded_for.clone());
        headers.insert(X_FORWARDED_PROTO.clone(), self.proto.clone());
        headers.insert(X_FORWARDED_PORT.clone(), self.port.clone());
        headers.insert(X_REQUEST_ID.clone(), call.id_header.clone());
        Ok(head)
    }

    /// Takes our own cookies out, and those that carry a token for some app; all others stay byte for byte.
    fn clean_cookies(&self, headers: &mut HeaderMap) {
        let mut values = headers.get_all(header::COOKIE).iter();
        let Some(first) = values.next() else { return };
        let clean = |value| {
            self.cookies
                .strip(value)
                .and_then(|left| self.without_reserved(left))
        };
        let kept = clean(first);
        let more: Vec<_> = values.filter_map(clean).collect();
        headers.remove(header::COOKIE);
        for value in kept.into_iter().chain(more) {
            headers.append(header::COOKIE, value);
        }
    }

    fn without_reserved(&self, value: HeaderValue) -> Option<HeaderValue> {
        if self.reserved.is_empty() {
            return Some(value);
        }
        let pairs = value
            .as_bytes()
            .split(|&b| b == b';')
            .map(<[u8]>::trim_ascii);
        let kept: Vec<_> = pairs.filter(|pair| !self.is_reserved(pair)).collect();
        if kept.is_empty() {
            return None;
        }
        HeaderValue::from_bytes(&kept.join(&b"; "[..])).ok()
    }

    /// Whether a cookie has a reserved name, in whatever spelling: other case, `_` for `-`, or a numbered
    /// chunk of it.
    pub(super) fn is_reserved(&self, pair: &[u8]) -> bool {
        let name = pair
            .split(|&b| b == b'=')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        let folded: Vec<u8> = name.iter().map(|&b| fold(b)).collect();
        let trimmed = folded.trim_ascii_end();
        self.reserved.iter().any(|reserved| {
            let reserved: Vec<u8> = reserved.bytes().map(fold).collect();
            trimmed.strip_prefix(&reserved[..]).is_some_and(|rest| {
                rest.is_empty()
                    || rest
                        .strip_prefix(b".")
                        .is_some_and(|n| n.iter().all(u8::is_ascii_digit))
            })
        })
    }
}

const fn fold(byte: u8) -> u8 {
    if byte == b'_' {
        b'-'
    } else {
        byte.to_ascii_lowercase()
    }
}

/// The target in origin-form. Without a prefix on either side it is the one that came, byte for byte.
fn target(uri: &Uri, strip: &str, prefix: &str) -> Result<Uri, Refusal> {
    let whole = uri.path_and_query().ok_or(Refusal::BadPath)?;
    if strip.is_empty() && prefix.is_empty() {
        return Ok(if uri.authority().is_none() {
            uri.clone()
        } else {
            Uri::from(whole.clone())
        });
    }
    // The rule's pattern begins with what is stripped, in letters of any case and perhaps with escapes: as many
    // segments go as it has, however long they are here.
    let mut slashes = uri.path().match_indices('/');
    let cut = slashes.nth(strip.matches('/').count());
    let cut = cut.map_or(uri.path().len(), |(at, _)| at);
    let rest = whole.as_str().get(cut..).ok_or(Refusal::BadPath)?;
    let slash = if rest.starts_with('/') { "" } else { "/" };
    let text = format!("{prefix}{slash}{rest}");
    PathAndQuery::try_from(text)
        .map(Uri::from)
        .map_err(|_| Refusal::BadPath)
}

fn inject(rule: &Rule, session: &Session, headers: &mut HeaderMap) -> Result<(), Refusal> {
    let ready = &session.headers;
    if rule.inject.bearer {
        headers.insert(header::AUTHORIZATION, ready.authorization.clone());
    }
    if rule.inject.user_id {
        headers.insert(X_USER_ID.clone(), ready.user_id.clone());
    }
    if rule.inject.assertion {
        headers.insert(X_CLOAKROOM_SESSION.clone(), ready.assertion.clone());
    }
    if !rule.inject.cookies.is_empty() {
        let token = session.tokens.access.expose();
        let pairs: Vec<_> = rule
            .inject
            .cookies
            .iter()
            .map(|n| format!("{n}={token}"))
            .collect();
        append_cookies(headers, &pairs)?;
    }
    Ok(())
}

/// Adds cookies of ours behind the browser's own, whatever lines and bytes these are.
fn append_cookies(headers: &mut HeaderMap, ours: &[String]) -> Result<(), Refusal> {
    let mut all = Zeroizing::new(Vec::new());
    for theirs in headers.get_all(header::COOKIE) {
        all.extend_from_slice(theirs.as_bytes());
        all.extend_from_slice(b"; ");
    }
    all.extend_from_slice(ours.join("; ").as_bytes());
    let mut all = HeaderValue::from_bytes(&all).map_err(|_| Refusal::Internal)?;
    all.set_sensitive(true);
    headers.insert(header::COOKIE, all);
    Ok(())
}

/// Removes what is meant for one hop (RFC 9110 §7.6.1), the fields that `Connection` names included, and what
/// `also` chooses. One pass finds out whether there is anything to do: mostly there is not.
pub(super) fn remove_hop_by_hop(headers: &mut HeaderMap, also: impl Fn(&HeaderName) -> bool) {
    let goes = |name: &HeaderName| is_hop_by_hop(name) || also(name);
    if !headers.keys().any(goes) {
        return;
    }
    let connection = headers.get_all(header::CONNECTION).iter();
    let named: Vec<_> = connection.filter_map(named_by).collect();
    for name in named.iter().flat_map(|options| options.split(',')) {
        // Host and Cookie are ours to send, whatever a client would like to have named away.
        match HeaderName::try_from(name.trim()) {
            Ok(name) if name != header::HOST && name != header::COOKIE => {
                headers.remove(name);
            }
            Ok(_) | Err(_) => {}
        }
    }
    while let Some(name) = headers.keys().find(|name| goes(name)).cloned() {
        headers.remove(name);
    }
}

/// What a `Connection` value names, beyond what every browser says.
fn named_by(value: &HeaderValue) -> Option<String> {
    let usual = value == "keep-alive" || value == "close";
    value.to_str().ok().filter(|_| !usual).map(str::to_owned)
}

fn is_hop_by_hop(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "upgrade"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "expect"
            | "keep-alive"
            | "proxy-authorization"
            | "proxy-authenticate"
            | "proxy-connection"
            | "http2-settings"
    )
}

#[cfg(test)]
mod tests;
