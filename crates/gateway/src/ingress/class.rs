//! What kind of request it is, by the browser's own words first and by guesses last.

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};

use crate::call::Class;

/// What the headers of a request say about its kind, gathered in one pass: looking each of them up by name
/// would cost more than everything else that this stage does.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one header that is there or not"
)]
struct Signs<'a> {
    prefetch: bool,
    action: bool,
    upgrade: bool,
    rsc: bool,
    hot_reload: bool,
    active: bool,
    site: bool,
    mode: Option<&'a HeaderValue>,
    dest: Option<&'a HeaderValue>,
    accept: Option<&'a HeaderValue>,
}

impl<'a> Signs<'a> {
    fn read(headers: &'a HeaderMap) -> Self {
        let mut signs = Self::default();
        for (name, value) in headers {
            match name.as_str() {
                "sec-fetch-mode" => signs.mode = Some(value),
                "sec-fetch-dest" => signs.dest = Some(value),
                "sec-fetch-site" => signs.site = true,
                "accept" => signs.accept = Some(value),
                "upgrade" => signs.upgrade = true,
                "sec-purpose" | "purpose" => {
                    signs.prefetch |= value.as_bytes().starts_with(b"prefetch");
                }
                "next-router-prefetch" | "next-router-segment-prefetch" => signs.prefetch = true,
                "next-action" => signs.action = true,
                "next-hmr-refresh" => signs.hot_reload = true,
                "rsc" => signs.rsc = value == "1",
                "x-cloakroom-activity" => signs.active = true,
                _ => {}
            }
        }
        signs
    }
}

/// Puts a request into one class, and says whether the client claims that a person is behind it. The order
/// matters: each line may overrule those below it.
pub(crate) fn classify(head: &Parts) -> (Class, bool) {
    let signs = Signs::read(&head.headers);
    (class_of(head, &signs), signs.active)
}

fn class_of(head: &Parts, signs: &Signs<'_>) -> Class {
    if signs.prefetch {
        return Class::Prefetch;
    }
    if signs.action {
        return Class::Action;
    }
    if signs.upgrade {
        return Class::Upgrade;
    }
    if signs.mode.is_some_and(|mode| mode == "navigate") {
        let document = signs.dest.is_none_or(|dest| dest == "document");
        return if document {
            Class::Page
        } else {
            Class::Subresource
        };
    }
    let tagged = signs.mode.is_some() || signs.dest.is_some() || signs.site;
    if signs.rsc || (!tagged && has_rsc_query(head)) {
        return Class::Rsc {
            hot_reload: signs.hot_reload,
        };
    }
    if tagged {
        return match signs.dest {
            None => Class::Fetch,
            Some(dest) if dest == "empty" => Class::Fetch,
            Some(_) => Class::Subresource,
        };
    }
    let html = signs.accept.and_then(|accept| accept.to_str().ok());
    let html = html.is_some_and(|accept| accept.contains("text/html"));
    if head.method == Method::GET && html {
        Class::Page
    } else {
        Class::Fetch
    }
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
        classify(&request.body(()).unwrap().into_parts().0).0
    }

    #[test]
    fn browsers_say_what_they_want_and_are_believed() {
        // GD-13
        let page = [
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        let frame = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
        let image = [
            ("sec-fetch-mode", "no-cors"),
            ("sec-fetch-dest", "image"),
            ("accept", "text/html"),
        ];
        let call = [
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-dest", "empty"),
            ("accept", "text/html"),
        ];
        assert_eq!(class("GET", "/", &page), Class::Page);
        assert_eq!(class("POST", "/", &page), Class::Page);
        assert_eq!(class("GET", "/", &frame), Class::Subresource);
        assert_eq!(class("GET", "/", &image), Class::Subresource);
        assert_eq!(class("GET", "/", &call), Class::Fetch);
        assert_eq!(class("GET", "/x?_rsc=1", &call), Class::Fetch);
    }

    #[test]
    fn without_fetch_metadata_the_accept_header_is_the_last_guess() {
        assert_eq!(
            class("GET", "/", &[("accept", "text/html,*/*")]),
            Class::Page
        );
        assert_eq!(class("POST", "/", &[("accept", "text/html")]), Class::Fetch);
        assert_eq!(class("GET", "/", &[("accept", "*/*")]), Class::Fetch);
        assert_eq!(class("GET", "/", &[]), Class::Fetch);
    }

    #[test]
    fn frameworks_requests_are_told_from_pages() {
        let rsc = [
            ("rsc", "1"),
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-dest", "empty"),
        ];
        let hot = [("rsc", "1"), ("next-hmr-refresh", "1")];
        assert_eq!(class("GET", "/", &rsc), Class::Rsc { hot_reload: false });
        assert_eq!(class("GET", "/", &hot), Class::Rsc { hot_reload: true });
        assert_eq!(
            class("GET", "/x?a=1&_rsc=1m86m", &[]),
            Class::Rsc { hot_reload: false }
        );
        assert_eq!(
            class("POST", "/", &[("next-action", "00ab")]),
            Class::Action
        );
        assert_eq!(
            class("GET", "/", &[("upgrade", "websocket")]),
            Class::Upgrade
        );
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
            assert_eq!(
                class("GET", "/", &[hint, navigation, ("rsc", "1")]),
                Class::Prefetch
            );
        }
    }
}
