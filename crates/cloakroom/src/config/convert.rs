//! Joins the sections to a [`Deployment`] and checks what only shows when they meet.

use std::path::Path;

use cloakroom_gateway::config::{Access, Config, CsrfMode, RefreshConfig, Rule, TableError};

use super::problem::{Findings, Place, Problem};
use super::read::Reader;
use super::tree::Table;
use super::{Deployment, Listeners, head, identity, routes, session};

/// `None` where something is missing without which there is nothing to check further.
pub(super) fn deployment(root: &Table, folder: &Path, findings: &Findings) -> Option<Deployment> {
    session::keys(root, findings);
    session::provider(root, findings);
    let data = head::data(root, folder, findings);
    let admin = head::admin(root, findings);
    let (identity_listen, identity) = identity::identity(root, findings);
    let (session, idle) = session::session(root, findings);
    if session.idle_timeout > identity.refresh_ttl {
        let title = "`session.idle_timeout` is longer than `identity.refresh_ttl`";
        let place = either(idle, || {
            Reader::new(root, "identity", findings).place("refresh_ttl")
        });
        findings.add(
            Problem::new(&place, title)
                .expected("a session cannot outlive the refresh token that renews it")
                .cure("make idle_timeout at most refresh_ttl, or refresh_ttl longer"),
        );
    }
    let server = head::server(root, findings);
    let base_path = server
        .as_ref()
        .map_or("/auth", |server| server.base_path.as_str())
        .to_owned();
    let pages = head::pages(root, &base_path, findings);
    let upstreams = routes::upstreams(root, findings);
    let rules = routes::rules(root, &base_path, findings);
    if rules.is_empty() {
        findings.add(
            Problem::new(&Place::Nowhere, "there is no [[route]]")
                .expected("without a rule there is no access: every request would be refused")
                .cure("add one: [[route]] path = \"/**\" upstream = \"app\" access = \"required\""),
        );
    }
    let server = server?;
    // From here on positions have to be right: with a gap there is nothing to judge.
    let upstreams: Option<Vec<_>> = upstreams.into_iter().collect();
    let rules: Option<Vec<(Rule, Place)>> = rules.into_iter().collect();
    let (mut rules, mut places): (Vec<_>, Vec<_>) = rules?.into_iter().unzip();
    let warnings = warnings(
        &rules,
        server.public_url.is_https(),
        admin.is_some_and(|at| !at.is_loopback()),
    );
    rules.extend(routes::own(&base_path)?);
    places.push(Place::Nowhere);
    let gateway = Config {
        public_url: server.public_url,
        hosts: server.hosts,
        trusted_proxies: server.trusted_proxies,
        base_path,
        session,
        refresh: RefreshConfig::default(),
        pages,
        upstreams: upstreams?,
        rules,
    };
    if let Err(error) = gateway.describe_routes() {
        findings.add(contradiction(&error, &places, &gateway.rules));
    }
    let listen = Listeners {
        gateway: server.listen,
        identity: identity_listen,
        admin,
    };
    Some(Deployment {
        gateway,
        identity,
        listen,
        data,
        warnings,
    })
}

fn either(place: Place, other: impl FnOnce() -> Place) -> Place {
    if place == Place::Nowhere {
        other()
    } else {
        place
    }
}

/// Leads an objection of the route table back to the route that it is about.
fn contradiction(error: &TableError, places: &[Place], rules: &[Rule]) -> Problem {
    let place = |rule: usize| places.get(rule).cloned().unwrap_or(Place::Nowhere);
    let path = |rule: usize| rules.get(rule).map_or("", |rule| rule.pattern.as_str());
    match error {
        TableError::Duplicate { first, second } => {
            let title = format!("two routes cover {} and {}", path(*first), path(*second));
            Problem::new(&place(*second), title)
                .expected("this route and an earlier one cover the same paths and methods")
                .cure("take one out, or split their methods; capital letters make no difference")
        }
        TableError::StripPrefix { rule } => {
            let title = format!("the strip_prefix of {} is not its beginning", path(*rule));
            Problem::new(&place(*rule), title)
                .expected("strip_prefix must be the literal beginning of path")
                .cure("for path = \"/api/proxy/**\" it is strip_prefix = \"/api/proxy\"")
        }
        TableError::NoUpstream { rule } => {
            Problem::new(&place(*rule), "the route's upstream does not exist")
                .cure("add the [[upstream]]")
        }
        TableError::TwoAuthorizations { rule } => {
            let title = format!("{} both passes and injects Authorization", path(*rule));
            Problem::new(&place(*rule), title)
                .expected("a request has one Authorization header")
                .cure("take \"bearer\" out of inject, or take out authorization = \"pass\"")
        }
        TableError::PublicIdentity { rule } => {
            let title = format!("{} is public, but injects an identity", path(*rule));
            Problem::new(&place(*rule), title)
                .expected("on a public route no session is opened, so there is nobody to introduce")
                .cure("write access = \"optional\", or take inject out")
        }
        TableError::Empty => {
            Problem::new(&Place::Nowhere, "there is no route").cure("add a [[route]]")
        }
    }
}

fn warnings(rules: &[Rule], https: bool, admin_is_public: bool) -> Vec<String> {
    let unguarded = rules.iter().filter(|rule| {
        rule.csrf == CsrfMode::Off && rule.access != Access::Public && rule.inject.bearer
    });
    let mut warnings: Vec<String> = unguarded
        .map(|rule| {
            format!(
                "{} has csrf = \"off\": any site can act there in the name of whoever is logged in",
                rule.pattern
            )
        })
        .collect();
    if !https {
        warnings.push("public_url is plain http: fit for this machine alone".to_owned());
    }
    if admin_is_public {
        warnings.push(
            "the admin listener can be reached from elsewhere: it has no authentication".to_owned(),
        );
    }
    warnings
}
