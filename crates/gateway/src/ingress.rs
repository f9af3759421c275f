//! The stage `ingress`: who is calling, within limits, and without the headers that a client must not set.
//!
//! 1. `Host` names a site that is served here (RFC 9112 §3.2); an absolute-form target counts as its Host.
//! 2. The client's address is the peer's, unless the peer is a trusted proxy: then the chain in
//!    `X-Forwarded-For` is walked from the right, past trusted proxies only.
//! 3. Every header by which a proxy, a framework or this gateway speaks to an upstream is removed, in every
//!    spelling, before any stage reads headers ([`strip`]).
//! 4. The request is put into one class, by the browser's own words first.
//! 5. A body is framed in one way: by a length, or by chunks and no coding below them (RFC 9112 §6.1).
//!
//! Refusal: 400, 414, 421, 431. A deployment defeats this with a trusted proxy that passes on what clients send.

mod class;
mod client;
mod strip;

pub(crate) use class::classify;

use std::time::Duration;

use cloakroom_core::Timestamp;
use http::header::{HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Request};
use hyper::body::{Body as _, Incoming};
use hyper::upgrade::OnUpgrade;

use crate::call::{Call, Payload, Peer, RequestId, single};
use crate::config::{Cidr, Config, Origin};
use crate::refusal::Refusal;

/// The longest accepted request target, in bytes.
const MAX_TARGET: usize = 8 * 1024;

/// The largest accepted headers, names and values together, in bytes. The listener's own bound covers the whole head
/// and is wider by a target.
const MAX_HEADERS: usize = 32 * 1024;

/// A request's name, and when it came.
#[derive(Clone, Copy)]
pub(crate) struct Arrived {
    pub(crate) id: RequestId,
    pub(crate) now: Timestamp,
    pub(crate) since: Duration,
}

/// What the stage has to know.
pub(crate) struct Ingress {
    public: Origin,
    /// Every accepted host in canonical form, the public one first, ready to be sent.
    hosts: Vec<(String, HeaderValue)>,
    trusted: Vec<Cidr>,
}

impl Ingress {
    /// Prepares the stage.
    pub(crate) fn new(config: &Config) -> Self {
        let public = config.public_url.authority().to_owned();
        let ready = |host: String| HeaderValue::try_from(&host).ok().map(|value| (host, value));
        let all = std::iter::once(public).chain(config.hosts.iter().cloned());
        Self {
            public: config.public_url.clone(),
            hosts: all.filter_map(ready).collect(),
            trusted: config.trusted_proxies.clone(),
        }
    }

    /// Takes a request in: cannot fail, so that even a refused request has a name and an access line.
    pub(crate) fn receive(
        &self,
        peer: &Peer,
        request: Request<Incoming>,
        arrived: Arrived,
    ) -> Call {
        let (mut head, body) = request.into_parts();
        let upgrade = head.extensions.remove::<OnUpgrade>();
        let client_ip = client::address(peer.ip(), &head.headers, &self.trusted);
        let (class, active) = classify(&head);
        let payload = if body.is_end_stream() {
            Payload::Empty
        } else {
            Payload::Stream(body)
        };
        let forwarded_for = peer.forwarded_for(client_ip);
        let Arrived { id, now, since } = arrived;
        Call {
            head,
            payload,
            upgrade,
            id,
            id_header: id.to_header(),
            client_ip,
            forwarded_for,
            class,
            active,
            now,
            since,
        }
    }

    /// Judges a request and cleans its headers. Afterwards `Host` is one that we chose.
    pub(crate) fn judge(&self, call: &mut Call) -> Result<(), Refusal> {
        let target = call
            .head
            .uri
            .path_and_query()
            .map_or(0, |target| target.as_str().len());
        if target > MAX_TARGET {
            return Err(Refusal::TargetTooLong);
        }
        if !has_plain_framing(&call.head.headers) {
            return Err(Refusal::BadRequest(
                "The request is framed in a way that could be read in two.",
            ));
        }
        let sizes = call.head.headers.iter();
        let size: usize = sizes
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        if size > MAX_HEADERS {
            return Err(Refusal::HeadersTooLarge);
        }
        let host = self.host(call)?.clone();
        strip::strip(&mut call.head.headers);
        call.head.headers.insert(HOST, host);
        Ok(())
    }

    fn host(&self, call: &Call) -> Result<&HeaderValue, Refusal> {
        let headers = &call.head.headers;
        let named = match call.head.uri.authority() {
            Some(authority) => authority.as_str(),
            None => single(headers, HOST).ok_or(Refusal::BadRequest(
                "The request needs exactly one Host header.",
            ))?,
        };
        if let Some((_, value)) = self.hosts.iter().find(|(host, _)| host == named) {
            return Ok(value);
        }
        let canonical = self
            .public
            .canonical_host(named)
            .ok_or(Refusal::BadRequest("The Host header is no host."))?;
        let known = self.hosts.iter().find(|(host, _)| *host == canonical);
        known.map(|(_, value)| value).ok_or(Refusal::UnknownHost)
    }
}

/// Whether the body is framed by a length or by chunks and nothing else. Codings below the chunks would be lost
/// with the framing, and a repeated `chunked` is how two readers are made to disagree (RFC 9112 §6.1).
fn has_plain_framing(headers: &HeaderMap) -> bool {
    !headers.contains_key(TRANSFER_ENCODING)
        || single(headers, TRANSFER_ENCODING)
            .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
}

#[cfg(test)]
mod tests;
