//! The head of an answer on its way back: without what is meant for one hop, and without cookies that are
//! not the upstream's to set.

use http::header::{self, HeaderMap, HeaderName};
use http::{Response, StatusCode};

use super::head::{Says, remove_hop_by_hop};

/// Names by which only this gateway speaks to browsers.
fn is_ours(name: &HeaderName) -> bool {
    name.as_str().starts_with("x-cloakroom-")
}

impl Says {
    /// Cleans the head of an upstream's answer.
    pub(super) fn answer<B>(&self, response: &mut Response<B>) {
        let switched = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        if switched {
            while let Some(name) = headers.keys().find(|name| is_ours(name)).cloned() {
                headers.remove(name);
            }
        } else {
            // Where both frame the body the chunks do (RFC 9112 §6.3): a length beside them would cut it short.
            let chunked = headers.contains_key(header::TRANSFER_ENCODING);
            remove_hop_by_hop(headers, |name| {
                is_ours(name) || chunked && name == header::CONTENT_LENGTH
            });
        }
        if headers.contains_key(header::SET_COOKIE) {
            self.drop_our_cookies(headers);
        }
    }

    fn drop_our_cookies(&self, headers: &mut HeaderMap) {
        let is_theirs = |value: &http::HeaderValue| {
            !self.cookies.is_ours(value.as_bytes()) && !self.is_reserved(value.as_bytes())
        };
        if headers.get_all(header::SET_COOKIE).iter().all(is_theirs) {
            return;
        }
        let all: Vec<_> = headers
            .get_all(header::SET_COOKIE)
            .iter()
            .cloned()
            .collect();
        headers.remove(header::SET_COOKIE);
        for value in all.into_iter().filter(is_theirs) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}
