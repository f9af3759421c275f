//! What kind of request it is, by the browser's own words first and by guesses last.

use http::request::Parts;
use http::{HeaderMap, Method, header};

use crate::call::{Class, single};

/// Puts a request into one class. The order matters: each line may overrule those below it.
pub(crate) fn classify(head: &Parts) -> Class {
    let headers = &head.headers;
    if is_prefetch(headers) {
        return Class::Prefetch;
    }
    if headers.contains_key("next-action") {
        return Class::Action;
    }
    if headers.contains_key(header::UPGRADE) {
        return Class::Upgrade;
    }
    let mode = headers.get("sec-fetch-mode");
    if mode.is_some_and(|mode| mode == "navigate") {
        let document = headers.get("sec-fetch-dest").is_none_or(|dest| dest == "document");
        return if document { Class::Page } else { Class::Subresource };
    }
    let tagged = mode.is_some()
        || headers.contains_key("sec-fetch-dest")
        || headers.contains_key("sec-fetch-site");
    let rsc = headers.get("rsc").is_some_and(|value| value == "1");
    if rsc || (!tagged && has_rsc_query(head)) {
        return Class::Rsc { hot_reload: headers.contains_key("next-hmr-refresh") };
    }
    if tagged {
        return match single(headers, "sec-fetch-dest") {
            None | Some("empty") => Class::Fetch,
            Some(_) => Class::Subresource,
        };
    }
    let html = single(headers, "accept").is_some_and(|accept| accept.contains("text/html"));
    if head.method == Method::GET && html { Class::Page } else { Class::Fetch }
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    let says = |name| headers.get(name).is_some_and(|value: &http::HeaderValue| {
        value.as_bytes().starts_with(b"prefetch")
    });
    says("sec-purpose")
        || says("purpose")
        || headers.contains_key("next-router-prefetch")
        || headers.contains_key("next-router-segment-prefetch")
}

fn has_rsc_query(head: &Parts) -> bool {
    let mut fields = head.uri.query().unwrap_or_default().split('&');
    fields.any(|field| field == "_rsc" || field.starts_with("_rsc="))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn class(method: &str, target: &str, headers: &[(&str, &str)]) -> Class {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        classify(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn browsers_say_what_they_want_and_are_believed() {
        // GD-13
        let page = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        let frame = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
        let image = [("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image"), ("accept", "text/html")];
        let call = [("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty"), ("accept", "text/html")];
        assert_eq!(class("GET", "/", &page), Class::Page);
        assert_eq!(class("POST", "/", &page), Class::Page);
        assert_eq!(class("GET", "/", &frame), Class::Subresource);
        assert_eq!(class("GET", "/", &image), Class::Subresource);
        assert_eq!(class("GET", "/", &call), Class::Fetch);
        assert_eq!(class("GET", "/x?_rsc=1", &call), Class::Fetch);
    }

    #[test]
    fn without_fetch_metadata_the_accept_header_is_the_last_guess() {
        assert_eq!(class("GET", "/", &[("accept", "text/html,*/*")]), Class::Page);
        assert_eq!(class("POST", "/", &[("accept", "text/html")]), Class::Fetch);
        assert_eq!(class("GET", "/", &[("accept", "*/*")]), Class::Fetch);
        assert_eq!(class("GET", "/", &[]), Class::Fetch);
    }

    #[test]
    fn frameworks_requests_are_told_from_pages() {
        let rsc = [("rsc", "1"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
        let hot = [("rsc", "1"), ("next-hmr-refresh", "1")];
        assert_eq!(class("GET", "/", &rsc), Class::Rsc { hot_reload: false });
        assert_eq!(class("GET", "/", &hot), Class::Rsc { hot_reload: true });
        assert_eq!(class("GET", "/x?a=1&_rsc=1m86m", &[]), Class::Rsc { hot_reload: false });
        assert_eq!(class("POST", "/", &[("next-action", "00ab")]), Class::Action);
        assert_eq!(class("GET", "/", &[("upgrade", "websocket")]), Class::Upgrade);
    }

    #[test]
    fn a_prefetch_is_never_anything_else() {
        let navigation = ("sec-fetch-mode", "navigate");
        for hint in [
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("next-router-prefetch", "1"),
            ("next-router-segment-prefetch", "/_tree"),
        ] {
            assert_eq!(class("GET", "/", &[hint, navigation, ("rsc", "1")]), Class::Prefetch);
        }
    }
}
