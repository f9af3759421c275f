//! Every key there is, with what it takes, its default and what it does: the list by which unknown keys are refused
//! and from which the reference is printed.

use super::{Key, Section};

const fn key(
    name: &'static str,
    takes: &'static str,
    default: &'static str,
    about: &'static str,
) -> Key {
    Key {
        name,
        takes,
        default,
        about,
    }
}

/// All sections, in the order of the reference. The first one is the file's head, above all tables.
pub(crate) const SECTIONS: &[Section] = &[
    Section {
        name: "",
        repeated: false,
        about: "The head of the file, above all tables.",
        keys: &[key(
            "data_dir",
            "a folder",
            "the folder of `session.store`, else `data`",
            "Where keys and databases are kept. Relative paths start at the file's folder.",
        )],
    },
    Section {
        name: "server",
        repeated: false,
        about: "The listener that browsers reach.",
        keys: &[
            key(
                "listen",
                "host:port",
                "localhost:8080",
                "Where to listen: an address or `localhost`, which is 127.0.0.1 and ::1.",
            ),
            key(
                "public_url",
                "an origin",
                "http://localhost:PORT if `listen` is loopback",
                "The one address people know. Cookies, redirects and the CSRF check follow it. https, \
                 except on loopback.",
            ),
            key(
                "hosts",
                "a list of host names",
                "[]",
                "Further `Host` values that are answered. No wildcards.",
            ),
            key(
                "trusted_proxies",
                "a list of addresses or ranges",
                "[]",
                "Proxies in front whose `X-Forwarded-For` is believed.",
            ),
            key(
                "base_path",
                "a path",
                "/auth",
                "Where cloakroom's own endpoints live.",
            ),
        ],
    },
    Section {
        name: "session",
        repeated: false,
        about: "Sessions.",
        keys: &[
            key("mode", "\"server\"", "server", "Where sessions live."),
            key(
                "store",
                "\"sqlite:FILE\"",
                "sqlite:sessions.db in `data_dir`",
                "The database of sessions.",
            ),
            key(
                "profile",
                "\"aal2\"",
                "none",
                "Limits of NIST SP 800-63B AAL2: one hour idle, 24 hours in all. Longer ones are refused.",
            ),
            key(
                "idle_timeout",
                "a duration",
                "7d",
                "How long a session lives without activity.",
            ),
            key(
                "absolute_lifetime",
                "a duration",
                "14d",
                "How long a session lives at all.",
            ),
            key(
                "same_site",
                "\"lax\" or \"strict\"",
                "lax",
                "The cookie's SameSite attribute.",
            ),
            key(
                "outage_grace",
                "a duration",
                "30s",
                "How long known sessions are served while the store is down; `0s` fails closed at once.",
            ),
            key(
                "per_user",
                "a number",
                "100",
                "Sessions a user may have; the oldest ends.",
            ),
            key(
                "expose",
                "a list of claim names",
                "[]",
                "Claims of the user that `GET /auth/session` and the app's assertion show.",
            ),
        ],
    },
    Section {
        name: "keys",
        repeated: false,
        about: "Cloakroom's own keys.",
        keys: &[key(
            "source",
            "\"data_dir\"",
            "data_dir",
            "Where the keys are kept.",
        )],
    },
    Section {
        name: "provider",
        repeated: false,
        about: "Who knows the users.",
        keys: &[key(
            "kind",
            "\"builtin\"",
            "",
            "Which kind of provider: the identity service within.",
        )],
    },
    Section {
        name: "pages",
        repeated: false,
        about: "The pages people see.",
        keys: &[
            key(
                "login",
                "a path",
                "cloakroom's page",
                "The app's own login page.",
            ),
            key(
                "register",
                "a path",
                "cloakroom's page",
                "The app's own registration page.",
            ),
            key(
                "after_login",
                "a path",
                "/",
                "Where a login without `return_to` leads.",
            ),
            key("after_logout", "a path", "/", "Where a logout leads."),
        ],
    },
    Section {
        name: "pages.brand",
        repeated: false,
        about: "Whose pages they are.",
        keys: &[
            key("name", "text", "cloakroom", "The product's name."),
            key(
                "accent",
                "#rrggbb",
                "none",
                "The colour of buttons and links.",
            ),
            key("terms_url", "an address", "none", "The terms of use."),
            key(
                "privacy_url",
                "an address",
                "none",
                "The privacy statement.",
            ),
        ],
    },
    Section {
        name: "upstream",
        repeated: true,
        about: "An application or API behind cloakroom.",
        keys: &[
            key("name", "a word", "", "How routes and metrics call it."),
            key(
                "url",
                "http://host:port/path",
                "",
                "Where it listens. Its path stays in front.",
            ),
            key("kind", "\"plain\"", "plain", "What is known of it."),
        ],
    },
    Section {
        name: "route",
        repeated: true,
        about: "What holds for a set of paths. Order means nothing: the most specific path wins, and a path \
                without a route is refused.",
        keys: &[
            key(
                "path",
                "a pattern",
                "",
                "Which paths: `/goals`, `/goals/*` (one segment), `/api/**`.",
            ),
            key("upstream", "a name", "the only upstream", "Who answers."),
            key(
                "strip_prefix",
                "a path",
                "none",
                "What is taken off before forwarding.",
            ),
            key(
                "access",
                "\"public\", \"optional\", \"required\" or { roles = [..] }",
                "required",
                "Who may.",
            ),
            key(
                "methods",
                "a list of methods",
                "all",
                "Which methods there are.",
            ),
            key(
                "csrf",
                "\"origin\", \"header\", \"strict\" or \"off\"",
                "header under /api/, else origin",
                "What an unsafe method must prove.",
            ),
            key(
                "inject",
                "a list of \"bearer\", \"user_id\", \"session\", \"cookie:NAME\"",
                "bearer, user_id and, except under /api/, session",
                "What the upstream is told about the user.",
            ),
            key(
                "timeout",
                "a duration",
                "60s",
                "How long the upstream may take to begin its answer.",
            ),
            key(
                "body_limit",
                "a size or \"none\"",
                "10MiB",
                "The largest request body; `none` streams without end.",
            ),
            key(
                "replay",
                "true or false",
                "false",
                "Keep bodies up to 64 KiB, to send them again if the upstream refuses the token.",
            ),
            key(
                "authorization",
                "\"pass\"",
                "removed",
                "Let a client's own Authorization header pass.",
            ),
            key(
                "encoded",
                "[\"%2F\"]",
                "[]",
                "Escapes that may stand in the path.",
            ),
        ],
    },
    Section {
        name: "identity",
        repeated: false,
        about: "The identity service within.",
        keys: &[
            key("listen", "host:port", "127.0.0.1:8081", "Where it listens."),
            key(
                "store",
                "\"sqlite:FILE\"",
                "sqlite:identity.db in `data_dir`",
                "The database of users.",
            ),
            key(
                "issuer",
                "an address",
                "http:// and `listen`",
                "The `iss` of its tokens.",
            ),
            key(
                "audience",
                "text",
                "cloakroom:api",
                "The `aud` of its access tokens.",
            ),
            key(
                "access_ttl",
                "a duration",
                "15m",
                "Life of an access token.",
            ),
            key(
                "refresh_ttl",
                "a duration",
                "7d",
                "Life of an unused refresh token.",
            ),
            key(
                "absolute_lifetime",
                "a duration",
                "14d",
                "Life of a login, however often renewed.",
            ),
            key(
                "algorithm",
                "\"ES256\" or \"HS256\"",
                "ES256",
                "How access tokens are signed.",
            ),
            key(
                "repeat_window",
                "a duration",
                "10s",
                "How long a client without credential may repeat a refresh.",
            ),
        ],
    },
    Section {
        name: "identity.password",
        repeated: false,
        about: "What a password must be like, and what hashing it costs.",
        keys: &[
            key(
                "min_chars",
                "a number",
                "8",
                "The least number of characters.",
            ),
            key("min_score", "0 to 4", "3", "The least zxcvbn score."),
            key(
                "context",
                "a list of words",
                "[\"cloakroom\"]",
                "Words that are easy to guess here.",
            ),
            key("memory", "a size", "19MiB", "Memory of one argon2id hash."),
            key("passes", "a number", "2", "Passes of one argon2id hash."),
            key("lanes", "a number", "1", "Lanes of one argon2id hash."),
        ],
    },
    Section {
        name: "admin",
        repeated: false,
        about: "Health and metrics, on a listener of their own.",
        keys: &[key(
            "listen",
            "host:port or \"off\"",
            "127.0.0.1:9090",
            "Where it listens.",
        )],
    },
];

/// What the contract has and this version does not: named, so that nobody takes it for a typing error.
pub(super) const LATER: &[&str] = &[
    "server.tls",
    "provider.url",
    "provider.roles",
    "pages.forgot",
    "pages.error",
    "pages.brand.logo",
    "upstream.ca_file",
    "route.rewrite",
    "route.rate_limit",
    "route.actions",
    "app",
    "forward_auth",
    "mail",
];
