//! One rule of the route table: which paths it covers and what holds for them.

use std::time::Duration;

use http::{HeaderValue, Method};

use crate::route::Pattern;

/// What holds for the paths of one pattern.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Which paths.
    pub pattern: Pattern,
    /// Who answers.
    pub target: Target,
    /// What is taken off the front of the path before it is forwarded; empty takes nothing.
    pub strip_prefix: String,
    /// Who may.
    pub access: Access,
    /// Which methods there are; others are answered 405.
    pub methods: Methods,
    /// What an unsafe method has to prove.
    pub csrf: CsrfMode,
    /// What the upstream is told about the user.
    pub inject: Inject,
    /// How long the upstream may take until its response head is there.
    pub timeout: Duration,
    /// The largest request body in bytes; `None` streams without end.
    pub body_limit: Option<u64>,
    /// Whether a small body is kept so that the request can be sent again after a 401.
    pub replay: bool,
    /// Whether a client's own `Authorization` passes. Never together with an injected one.
    pub pass_authorization: bool,
    /// Whether `%2F` may stand in the path.
    pub encoded_slash: bool,
}

/// Who answers a rule's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Our own endpoints.
    Own,
    /// The upstream at this position of the configuration.
    Upstream(usize),
}

/// Who may use a rule's paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody; the session is not even opened.
    Public,
    /// Anybody; whoever is logged in is introduced to the upstream.
    Optional,
    /// Whoever is logged in.
    Required,
    /// Whoever is logged in and has one of these roles.
    Roles(Vec<String>),
}

/// What an unsafe method has to prove, beside its origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsrfMode {
    /// The origin alone.
    Origin,
    /// Also a header that no form can send, or a JSON body.
    Header,
    /// Also a header that no form can send.
    Strict,
    /// Nothing. For endpoints whose callers are no browsers.
    Off,
}

/// What the upstream is told about the user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inject {
    /// `Authorization: Bearer` with the provider's access token.
    pub bearer: bool,
    /// `X-User-Id` with the subject.
    pub user_id: bool,
    /// `X-Cloakroom-Session` with our assertion.
    pub assertion: bool,
    /// Names of cookies that carry the access token, for an app that already reads it there.
    pub cookies: Vec<String>,
}

/// The methods that a rule can allow.
const STANDARD: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
];

/// A set of request methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Methods {
    /// Every standard method but CONNECT and TRACE.
    Any,
    /// These; GET brings HEAD with it.
    Only(Vec<Method>),
}

impl Methods {
    /// Whether `method` is in the set. CONNECT, TRACE and made-up methods never are.
    pub fn allow(&self, method: &Method) -> bool {
        let standard = STANDARD.contains(method);
        let listed = match self {
            Self::Any => true,
            Self::Only(list) => {
                list.contains(method) || (*method == Method::HEAD && list.contains(&Method::GET))
            }
        };
        standard && listed
    }

    /// All methods of several sets, as `Allow` names them.
    pub(crate) fn to_header(sets: &[&Self]) -> HeaderValue {
        let named = STANDARD
            .iter()
            .filter(|method| sets.iter().any(|set| set.allow(method)))
            .map(Method::as_str);
        let text = named.collect::<Vec<_>>().join(", ");
        // Names of standard methods always fit into a header.
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
    }

    /// Whether the two sets have no method in common.
    pub fn are_disjoint(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => false,
            (Self::Only(a), Self::Only(b)) => !a.iter().any(|method| b.contains(method)),
        }
    }
}
