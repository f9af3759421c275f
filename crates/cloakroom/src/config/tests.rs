//! Each mistake with the line and column where it is shown, and the defaults of what is left out.

use std::path::Path;

use cloakroom_gateway::config::{Access, CsrfMode, SameSite, Target};

use super::*;

/// The least that starts.
const SMALL: &str = r#"
[provider]
kind = "builtin"
[[upstream]]
name = "app"
url = "http://localhost:3000"
[[route]]
path = "/**"
"#;

fn read_with(text: &str, variables: &[(&str, &str)]) -> Result<Deployment, Problems> {
    let environment = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    read(
        "cloakroom.toml",
        text.to_owned(),
        Path::new("/etc/cloakroom"),
        &environment,
    )
}

fn accepted(text: &str) -> Deployment {
    read_with(text, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

fn refused(text: &str) -> String {
    read_with(text, &[]).unwrap_err().render()
}

/// The small configuration with something in front and something behind.
fn small_with(before: &str, after: &str) -> String {
    format!("{before}{SMALL}{after}")
}

/// That a text is refused, and where and how it is said.
#[track_caller]
fn assert_refused(text: &str, said: &[&str]) {
    let shown = refused(text);
    for part in said {
        assert!(shown.contains(part), "{part:?} is not in:\n{shown}");
    }
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_contract() {
    let deployment = accepted(SMALL);
    let session = &deployment.gateway.session;
    assert_eq!(
        deployment.gateway.public_url.as_str(),
        "http://localhost:8080"
    );
    assert_eq!(deployment.listen.gateway.to_string(), "localhost:8080");
    assert_eq!(deployment.listen.identity.to_string(), "127.0.0.1:8081");
    assert_eq!(
        deployment.listen.admin.unwrap().to_string(),
        "127.0.0.1:9090"
    );
    assert_eq!(deployment.gateway.base_path, "/auth");
    assert_eq!(session.idle_timeout.as_secs(), 7 * 86_400);
    assert_eq!(session.absolute_lifetime.as_secs(), 14 * 86_400);
    assert_eq!(session.outage_grace.as_secs(), 30);
    assert_eq!(
        (session.per_principal, session.same_site),
        (100, SameSite::Lax)
    );
    assert_eq!(deployment.identity.access_ttl.as_secs(), 900);
    assert_eq!(deployment.identity.refresh_ttl.as_secs(), 7 * 86_400);
    assert_eq!(deployment.identity.issuer, "http://127.0.0.1:8081");
    assert_eq!(deployment.data.dir, Path::new("/etc/cloakroom/data"));
    assert_eq!(
        deployment.data.sessions,
        Path::new("/etc/cloakroom/data/sessions.db")
    );
    let rule = &deployment.gateway.rules[0];
    assert_eq!(
        (&rule.access, rule.csrf),
        (&Access::Required, CsrfMode::Origin)
    );
    assert_eq!(rule.body_limit, Some(10 * 1024 * 1024));
    assert!(rule.inject.bearer && rule.inject.user_id && rule.inject.assertion);
}

#[test]
fn our_own_endpoints_are_a_rule_that_nobody_writes() {
    let deployment = accepted(SMALL);
    let own = deployment
        .gateway
        .rules
        .iter()
        .find(|rule| rule.target == Target::Own)
        .unwrap();
    assert_eq!(own.pattern.as_str(), "/auth/**");
    assert_eq!(
        (&own.access, own.csrf),
        (&Access::Optional, CsrfMode::Origin)
    );
    assert_eq!(own.body_limit, Some(65_536));
}

#[test]
fn routes_under_api_ask_for_a_header_and_get_no_assertion() {
    let deployment = accepted(&small_with("", "[[route]]\npath = \"/api/**\"\n"));
    let api = &deployment.gateway.rules[1];
    assert_eq!(api.csrf, CsrfMode::Header);
    assert!(api.inject.bearer && !api.inject.assertion);
}

#[test]
fn every_key_of_a_route_arrives() {
    let route = r#"
[[route]]
path = "/files/**"
upstream = "app"
strip_prefix = "/files"
access = { roles = ["editor", "admin"] }
methods = ["GET", "PUT"]
csrf = "strict"
inject = ["user_id", "cookie:access_token"]
timeout = "5m"
body_limit = "none"
replay = true
authorization = "pass"
encoded = ["%2F"]
"#;
    let deployment = accepted(&small_with("", route));
    let rule = &deployment.gateway.rules[1];
    assert_eq!(
        rule.access,
        Access::Roles(vec!["editor".into(), "admin".into()])
    );
    assert_eq!(
        (rule.csrf, rule.strip_prefix.as_str()),
        (CsrfMode::Strict, "/files")
    );
    assert!(rule.methods.allow(&http::Method::PUT) && !rule.methods.allow(&http::Method::POST));
    assert_eq!(rule.inject.cookies, ["access_token"]);
    assert!(!rule.inject.bearer && rule.inject.user_id);
    assert_eq!((rule.timeout.as_secs(), rule.body_limit), (300, None));
    assert!(rule.replay && rule.pass_authorization && rule.encoded_slash);
}

// CF-01
#[test]
fn an_unknown_key_is_refused_where_it_stands_with_the_one_that_was_meant() {
    let shown = refused(
        "[server]\npublik_url = \"http://localhost:8080\"\n[provider]\nkind = \"builtin\"\n[[upstream]]\nname = \"app\"\nurl = \"http://localhost:3000\"\n[[route]]\npath = \"/**\"\n",
    );
    let expected = r#"error: unknown key `server.publik_url`
 --> cloakroom.toml:2:1
  |
2 | publik_url = "http://localhost:8080"
  | ^^^^^^^^^^ there is no such key
  |
  = help: did you mean `public_url`?"#;
    assert_eq!(shown, expected);
}

// CF-01
#[test]
fn unknown_tables_and_keys_in_lists_of_tables_are_refused() {
    assert_refused(
        &small_with("", "acess = \"public\"\n"),
        &["cloakroom.toml:9:1", "did you mean `access`?"],
    );
    assert_refused(
        &small_with("", "[sesion]\n"),
        &["unknown key `sesion`", "did you mean `session`?"],
    );
    assert_refused(
        &small_with("[identity.password]\nmin_char = 9\n", ""),
        &[":2:1", "`min_chars`"],
    );
}

#[test]
fn what_a_later_version_has_is_not_called_a_typing_error() {
    assert_refused(
        &small_with("[mail]\nfrom = \"x\"\n", ""),
        &["`mail` is not supported by this version"],
    );
    let shown = refused(&small_with("[session]\nmode = \"stateless\"\n", ""));
    assert!(shown.contains("cloakroom.toml:2:8"), "{shown}");
    assert!(
        shown.contains("\"server\" is supported by this version"),
        "{shown}"
    );
    assert_refused(
        &small_with("[keys]\nsource = \"env\"\n", ""),
        &[":2:10", "does not know"],
    );
    assert_refused(
        &small_with("[session]\nstore = \"redis://localhost\"\n", ""),
        &[":2:9", "not supported by this version"],
    );
}

// CF-01
#[test]
fn a_public_url_that_is_no_safe_origin_is_refused() {
    for (url, expected) in [
        ("http://app.example.com", "http is for loopback names only"),
        ("https://*.example.com", "not a valid name"),
        (
            "https://app.example.com/path",
            "scheme, host and port alone",
        ),
        ("app.example.com", "must begin with https://"),
    ] {
        let text = small_with(&format!("[server]\npublic_url = \"{url}\"\n"), "");
        assert_refused(&text, &["cloakroom.toml:2:14", expected]);
    }
}

// CF-01
#[test]
fn hosts_and_proxies_that_stand_for_everybody_are_refused() {
    assert_refused(
        &small_with("[server]\nhosts = [\"*.example.com\"]\n", ""),
        &[":2:10", "no wildcard"],
    );
    assert_refused(
        &small_with(
            "[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"0.0.0.0/0\"]\n",
            "",
        ),
        &[":2:34", "this range is everybody"],
    );
}

// CF-01
#[test]
fn an_identity_service_with_a_weak_setting_is_refused_at_the_setting() {
    assert_refused(
        &small_with("[identity.password]\nmin_chars = 6\n", ""),
        &[":2:13", "at least 8 characters"],
    );
    assert_refused(
        &small_with("[identity.password]\nmemory = \"8MiB\"\n", ""),
        &[":2:10", "19456 KiB"],
    );
    assert_refused(
        &small_with("[identity]\nissuer = \"http://id.example.com\"\n", ""),
        &[":2:10", "http:// only on localhost"],
    );
    assert_refused(
        &small_with("[identity]\naccess_ttl = \"2d\"\n", ""),
        &[":2:14", "one day"],
    );
}

// CF-01
#[test]
fn a_configuration_without_a_route_is_refused() {
    let text = "[provider]\nkind = \"builtin\"\n";
    assert_refused(
        text,
        &["there is no [[route]]", "every request would be refused"],
    );
}

#[test]
fn a_route_table_need_not_cover_everything() {
    let text = SMALL.replace("/**", "/only/**");
    let routes = accepted(&text).gateway.describe_routes().unwrap();
    let written = routes.iter().filter(|line| !line.starts_with("/auth/"));
    assert_eq!(written.count(), 1);
}

#[test]
fn sessions_that_outlive_what_renews_them_are_refused() {
    let text = small_with("[session]\nidle_timeout = \"10d\"\n", "");
    assert_refused(
        &text,
        &["cloakroom.toml:2:16", "longer than `identity.refresh_ttl`"],
    );
    let text = small_with(
        "[session]\nidle_timeout = \"2h\"\nabsolute_lifetime = \"1h\"\n",
        "",
    );
    assert_refused(&text, &[":2:16", "longer than `session.absolute_lifetime`"]);
}

#[test]
fn the_profile_aal2_shortens_sessions_and_refuses_longer_ones() {
    let session = accepted(&small_with("[session]\nprofile = \"aal2\"\n", ""))
        .gateway
        .session;
    assert_eq!(
        (
            session.idle_timeout.as_secs(),
            session.absolute_lifetime.as_secs()
        ),
        (3600, 86_400)
    );
    let text = small_with("[session]\nprofile = \"aal2\"\nidle_timeout = \"2h\"\n", "");
    assert_refused(&text, &[":3:16", "at most 1 hours"]);
}

#[test]
fn values_of_the_wrong_kind_are_shown_with_what_is_expected() {
    assert_refused(
        &small_with("[session]\nidle_timeout = 900\n", ""),
        &[":2:16", "`session.idle_timeout` is a number"],
    );
    assert_refused(
        &small_with("[session]\nidle_timeout = \"15\"\n", ""),
        &[":2:16", "such as \"15m\""],
    );
    assert_refused(
        &small_with("", "replay = \"yes\"\n"),
        &[":9:10", "true or false, without quotes"],
    );
    assert_refused(
        &small_with("", "body_limit = \"10MB\"\n"),
        &[":9:14", "such as \"10MiB\""],
    );
    assert_refused(
        &small_with("", "methods = [\"GET\", \"TRACE\"]\n"),
        &[":9:19", "no method that is forwarded"],
    );
    assert_refused(
        &small_with("", "inject = [\"cookie:a b\"]\n"),
        &[":9:11", "cannot be injected"],
    );
    assert_refused(
        &small_with("", "access = { roles = [] }\n"),
        &[":9:10", "names no roles"],
    );
    assert_refused(
        &small_with("server = 1\n", ""),
        &[":1:10", "a table: [server]"],
    );
}

#[test]
fn a_syntax_error_is_shown_where_it_is() {
    assert_refused(
        &small_with("[server]\nlisten = \n", ""),
        &["cloakroom.toml:2", "this is not TOML"],
    );
}

#[test]
fn routes_that_contradict_each_other_are_refused_at_the_later_one() {
    let twice = small_with(
        "",
        "[[route]]\npath = \"/A/**\"\n[[route]]\npath = \"/a/**\"\n",
    );
    assert_refused(
        &twice,
        &["cloakroom.toml:11:1", "cover the same paths and methods"],
    );
    let strip = small_with("", "[[route]]\npath = \"/a/**\"\nstrip_prefix = \"/b\"\n");
    assert_refused(&strip, &[":9:1", "literal beginning of path"]);
    let public = small_with(
        "",
        "[[route]]\npath = \"/a\"\naccess = \"public\"\ninject = [\"user_id\"]\n",
    );
    assert_refused(&public, &[":9:1", "no session is opened"]);
    let two = small_with("", "authorization = \"pass\"\ninject = [\"bearer\"]\n");
    assert_refused(&two, &[":7:1", "one Authorization header"]);
}

#[test]
fn a_route_cannot_take_our_own_endpoints() {
    let text = small_with("", "[[route]]\npath = \"/auth/login\"\n");
    assert_refused(&text, &["cloakroom.toml:10:8", "cloakroom's own endpoints"]);
}

#[test]
fn an_upstream_that_does_not_exist_is_refused_with_the_one_that_was_meant() {
    assert_refused(
        &small_with("", "upstream = \"ap\"\n"),
        &[":9:12", "did you mean \"app\"?"],
    );
}

#[test]
fn a_page_that_leaves_the_site_is_refused() {
    assert_refused(
        &small_with("[pages]\nafter_login = \"//evil.example\"\n", ""),
        &[":2:15", "a path of this site"],
    );
    assert_refused(
        &small_with("[pages.brand]\nterms_url = \"javascript:alert(1)\"\n", ""),
        &[":2:13", "https address"],
    );
}

#[test]
fn a_listener_that_is_reached_from_elsewhere_needs_a_public_url() {
    let text = small_with("[server]\nlisten = \"0.0.0.0:8080\"\n", "");
    assert_refused(
        &text,
        &["cloakroom.toml:2:10", "`server.public_url` is missing"],
    );
}

#[test]
fn all_mistakes_of_a_file_are_shown_at_once_in_their_order() {
    let shown = refused(
        "[server]\nlistn = \"x\"\n[session]\nidle_timeout = 5\n[provider]\nkind = \"ldap\"\n[[upstream]]\nname = \"app\"\n[[route]]\npath = \"a\"\n",
    );
    let places: Vec<_> = shown
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--> cloakroom.toml:"))
        .collect();
    assert_eq!(places, ["2:1", "4:16", "6:8", "7:1", "10:8"], "{shown}");
}

#[test]
fn a_variable_of_the_environment_wins_over_the_file() {
    let text = small_with("[server]\nlisten = \"localhost:1\"\n", "");
    let variables = [
        ("CLOAKROOM__SERVER__LISTEN", "localhost:8443"),
        ("CLOAKROOM__SERVER__TRUSTED_PROXIES", "[\"10.0.0.0/8\"]"),
        ("CLOAKROOM__IDENTITY__PASSWORD__MIN_CHARS", "12"),
        ("CLOAKROOM_DEMO_PASSWORD", "not a setting"),
        ("UNRELATED", "x"),
    ];
    let deployment = read_with(&text, &variables).unwrap();
    assert_eq!(deployment.listen.gateway.port(), 8443);
    assert_eq!(deployment.gateway.trusted_proxies.len(), 1);
    assert_eq!(deployment.identity.password.min_chars, 12);
}

// CF-01
#[test]
fn a_mistake_in_a_variable_is_shown_with_the_variables_name() {
    let shown = |name, value| read_with(SMALL, &[(name, value)]).unwrap_err().render();
    let text = shown("CLOAKROOM__SERVER__LISTN", "x");
    assert!(
        text.contains("in the environment variable CLOAKROOM__SERVER__LISTN"),
        "{text}"
    );
    assert!(text.contains("did you mean `listen`?"), "{text}");
    let text = shown("CLOAKROOM__SESSION__IDLE_TIMEOUT", "soon");
    assert!(text.contains("CLOAKROOM__SESSION__IDLE_TIMEOUT"), "{text}");
    let text = shown("CLOAKROOM__ROUTE__0__ACCESS", "public");
    assert!(text.contains("can only be written in the file"), "{text}");
}

#[test]
fn data_lies_beside_the_named_store_or_where_it_is_told() {
    let data = accepted(&small_with(
        "[session]\nstore = \"sqlite:/var/db/s.db\"\n",
        "",
    ))
    .data;
    assert_eq!(
        (data.dir.as_path(), data.sessions.as_path()),
        (Path::new("/var/db"), Path::new("/var/db/s.db"))
    );
    assert_eq!(data.identity, Path::new("/var/db/identity.db"));
    let data = accepted(&small_with("data_dir = \"state\"\n", "")).data;
    assert_eq!(data.dir, Path::new("/etc/cloakroom/state"));
}

#[test]
fn settings_that_deserve_a_thought_are_warnings() {
    let warnings = accepted(&small_with(
        "[admin]\nlisten = \"0.0.0.0:9090\"\n",
        "csrf = \"off\"\n",
    ))
    .warnings;
    assert!(
        warnings.iter().any(|text| text.contains("csrf = \"off\"")),
        "{warnings:?}"
    );
    assert!(
        warnings.iter().any(|text| text.contains("admin listener")),
        "{warnings:?}"
    );
}

// CF-05
#[test]
fn health_and_metrics_listen_on_loopback_unless_told_otherwise() {
    assert!(accepted(SMALL).listen.admin.unwrap().is_loopback());
    assert!(
        accepted(&small_with("[admin]\nlisten = \"off\"\n", ""))
            .listen
            .admin
            .is_none()
    );
}

fn flags() -> Flags {
    Flags {
        app: Some("http://localhost:3000".into()),
        api: Some("http://localhost:5000/api".into()),
        provider: Some("builtin".into()),
        protect: vec!["/dashboard/**".into()],
        role: vec![("/admin/**".into(), "admin".into())],
        ..Flags::default()
    }
}

#[test]
fn without_a_file_the_routes_are_those_of_the_contract() {
    let deployment = from_flags(&flags(), &Environment::default()).unwrap();
    assert_eq!(
        deployment.gateway.describe_routes().unwrap(),
        [
            "/_next/static/**             public               → app (http://localhost:3000)",
            "/admin/**                    role admin           → app (http://localhost:3000)",
            "/api/proxy/**                required             → api (http://localhost:5000/api)",
            "/auth/assets/**              public               → cloakroom",
            "/auth/jwks.json              public               → cloakroom",
            "/auth/**                     optional             → cloakroom",
            "/dashboard/**                required             → app (http://localhost:3000)",
            "/favicon.ico                 public               → app (http://localhost:3000)",
            "/robots.txt                  public               → app (http://localhost:3000)",
            "/**                          optional             → app (http://localhost:3000)",
        ]
    );
    let api = deployment
        .gateway
        .rules
        .iter()
        .find(|rule| rule.pattern.as_str() == "/api/proxy/**");
    let api = api.unwrap();
    assert_eq!(
        (api.strip_prefix.as_str(), api.csrf),
        ("/api/proxy", CsrfMode::Header)
    );
    assert_eq!(
        deployment.gateway.public_url.as_str(),
        "http://localhost:8080"
    );
}

#[test]
fn a_mistake_in_a_flag_is_shown_with_the_flags_name() {
    let flags = Flags {
        app: Some("localhost:3000".into()),
        protect: vec!["dashboard".into()],
        ..flags()
    };
    let shown = from_flags(&flags, &Environment::default())
        .unwrap_err()
        .render();
    assert!(shown.contains("in the flag --app"), "{shown}");
    assert!(shown.contains("must begin with http://"), "{shown}");
    assert!(shown.contains("in the flag --protect"), "{shown}");
}

#[test]
fn without_a_file_the_provider_has_to_be_named() {
    let flags = Flags {
        provider: None,
        ..flags()
    };
    let shown = from_flags(&flags, &Environment::default())
        .unwrap_err()
        .render();
    assert!(shown.contains("`provider.kind` is missing"), "{shown}");
}

#[test]
fn the_reference_that_is_checked_in_is_the_one_that_is_printed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/configuration.md");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == reference::markdown(),
        "run `cargo run -- reference > docs/reference/configuration.md`"
    );
}
