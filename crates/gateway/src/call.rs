//! One request on its way through the stages: what was received, and what is known of its sender.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use cloakroom_core::Timestamp;
use http::header::{self, AsHeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Version};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;

use crate::session::Visitor;

/// Who is at the other end of the connection, as the listener saw it. Made once a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    ip: IpAddr,
    /// The address as `X-Forwarded-For` has it, ready to be sent.
    header: HeaderValue,
}

impl Peer {
    /// The peer at this address.
    pub fn new(address: SocketAddr) -> Self {
        let ip = address.ip().to_canonical();
        Self {
            ip,
            header: ip_header(ip),
        }
    }

    /// Its address.
    pub const fn ip(&self) -> IpAddr {
        self.ip
    }

    /// `client` as `X-Forwarded-For` has it; free of cost where the peer is the client.
    pub(crate) fn forwarded_for(&self, client: IpAddr) -> HeaderValue {
        if client == self.ip {
            self.header.clone()
        } else {
            ip_header(client)
        }
    }
}

fn ip_header(ip: IpAddr) -> HeaderValue {
    HeaderValue::try_from(ip.to_string()).unwrap_or(HeaderValue::from_static("unknown"))
}

/// A request body. Only the first two kinds can be sent twice.
#[derive(Debug)]
pub(crate) enum Payload {
    /// There is none.
    Empty,
    /// It has been read completely.
    Held(Bytes),
    /// It is still arriving.
    Stream(Incoming),
}

/// One request on its way through the stages.
pub(crate) struct Call {
    /// Request line and headers, without what a client must not set.
    pub(crate) head: Parts,
    /// The body.
    pub(crate) payload: Payload,
    /// The connection itself, for a protocol switch.
    pub(crate) upgrade: Option<OnUpgrade>,
    /// The request's name in logs, answers and upstream headers.
    pub(crate) id: RequestId,
    /// The same, as `X-Request-Id` has it.
    pub(crate) id_header: HeaderValue,
    /// The client's address, as far as proxies are believed.
    pub(crate) client_ip: IpAddr,
    /// The same, as `X-Forwarded-For` has it.
    pub(crate) forwarded_for: HeaderValue,
    /// What kind of request it is.
    pub(crate) class: Class,
    /// Whether the client says that a person is behind it (`X-Cloakroom-Activity`).
    pub(crate) active: bool,
    /// When it came, by the wall clock: every deadline of this request is compared with it.
    pub(crate) now: Timestamp,
    /// When it came, in ticks.
    pub(crate) since: Duration,
}

impl Call {
    /// Whether it asks for the one protocol switch that is passed on: a WebSocket, by a GET of HTTP/1.1 without
    /// a body (RFC 6455 §4.1). Behind a switch nobody judges: HTTP/2 spoken through one (`h2c`) would be requests
    /// past every rule. Any other wish is ignored, as RFC 9110 §7.8 allows.
    pub(crate) fn wants_websocket(&self) -> bool {
        let headers = &self.head.headers;
        let is_websocket = |protocol: &str| protocol.eq_ignore_ascii_case("websocket");
        let names_it = |options: &str| {
            let mut options = options.split(',').map(str::trim);
            options.any(|option| option.eq_ignore_ascii_case("upgrade"))
        };
        self.upgrade.is_some()
            && self.head.method == Method::GET
            && self.head.version == Version::HTTP_11
            && matches!(self.payload, Payload::Empty)
            && single(headers, header::UPGRADE).is_some_and(is_websocket)
            && single(headers, header::CONNECTION).is_some_and(names_it)
    }
}

/// What one of our own endpoints is told about the request, as an extension of it.
#[derive(Clone)]
pub(crate) struct Caller {
    /// Whose request it is. On our own endpoints the session is always opened.
    pub(crate) visitor: Visitor,
    /// The client's address, as far as proxies are believed.
    pub(crate) client_ip: IpAddr,
    /// What kind of request it is.
    pub(crate) class: Class,
    /// The request's name.
    pub(crate) id: RequestId,
}

/// What kind of request it is: decides the shape of a refusal and whether the idle timer slides; never
/// access, never CSRF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A guess of the browser that somebody may want this soon.
    Prefetch,
    /// A Next.js server action.
    Action,
    /// A protocol switch.
    Upgrade,
    /// A person opens a page.
    Page,
    /// A part of a page: script, style, image, frame.
    Subresource,
    /// A React Server Components payload.
    Rsc {
        /// Whether it is development's hot reload rather than a person's click.
        hot_reload: bool,
    },
    /// A call from a script, or from something that is no browser.
    Fetch,
}

/// A request's name in logs, answers and upstream headers: 8 hexadecimal digits of the process, 12 of a
/// counter. Unique, not secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestId([u8; Self::LEN]);

impl RequestId {
    /// Its length in characters.
    pub(crate) const LEN: usize = 20;

    /// The `count`th request of the process that is called `process`.
    pub(crate) fn new(process: u32, count: u64) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'0'; Self::LEN];
        let mut rest = u128::from(process) << 48 | u128::from(count & 0xffff_ffff_ffff);
        for slot in text.iter_mut().rev() {
            *slot = DIGITS.get((rest & 15) as usize).copied().unwrap_or(b'0');
            rest >>= 4;
        }
        Self(text)
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The id as a header value.
    pub(crate) fn to_header(self) -> HeaderValue {
        HeaderValue::from_bytes(&self.0).unwrap_or(HeaderValue::from_static("0"))
    }

    /// The id as bytes.
    pub(crate) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The one value of a header, as text; `None` if it is absent, repeated or not visible ASCII.
pub(crate) fn single(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() {
        return None;
    }
    first.to_str().ok()
}

#[cfg(test)]
pub(crate) mod tests;
