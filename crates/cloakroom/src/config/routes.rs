//! Reads `[[upstream]]` and `[[route]]`.

use std::collections::BTreeSet;
use std::time::Duration;

use cloakroom_gateway::config::{
    Access, CsrfMode, Inject, Methods, Pattern, Rule, Target, Upstream, UpstreamUrl,
};
use http::Method;

use super::problem::{Findings, Place, Problem};
use super::read::{Placed, Reader};
use super::tree::{Item, Table, Value};
use super::units;

const MEBIBYTE: u64 = 1024 * 1024;

/// The upstreams. One that cannot be used keeps its place, so that routes are not blamed for it.
pub(super) fn upstreams(root: &Table, findings: &Findings) -> Vec<Option<Upstream>> {
    let mut names = BTreeSet::new();
    let read = |(table, place): (Reader<'_>, Place)| {
        table.choice("kind", &[("plain", ())]);
        let name = table.required("name", &place)?;
        let url = table
            .required("url", &place)
            .and_then(|_| table.parsed("url", UpstreamUrl::parse))?;
        if !names.insert(name.value.to_owned()) {
            let title = format!("two upstreams are called \"{}\"", name.value);
            let problem = Problem::new(&name.place, title).expected("a name of its own");
            table.report(problem.cure("routes could not tell them apart: rename one"));
        }
        Some(Upstream {
            name: name.value.to_owned(),
            url: url.value,
        })
    };
    Reader::each(root, "upstream", findings)
        .into_iter()
        .map(read)
        .collect()
}

/// The rules, each with the place of its table.
pub(super) fn rules(
    root: &Table,
    base_path: &str,
    findings: &Findings,
) -> Vec<Option<(Rule, Place)>> {
    let names: Vec<Option<String>> = Reader::each(root, "upstream", findings)
        .iter()
        .map(
            |(table, _)| match table.item("name").map(|item| &item.value) {
                Some(Value::Text(name)) => Some(name.clone()),
                _ => None,
            },
        )
        .collect();
    let routes = Reader::each(root, "route", findings);
    let read = |(table, place): (Reader<'_>, Place)| {
        Some((rule(&table, &place, &names, base_path)?, place))
    };
    routes.into_iter().map(read).collect()
}

/// The rules for our own endpoints, which exist without being written. Style sheets and public keys belong to
/// nobody's session: they can be cached, and are there while the session store is not.
pub(super) fn own(base_path: &str) -> Option<Vec<Rule>> {
    let rule = |path: &str, access, methods| {
        Some(Rule {
            pattern: Pattern::parse(&format!("{base_path}{path}")).ok()?,
            target: Target::Own,
            strip_prefix: String::new(),
            access,
            methods,
            csrf: CsrfMode::Origin,
            inject: Inject::default(),
            timeout: Duration::from_secs(60),
            body_limit: Some(64 * 1024),
            replay: false,
            pass_authorization: false,
            encoded_slash: false,
        })
    };
    let reading = || Methods::Only(vec![Method::GET]);
    Some(vec![
        rule("/**", Access::Optional, Methods::Any)?,
        rule("/assets/**", Access::Public, reading())?,
        rule("/jwks.json", Access::Public, reading())?,
    ])
}

fn rule(
    table: &Reader<'_>,
    place: &Place,
    names: &[Option<String>],
    base_path: &str,
) -> Option<Rule> {
    let target = target(table, place, names);
    let pattern = table
        .required("path", place)
        .and_then(|_| table.parsed("path", Pattern::parse))?;
    let Placed {
        value: pattern,
        place: path,
    } = pattern;
    if pattern.begins_with(base_path) {
        let title =
            format!("`{pattern}` lies under {base_path}, where cloakroom's own endpoints are");
        let problem = Problem::new(&path, title).expected("a path of the app");
        table.report(
            problem.cure("choose another path, or move ours: [server] base_path = \"/session\""),
        );
    }
    let api = pattern.begins_with("/api");
    let access = access(table);
    let pass_authorization = table.choice("authorization", &[("pass", ())]).is_some();
    let inject = match table.item("inject") {
        Some(_) => inject(table),
        None => usual_injection(&access, api, pass_authorization),
    };
    let csrf = [
        ("origin", CsrfMode::Origin),
        ("header", CsrfMode::Header),
        ("strict", CsrfMode::Strict),
        ("off", CsrfMode::Off),
    ];
    let usual_csrf = if api {
        CsrfMode::Header
    } else {
        CsrfMode::Origin
    };
    Some(Rule {
        pattern,
        target: target?,
        strip_prefix: table
            .text("strip_prefix")
            .map(|placed| placed.value.to_owned())
            .unwrap_or_default(),
        access,
        methods: methods(table),
        csrf: table.choice("csrf", &csrf).unwrap_or(usual_csrf),
        inject,
        timeout: table.duration("timeout").unwrap_or(Duration::from_secs(60)),
        body_limit: body_limit(table),
        replay: table.boolean("replay").unwrap_or(false),
        pass_authorization,
        encoded_slash: encoded_slash(table),
    })
}

fn target(table: &Reader<'_>, place: &Place, names: &[Option<String>]) -> Option<Target> {
    if table.item("upstream").is_none() && names.len() == 1 {
        return Some(Target::Upstream(0));
    }
    let Placed { value, place } = table.required("upstream", place)?;
    let found = names.iter().position(|name| name.as_deref() == Some(value));
    if found.is_none() {
        let known: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
        let title = format!("there is no upstream \"{value}\"");
        let problem = Problem::new(&place, title).expected("the name of an [[upstream]]");
        table.report(problem.cure(
            match super::suggest::closest(value, known.iter().copied()) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => format!(
                    "known: {}",
                    if known.is_empty() {
                        "none".into()
                    } else {
                        known.join(", ")
                    }
                ),
            },
        ));
    }
    found.map(Target::Upstream)
}

fn access(table: &Reader<'_>) -> Access {
    if let Some(Item {
        value: Value::Table(inner),
        place,
        ..
    }) = table.item("access")
    {
        return roles(table, inner, place);
    }
    // `choice` wants copies; a word stands for each until it is known which.
    let words = [("public", 0), ("optional", 1), ("required", 2)];
    match table.choice("access", &words) {
        Some(0) => Access::Public,
        Some(1) => Access::Optional,
        _ => Access::Required,
    }
}

fn roles(table: &Reader<'_>, inner: &Table, place: &Place) -> Access {
    let list = match inner.get("roles").map(|item| &item.value) {
        Some(Value::List(list)) if inner.len() == 1 => list.as_slice(),
        _ => &[],
    };
    let role = |item: &Item| match &item.value {
        Value::Text(role) if !role.is_empty() => Some(role.clone()),
        _ => None,
    };
    let roles: Vec<String> = list.iter().filter_map(role).collect();
    if roles.is_empty() || roles.len() != list.len() {
        let problem = Problem::new(place, "`route.access` names no roles");
        table.report(
            problem
                .expected("{ roles = [\"admin\"] }")
                .cure("name at least one role, in quotes"),
        );
    }
    Access::Roles(roles)
}

fn methods(table: &Reader<'_>) -> Methods {
    if table.item("methods").is_none() {
        return Methods::Any;
    }
    let parse = |Placed { value, place }: Placed<&str>| {
        let method = Method::from_bytes(value.as_bytes())
            .ok()
            .filter(|method| Methods::Any.allow(method));
        if method.is_none() {
            let title = format!("\"{value}\" is no method that is forwarded");
            let problem = Problem::new(&place, title);
            table.report(
                problem
                    .expected("GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS")
                    .cure(
                        "write methods in capital letters; without the key all of them are allowed",
                    ),
            );
        }
        method
    };
    Methods::Only(
        table
            .list("methods")
            .into_iter()
            .filter_map(parse)
            .collect(),
    )
}

fn usual_injection(access: &Access, api: bool, pass_authorization: bool) -> Inject {
    match access {
        Access::Public => Inject::default(),
        Access::Optional | Access::Required | Access::Roles(_) => Inject {
            bearer: !pass_authorization,
            user_id: true,
            assertion: !api,
            cookies: Vec::new(),
        },
    }
}

fn inject(table: &Reader<'_>) -> Inject {
    let mut inject = Inject::default();
    for Placed { value, place } in table.list("inject") {
        match value.split_once(':') {
            None if value == "bearer" => inject.bearer = true,
            None if value == "user_id" => inject.user_id = true,
            None if value == "session" => inject.assertion = true,
            Some(("cookie", name)) if is_cookie_name(name) => inject.cookies.push(name.to_owned()),
            _ => {
                let problem = Problem::new(&place, format!("\"{value}\" cannot be injected"));
                let expected = "\"bearer\", \"user_id\", \"session\" or \"cookie:NAME\"";
                table.report(
                    problem
                        .expected(expected)
                        .cure("an empty list injects nothing"),
                );
            }
        }
    }
    inject
}

/// A token of RFC 9110 §5.6.2, which is what a cookie's name is (RFC 6265 §4.1.1).
fn is_cookie_name(name: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(legal)
}

fn body_limit(table: &Reader<'_>) -> Option<u64> {
    let parse = |text: &str| match text {
        "none" => Ok(None),
        text => units::size(text)
            .map(Some)
            .ok_or("a size such as \"10MiB\", or \"none\""),
    };
    table
        .parsed("body_limit", parse)
        .map_or(Some(10 * MEBIBYTE), |placed| placed.value)
}

fn encoded_slash(table: &Reader<'_>) -> bool {
    let list = table.list("encoded");
    for Placed { value, place } in list.iter().filter(|placed| placed.value != "%2F") {
        let problem = Problem::new(place, format!("\"{value}\" cannot stand in a path"));
        table.report(
            problem
                .expected("[\"%2F\"] or nothing")
                .cure("only an escaped slash can be allowed"),
        );
    }
    list.iter().any(|placed| placed.value == "%2F")
}
