//! The stable error codes of the gateway's answers: what clients compare, and what the SDKs are generated from.

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:literal;)+) => {
        /// A stable code in the field `error` of an answer, with the status it always comes with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])* $variant),+
        }

        impl ErrorCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable code.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code),+
                }
            }

            /// The HTTP status (RFC 9110 §15) of every answer with this code.
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$variant => $status),+
                }
            }
        }
    };
}

codes! {
    /// The request is malformed.
    BadRequest = "bad_request", 400;
    /// The path is not canonical and could mean two things.
    BadPath = "bad_path", 400;
    /// There is no live session; `reason` says why.
    Unauthenticated = "unauthenticated", 401;
    /// Wrong name, wrong password or a disabled account: one answer for all three.
    InvalidCredentials = "invalid_credentials", 401;
    /// There is a session, but it lacks the role.
    Forbidden = "forbidden", 403;
    /// The request did not prove that it comes from this site.
    Csrf = "csrf", 403;
    /// The password has to be given again first.
    ReauthenticationRequired = "reauthentication_required", 403;
    /// No rule covers the path: no rule, no access.
    NoRoute = "no_route", 404;
    /// The path is ours, but there is no such thing.
    NotFound = "not_found", 404;
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed", 405;
    /// The user name belongs to somebody else.
    UsernameTaken = "username_taken", 409;
    /// The e-mail address belongs to somebody else.
    EmailTaken = "email_taken", 409;
    /// The body is larger than the route allows.
    BodyTooLarge = "body_too_large", 413;
    /// The request target is longer than is accepted.
    TargetTooLong = "target_too_long", 414;
    /// The body's media type is not one this endpoint reads.
    UnsupportedMediaType = "unsupported_media_type", 415;
    /// The Host header names a site that is not served here.
    UnknownHost = "unknown_host", 421;
    /// Fields of the form are wrong; `fields` says which and why.
    InvalidFields = "invalid_fields", 422;
    /// Too many attempts; `Retry-After` says how long to wait.
    RateLimited = "rate_limited", 429;
    /// The headers together are larger than is accepted.
    HeadersTooLarge = "headers_too_large", 431;
    /// Our own fault; the log has the cause under the request id.
    Internal = "internal", 500;
    /// The upstream or the provider answered nonsense.
    BadUpstream = "bad_upstream", 502;
    /// The session store cannot be reached: whether there is a session cannot be known.
    StoreUnavailable = "store_unavailable", 503;
    /// The access token has expired and the provider cannot be reached to renew it.
    RefreshUnavailable = "refresh_unavailable", 503;
    /// The upstream cannot be reached.
    UpstreamUnavailable = "upstream_unavailable", 503;
    /// The upstream did not answer in time.
    UpstreamTimeout = "upstream_timeout", 504;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_used_twice() {
        let mut codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ErrorCode::ALL.len());
    }
}
