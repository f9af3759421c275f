//! Who may depend on whom: the rules as tables, and a pure function that judges a workspace by them.

use std::collections::BTreeSet;

/// Which crates of ours each crate of ours may name. A crate that is not in this table is refused:
/// a new one needs a place in the picture first. `cloakroom-testkit` is not named here, because it
/// may be a dev-dependency of all and a dependency of none.
const MAY_SEE: &[(&str, &[&str])] = &[
    ("cloakroom-core", &[]),
    ("cloakroom-jose", &[]),
    ("cloakroom-testkit", &["cloakroom-core"]),
    ("cloakroom-axum", &["cloakroom-jose"]),
    ("cloakroom-gateway", &["cloakroom-core", "cloakroom-jose"]),
    ("cloakroom-providers", &["cloakroom-core", "cloakroom-jose"]),
    ("cloakroom-identity", &["cloakroom-core", "cloakroom-jose"]),
    ("cloakroom-store", &["cloakroom-core"]),
    ("cloakroom-demo", &["cloakroom-core", "cloakroom-axum"]),
    (
        "cloakroom",
        &[
            "cloakroom-core",
            "cloakroom-gateway",
            "cloakroom-providers",
            "cloakroom-identity",
            "cloakroom-store",
            "cloakroom-demo",
        ],
    ),
    ("xtask", &[]),
];

/// All that `cloakroom-core` may be built from: words and pure logic need no more.
const CORE_MAY_USE: &[&str] = &[
    "async-trait",
    "bytes",
    "http",
    "secrecy",
    "serde",
    "serde_json",
    "subtle",
    "thiserror",
    "uuid",
    "zeroize",
];

/// Libraries with one home: the library, its homes, why.
const ONLY: &[(&str, &[&str], &str)] = &[
    ("sqlx", &["cloakroom-store"], "only the store sees SQL"),
    ("redis", &["cloakroom-store"], "only the store sees Redis"),
    (
        "argon2",
        &["cloakroom-identity"],
        "only identity sees a password hash",
    ),
    (
        "askama",
        &["cloakroom-gateway", "cloakroom-demo"],
        "only the gateway and the demo write pages",
    ),
];

/// Libraries that nothing may bring in, however deep: the library, why.
const NEVER: &[(&str, &str)] = &[
    ("openssl", "aws-lc-rs is the one crypto library"),
    ("openssl-sys", "aws-lc-rs is the one crypto library"),
    ("native-tls", "TLS is rustls on aws-lc-rs"),
    ("ring", "aws-lc-rs is the one crypto library"),
    (
        "rsa",
        "its private-key operations leak by timing, and no fixed version exists",
    ),
];

const CORE: &str = "cloakroom-core";
const TESTKIT: &str = "cloakroom-testkit";

/// What the rules look at: our crates with what they declare, and the name of every crate that is
/// really built.
pub(super) struct Workspace {
    pub(super) ours: Vec<Crate>,
    pub(super) built: BTreeSet<String>,
}

/// One crate of ours.
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) dependencies: Vec<Dependency>,
}

/// One line of its `Cargo.toml`.
pub(super) struct Dependency {
    pub(super) name: String,
    /// A dev-dependency: seen by tests, never shipped.
    pub(super) dev: bool,
}

/// Every rule that is broken, one line each.
pub(super) fn violations(workspace: &Workspace) -> Vec<String> {
    let ours: BTreeSet<&str> = workspace.ours.iter().map(|one| one.name.as_str()).collect();
    let mut found = Vec::new();
    for one in &workspace.ours {
        found.extend(unknown(one));
        found.extend(
            one.dependencies
                .iter()
                .filter_map(|used| sees_too_much(one, used, &ours)),
        );
        found.extend(
            one.dependencies
                .iter()
                .filter_map(|used| core_grows(one, used)),
        );
        found.extend(
            one.dependencies
                .iter()
                .filter_map(|used| away_from_home(one, used)),
        );
    }
    found.extend(
        NEVER
            .iter()
            .filter(|(library, _)| workspace.built.contains(*library))
            .map(|(library, why)| {
                format!(
                    "{library} is built, and must not be: {why} (see `cargo tree -i {library}`)"
                )
            }),
    );
    found
}

fn unknown(one: &Crate) -> Option<String> {
    let known = MAY_SEE.iter().any(|(name, _)| *name == one.name);
    (!known).then(|| format!("{} has no place in the picture of the crates", one.name))
}

fn sees_too_much(one: &Crate, used: &Dependency, ours: &BTreeSet<&str>) -> Option<String> {
    let Crate { name, .. } = one;
    let Dependency { name: other, dev } = used;
    if other == TESTKIT {
        return (!dev).then(|| format!("{name} ships {TESTKIT}: it is for tests alone"));
    }
    if !ours.contains(other.as_str()) {
        return None;
    }
    let (_, may_see) = MAY_SEE.iter().find(|(crate_name, _)| crate_name == name)?;
    if may_see.contains(&other.as_str()) {
        return None;
    }
    let allowed = if may_see.is_empty() {
        "no crate of ours".into()
    } else {
        may_see.join(", ")
    };
    Some(format!("{name} depends on {other}: it may see {allowed}"))
}

fn core_grows(one: &Crate, used: &Dependency) -> Option<String> {
    let refused = one.name == CORE && !used.dev && !CORE_MAY_USE.contains(&used.name.as_str());
    refused.then(|| {
        format!(
            "{CORE} depends on {}: everybody builds on core, it stays pure",
            used.name
        )
    })
}

fn away_from_home(one: &Crate, used: &Dependency) -> Option<String> {
    let (library, homes, why) = ONLY.iter().find(|(library, _, _)| *library == used.name)?;
    let away = !homes.contains(&one.name.as_str());
    away.then(|| format!("{} depends on {library}: {why}", one.name))
}
