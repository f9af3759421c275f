//! What an answer of the identity service means, before anybody asks what it means *here*.
//!
//! 1. A body counts only if it says that it is JSON: a proxy's error page is never a refusal.
//! 2. 5xx is trouble, 429 asks to wait, 4xx refuses with a code; everything else is outside the protocol.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::service::CallError;

/// How long to wait where the service does not say, and the longest that it is believed.
const RETRY_AFTER: (u64, u64) = (60, 3600);

/// The meaning of an answer.
pub(super) enum Outcome {
    /// It was done.
    Done(Answer),
    /// Too many attempts; this long from now it may work.
    Wait(Duration),
    /// It was refused, and this is why.
    Refused(Refusal),
}

impl Outcome {
    pub(super) fn read(response: Response<Bytes>) -> Result<Self, CallError> {
        let status = response.status();
        let answer = Answer { response };
        if status.is_success() {
            Ok(Self::Done(answer))
        } else if status == StatusCode::TOO_MANY_REQUESTS {
            Ok(Self::Wait(answer.retry_after()))
        } else if status.is_server_error() {
            Err(CallError::Unavailable(format!("status {status}")))
        } else if status.is_client_error() {
            let body = answer.json().unwrap_or_default();
            Ok(Self::Refused(Refusal::new(status, body)))
        } else {
            Err(CallError::Nonsense(format!("status {status}")))
        }
    }
}

/// An answer with a status of success.
pub(super) struct Answer {
    response: Response<Bytes>,
}

impl Answer {
    /// The body, read as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        if !is_json(self.response.headers()) {
            return Err(CallError::Nonsense("the answer is not JSON".to_owned()));
        }
        serde_json::from_slice(self.response.body())
            // The cause may quote the body, and the body may hold tokens.
            .map_err(|_| CallError::Nonsense("the answer lacks what it should hold".to_owned()))
    }

    /// Seconds only: the service never sends a date (RFC 9110 §10.2.3).
    fn retry_after(&self) -> Duration {
        let (default, most) = RETRY_AFTER;
        let seconds = self
            .response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .unwrap_or(default);
        Duration::from_secs(seconds.clamp(1, most))
    }
}

/// The codes of refusals that mean something to the gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Code {
    /// Name and password do not belong together.
    InvalidCredentials,
    /// The refresh token is worth nothing.
    InvalidGrant,
    /// The refresh token's family was revoked.
    Revoked,
    /// The refresh token has never been seen.
    Unknown,
    /// The refresh token is spent and its successor used.
    Stale,
    /// The gateway's own credential is wrong.
    InvalidClient,
    /// The user name belongs to somebody else.
    UsernameTaken,
    /// The e-mail address belongs to somebody else.
    EmailTaken,
    /// Fields are wrong.
    InvalidFields,
    /// The current password is wrong.
    WrongPassword,
    /// None, or one that means nothing here.
    #[default]
    #[serde(other)]
    Other,
}

/// A refusal in FastAPI's shape.
#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    code: Code,
    #[serde(default)]
    detail: Value,
}

/// Why the service refused.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: Code,
    detail: Value,
}

impl Refusal {
    fn new(status: StatusCode, body: Body) -> Self {
        Self {
            status,
            code: body.code,
            detail: body.detail,
        }
    }

    /// Whether it is the gateway that was refused, and not its user.
    pub(super) fn is_of_the_client(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED && self.code == Code::InvalidClient
    }

    /// The first message for each field of `detail`: `[{"loc": ["body", field], "msg": …}]`. `None` if there is none.
    pub(super) fn fields(&self) -> Option<BTreeMap<String, String>> {
        #[derive(Deserialize)]
        struct Complaint {
            loc: Vec<Value>,
            msg: String,
        }
        let complaints = Vec::<Complaint>::deserialize(&self.detail).ok()?;
        let mut fields = BTreeMap::new();
        for complaint in complaints {
            let field = complaint.loc.last()?.as_str()?;
            fields.entry(field.to_owned()).or_insert(complaint.msg);
        }
        (!fields.is_empty()).then_some(fields)
    }

    /// For a refusal that the protocol does not foresee at this endpoint.
    pub(super) fn unexpected(&self) -> CallError {
        CallError::Nonsense(format!("status {} with code {:?}", self.status, self.code))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .map(|value| value.to_str());
    let Some(Ok(value)) = value else { return false };
    let media_type = value.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}
