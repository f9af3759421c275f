//! Reads `[session]`, `[keys]` and `[provider]`.

use std::time::Duration;

use cloakroom_gateway::config::{SameSite, SessionConfig};

use super::problem::{Findings, Place, Problem};
use super::read::Reader;
use super::tree::Table;

const DAY: Duration = Duration::from_secs(86_400);

/// What `[session]` says, with the place of the idle timeout for checks against other sections.
pub(super) fn session(root: &Table, findings: &Findings) -> (SessionConfig, Place) {
    let table = Reader::new(root, "session", findings);
    table.choice("mode", &[("server", ())]);
    let aal2 = table.choice("profile", &[("aal2", ())]).is_some();
    let (idle, absolute) = if aal2 {
        (Duration::from_secs(3600), DAY)
    } else {
        (7 * DAY, 14 * DAY)
    };
    let idle_timeout = limited(&table, "idle_timeout", idle, aal2);
    let absolute_lifetime = limited(&table, "absolute_lifetime", absolute, aal2);
    if idle_timeout > absolute_lifetime {
        let title = "`session.idle_timeout` is longer than `session.absolute_lifetime`";
        table.report(
            Problem::new(
                &first_place(&table, ["idle_timeout", "absolute_lifetime"]),
                title,
            )
            .expected("a session ends at its absolute lifetime, however active")
            .cure("make idle_timeout shorter, or absolute_lifetime longer"),
        );
    }
    let same_site = [("lax", SameSite::Lax), ("strict", SameSite::Strict)];
    let config = SessionConfig {
        idle_timeout,
        absolute_lifetime,
        same_site: table
            .choice("same_site", &same_site)
            .unwrap_or(SameSite::Lax),
        outage_grace: table
            .duration("outage_grace")
            .unwrap_or(Duration::from_secs(30)),
        per_principal: per_user(&table),
        expose: table
            .list("expose")
            .into_iter()
            .map(|placed| placed.value.to_owned())
            .collect(),
    };
    (config, table.place("idle_timeout"))
}

/// A lifetime that is not zero and, under the profile, not longer than its default.
fn limited(table: &Reader<'_>, key: &str, default: Duration, capped: bool) -> Duration {
    let written = table.duration(key).unwrap_or(default);
    let refuse = |expected: String| {
        let title = format!("`{}` cannot be used", table.path(key));
        let problem = Problem::new(&table.place(key), title).expected(expected);
        table.report(problem.cure(format!("the default is {} hours", default.as_secs() / 3600)));
    };
    if written < Duration::from_secs(60) {
        refuse("at least \"60s\"".to_owned());
    } else if capped && written > default {
        refuse(format!(
            "profile aal2 allows at most {} hours",
            default.as_secs() / 3600
        ));
    }
    written
}

fn per_user(table: &Reader<'_>) -> u32 {
    let number = table.number("per_user").unwrap_or(100);
    if number == 0 {
        let problem = Problem::new(&table.place("per_user"), "`session.per_user` is 0");
        table.report(
            problem
                .expected("at least 1")
                .cure("nobody could log in; the default is 100"),
        );
    }
    number
}

fn first_place<const N: usize>(table: &Reader<'_>, keys: [&str; N]) -> Place {
    let written = keys.into_iter().find(|key| table.item(key).is_some());
    written.map_or(Place::Nowhere, |key| table.place(key))
}

/// `[keys]` has one source so far.
pub(super) fn keys(root: &Table, findings: &Findings) {
    Reader::new(root, "keys", findings).choice("source", &[("data_dir", ())]);
}

/// `[provider]` has one kind so far, which must be written: who knows the users is no default.
pub(super) fn provider(root: &Table, findings: &Findings) {
    let table = Reader::new(root, "provider", findings);
    if table.required("kind", &Place::Nowhere).is_some() {
        table.choice("kind", &[("builtin", ())]);
    }
}
