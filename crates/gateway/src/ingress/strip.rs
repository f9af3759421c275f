//! The headers that a client must not set, in every spelling.
//!
//! Whole families are removed rather than lists of names, since lists forget members; and every name with an
//! underscore, since gateways to CGI, WSGI and their like read `X_User_Id` as `X-User-Id` (PX-09).

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};

/// Removes them. Requests of browsers have none, and then nothing is allocated.
pub(super) fn strip(headers: &mut HeaderMap<HeaderValue>) {
    loop {
        let found: Option<HeaderName> = headers
            .keys()
            .find(|name| is_forbidden(name.as_str()))
            .cloned();
        let Some(name) = found else { return };
        headers.remove(name);
    }
}

/// Names in lower case, as the header map keeps them.
fn is_forbidden(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.contains(&b'_') {
        return true;
    }
    match bytes.first() {
        Some(b'x') => name.strip_prefix("x-").is_some_and(is_forbidden_x),
        Some(b'f') => matches!(name, "forwarded" | "front-end-https" | "fastly-client-ip"),
        Some(b'n') => name == "next-resume",
        // RFC 9440: a client certificate that a proxy in front has seen.
        Some(b'c') => name.starts_with("client-cert") || name == "cf-connecting-ip",
        Some(b's') => name.starts_with("ssl-client-"),
        Some(b't') => name == "true-client-ip",
        Some(b'r') => name == "remote-user",
        // Read as an environment variable by CGI programs ("httpoxy").
        Some(b'p') => name == "proxy",
        _ => false,
    }
}

/// Names without their `x-`.
fn is_forbidden_x(name: &str) -> bool {
    const FAMILIES: [&str; 22] = [
        "forwarded",
        "cloakroom-",
        "middleware-",
        "next-",
        "invoke-",
        "vercel-",
        "now-",
        "edge-",
        "auth-",
        "authenticated-",
        "remote-",
        "original-",
        "prerender-revalidate",
        "client-cert",
        "user-",
        // By which load balancers and portals that log people in introduce them.
        "webauth-",
        "ms-client-principal",
        "ms-token-",
        "amzn-oidc-",
        "goog-authenticated-user-",
        "ssl-client-",
        "arr-",
    ];
    const NAMES: [&str; 23] = [
        "real-ip",
        "request-id",
        "invocation-id",
        "matched-path",
        "action-forwarded",
        "action-redirect",
        "action-revalidated",
        "rewrite-url",
        "http-method-override",
        "method-override",
        "http-method",
        "accel-redirect",
        "sendfile",
        "client-ip",
        "client-device",
        "client-user-agent",
        "client-authorization",
        "cluster-client-ip",
        "user",
        "username",
        "host",
        "scheme",
        "url-scheme",
    ];
    // React pairs development's debug channel by these two; without them hot reload stops without a word.
    const KEPT: [&str; 2] = ["nextjs-request-id", "nextjs-html-request-id"];
    (name.starts_with("nextjs-") && !KEPT.contains(&name))
        || FAMILIES.iter().any(|family| name.starts_with(family))
        || NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survivors(names: &[&str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for name in names {
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                "1".parse().unwrap(),
            );
        }
        strip(&mut headers);
        headers
            .keys()
            .map(|name| name.as_str().to_owned())
            .collect()
    }

    #[test]
    fn identity_and_forwarding_headers_are_removed_in_every_spelling() {
        // PX-09, PX-14, GD-03, GD-12
        let spoofed = [
            "X-User-Id",
            "x_user_id",
            "X-User_Id",
            "X-Cloakroom-Session",
            "x-cloakroom-sid",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-Forwarded-Proto",
            "X-Forwarded-Prefix",
            "X-Forwarded-User",
            "X-Forwarded-Uri",
            "Forwarded",
            "X-Real-IP",
            "X-Original-URL",
            "X-Rewrite-URL",
            "X-HTTP-Method-Override",
            "X-Remote-User",
            "X-Auth-Request-Email",
            "x-middleware-subrequest",
            "x-middleware-prefetch",
            "x-nextjs-data",
            "x-next-resume-state-length",
            "next-resume",
            "x-invoke-path",
            "x-matched-path",
            "x-now-route-matches",
            "x-vercel-id",
            "x-prerender-revalidate",
            "x-prerender-revalidate-if-generated",
            "x-action-redirect",
            "X-Request-Id",
            "X-Client-Ip",
            "X-Client-Cert-Dn",
            "Client-Cert",
            "Client-Cert-Chain",
            "Proxy",
            "Remote-User",
            "X-User",
            "X-WEBAUTH-USER",
            "X-MS-CLIENT-PRINCIPAL",
            "X-Amzn-Oidc-Identity",
            "X-Goog-Authenticated-User-Email",
            "X-SSL-Client-Cert",
            "SSL-Client-Cert",
            "X-ARR-ClientCert",
            "X-Host",
            "X-Scheme",
            "X-Cluster-Client-Ip",
            "True-Client-IP",
            "CF-Connecting-IP",
            "Fastly-Client-IP",
            "Front-End-Https",
            "any_thing",
        ];
        assert_eq!(survivors(&spoofed), Vec::<String>::new());
    }

    #[test]
    fn what_browsers_and_frameworks_need_is_kept() {
        let kept = [
            "accept",
            "cookie",
            "origin",
            "referer",
            "rsc",
            "next-router-state-tree",
            "next-router-prefetch",
            "next-router-segment-prefetch",
            "next-url",
            "next-action",
            "next-hmr-refresh",
            "x-nextjs-request-id",
            "x-nextjs-html-request-id",
            "x-deployment-id",
            "x-requested-with",
            "x-csrf-token",
            "sec-fetch-site",
            "purpose",
            "x-client-info",
            "traceparent",
            "if-none-match",
            "authorization",
        ];
        let mut left = survivors(&kept);
        let mut wanted: Vec<_> = kept.iter().map(|name| (*name).to_owned()).collect();
        left.sort();
        wanted.sort();
        assert_eq!(left, wanted);
    }
}
