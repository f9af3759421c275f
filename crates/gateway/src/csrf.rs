//! The stage `csrf`: an unsafe method proves that a page of this site sent it.
//!
//! 1. The browser's own word decides: `Sec-Fetch-Site: same-origin`. Only where that header is absent does an
//!    `Origin` equal to the public origin count, and only where both are absent a header that a cross-site
//!    form cannot send (`X-Requested-With`).
//! 2. `Origin: null`, `same-site`, `cross-site` and `none` are refused, and so is a repeated header.
//! 3. Rules with `csrf = "header"` ask for a header or media type beside it that needs a CORS preflight,
//!    which is never granted; `"strict"` for the header alone.
//! 4. WebSocket upgrades, which are GETs with the cookie on them, need an equal `Origin`; event streams
//!    must not come from elsewhere.
//!
//! Refusal: 403 `csrf` with what is missing. It comes before `refresh`, which acts. A deployment defeats this
//! with a page of the same origin that runs an attacker's script.

pub(crate) mod token;

use http::{HeaderMap, Method, header};

use crate::call::{Call, single};
use crate::config::{CsrfMode, Origin, Rule};
use crate::refusal::{CsrfMissing, Refusal};

/// Refuses what does not prove its origin as `rule` asks.
pub(crate) fn prove(rule: &Rule, public: &Origin, call: &Call) -> Result<(), Refusal> {
    if rule.csrf == CsrfMode::Off {
        return Ok(());
    }
    let headers = &call.head.headers;
    if is_safe(&call.head.method) {
        // By what the stage `forward` would do, not by the request's class: a header that only hints at what it is
        // for must not switch the check off.
        let proven = if call.wants_websocket() {
            single(headers, "origin") == Some(public.as_str())
        } else {
            !wants_event_stream(headers) || is_no_foreign_stream(headers, public)
        };
        return if proven {
            Ok(())
        } else {
            Err(Refusal::Csrf(CsrfMissing::Origin))
        };
    }
    if !has_origin(headers, public) {
        return Err(Refusal::Csrf(CsrfMissing::Origin));
    }
    let proven = match rule.csrf {
        CsrfMode::Origin | CsrfMode::Off => true,
        CsrfMode::Strict => has_custom_header(headers),
        CsrfMode::Header => has_custom_header(headers) || has_json_body(headers),
    };
    if proven {
        Ok(())
    } else {
        Err(Refusal::Csrf(CsrfMissing::Header))
    }
}

/// Methods that change nothing (RFC 9110 §9.2.1).
pub(crate) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn has_origin(headers: &HeaderMap, public: &Origin) -> bool {
    if headers.contains_key("sec-fetch-site") {
        return single(headers, "sec-fetch-site") == Some("same-origin");
    }
    if headers.contains_key(header::ORIGIN) {
        return single(headers, "origin") == Some(public.as_str());
    }
    headers.contains_key("x-requested-with")
}

fn has_custom_header(headers: &HeaderMap) -> bool {
    headers.contains_key("x-requested-with") || headers.contains_key("x-csrf-token")
}

fn has_json_body(headers: &HeaderMap) -> bool {
    single(headers, "content-type").is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    })
}

fn wants_event_stream(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .is_some_and(|value| value == "text/event-stream")
}

fn is_no_foreign_stream(headers: &HeaderMap, public: &Origin) -> bool {
    if headers.contains_key("sec-fetch-site") {
        return single(headers, "sec-fetch-site") == Some("same-origin");
    }
    !headers.contains_key(header::ORIGIN) || single(headers, "origin") == Some(public.as_str())
}

#[cfg(test)]
mod tests;
