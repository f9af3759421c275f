//! Who makes a request: the gateway, by its credential, or anybody.
//!
//! 1. The credential is HTTP Basic (RFC 6749 §2.3.1) with the configured client id and, in hex, any key of the client
//!    ring. It stands in `Authorization`, or in `X-Client-Authorization` where `Authorization` carries a user's token.
//! 2. Every key of the ring is compared, each in constant time, whether or not an earlier one fits.
//! 3. A credential that is wrong refuses the request before anything else happens (401 `invalid_client`): no token is
//!    spent, no password looked at.
//! 4. Only an authenticated client is believed about the browser behind it (`X-Client-Ip`, `X-Client-User-Agent`,
//!    `X-Client-Device`). For everybody else the peer's address counts and there is no device.
//!
//! A deployment defeats rule 4 by giving the credential to an app that passes on what browsers send.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloakroom_core::Digest;
use cloakroom_core::family::ClientId;
use cloakroom_core::hex;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

use crate::network::Network;
use crate::service::Identity;
use crate::sha256::sha256;

const CLIENT_AUTHORIZATION: &str = "x-client-authorization";
const CLIENT_IP: &str = "x-client-ip";
const CLIENT_AGENT: &str = "x-client-user-agent";
const CLIENT_DEVICE: &str = "x-client-device";

/// The most of a user agent that is kept, in bytes.
const AGENT: usize = 256;

/// The other end of the connection, put into each request's extensions by whoever accepts connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// Who makes a request, and from where.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The client whose credential came with the request and was right.
    pub(crate) client: Option<ClientId>,
    /// Where the browser is.
    pub(crate) network: Network,
    /// What the browser calls itself, in printable ASCII.
    pub(crate) agent: String,
    /// SHA-256 of the browser's long-lived name.
    pub(crate) device: Option<Digest>,
}

/// A credential came with the request and is wrong, or came twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client's credential is wrong")]
pub(crate) struct InvalidClient;

/// What trying to authenticate the caller found; whether it is an error is for each endpoint to say with `?`.
pub(crate) struct Claimed(pub(crate) Result<Caller, InvalidClient>);

impl FromRequestParts<Arc<Identity>> for Claimed {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        identity: &Arc<Identity>,
    ) -> Result<Self, Infallible> {
        Ok(Self(identity.caller(parts)))
    }
}

impl Identity {
    fn caller(&self, parts: &Parts) -> Result<Caller, InvalidClient> {
        let headers = &parts.headers;
        let credential = match (
            one(headers, AUTHORIZATION.as_str())?,
            one(headers, CLIENT_AUTHORIZATION)?,
        ) {
            (Some(direct), None) => basic(direct)?,
            (Some(direct), Some(_)) if basic(direct)?.is_some() => return Err(InvalidClient),
            (_, Some(beside)) => Some(basic(beside)?.ok_or(InvalidClient)?),
            (None, None) => None,
        };
        let client = credential
            .map(|given| self.authenticate(&given))
            .transpose()?;
        let peer = parts.extensions.get::<Peer>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        let told = |name| headers.get(name).filter(|_| client.is_some());
        let ip = told(CLIENT_IP)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .unwrap_or(peer);
        let agent = told(CLIENT_AGENT).map(printable).unwrap_or_default();
        let device = told(CLIENT_DEVICE)
            .map(HeaderValue::as_bytes)
            .filter(|name| !name.is_empty())
            .map(sha256);
        Ok(Caller {
            client,
            network: Network::of(ip),
            agent,
            device,
        })
    }

    fn authenticate(&self, given: &Credential) -> Result<ClientId, InvalidClient> {
        let mut right = Choice::from(0);
        for key in self.client.current().iter() {
            let expected = Zeroizing::new(hex::encode(key.material.expose()));
            let expected = sha256(expected.as_bytes());
            right |= expected.as_bytes().ct_eq(given.secret.as_bytes());
        }
        let known = given.id == self.config.gateway_client_id;
        if bool::from(right) && known {
            Ok(ClientId(given.id.clone()))
        } else {
            Err(InvalidClient)
        }
    }
}

struct Credential {
    id: String,
    secret: Digest,
}

/// The header's one value. A second one is an attempt to be read in two ways.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a HeaderValue>, InvalidClient> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    match values.next() {
        None => Ok(first),
        Some(_) => Err(InvalidClient),
    }
}

/// Reads `Basic` credentials (RFC 7617 §2); another scheme is `None`.
fn basic(value: &HeaderValue) -> Result<Option<Credential>, InvalidClient> {
    let text = value.to_str().map_err(|_| InvalidClient)?;
    let Some((scheme, encoded)) = text.split_once(' ') else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let decoded = STANDARD
        .decode(encoded.trim_start())
        .map_err(|_| InvalidClient)?;
    let decoded = Zeroizing::new(decoded);
    let pair = std::str::from_utf8(&decoded).map_err(|_| InvalidClient)?;
    let (id, secret) = pair.split_once(':').ok_or(InvalidClient)?;
    Ok(Some(Credential {
        id: id.to_owned(),
        secret: sha256(secret.as_bytes()),
    }))
}

/// Printable ASCII and nothing else: what cannot end a line or colour a terminal.
fn printable(value: &HeaderValue) -> String {
    let bytes = value.as_bytes().iter().take(AGENT);
    bytes
        .map(|&byte| match byte {
            b' '..=b'~' => char::from(byte),
            _ => '?',
        })
        .collect()
}
