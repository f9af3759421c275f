//! Reads `[identity]` and `[identity.password]`.

use cloakroom_identity::{Algorithm, Argon, Config, ConfigError, PasswordPolicy};

use super::address::Address;
use super::problem::{Findings, Place, Problem};
use super::read::Reader;
use super::tree::Table;
use super::units;

/// Where the identity service listens, and what it is told.
pub(super) fn identity(root: &Table, findings: &Findings) -> (Address, Config) {
    let table = Reader::new(root, "identity", findings);
    let listen = table.parsed("listen", Address::parse);
    let listen = listen.map_or(Address::loopback(8081), |placed| placed.value);
    let issuer = table.text("issuer").map(|placed| placed.value.to_owned());
    let audience = table
        .text("audience")
        .map_or("cloakroom:api", |placed| placed.value);
    let here = || format!("http://{}", listen.from_here());
    let defaults = Config::new(issuer.unwrap_or_else(here), audience);
    let algorithms = [("ES256", Algorithm::Es256), ("HS256", Algorithm::Hs256)];
    let config = Config {
        access_ttl: table.duration("access_ttl").unwrap_or(defaults.access_ttl),
        refresh_ttl: table
            .duration("refresh_ttl")
            .unwrap_or(defaults.refresh_ttl),
        absolute_lifetime: table
            .duration("absolute_lifetime")
            .unwrap_or(defaults.absolute_lifetime),
        algorithm: table
            .choice("algorithm", &algorithms)
            .unwrap_or(defaults.algorithm),
        repeat_window: table
            .duration("repeat_window")
            .unwrap_or(defaults.repeat_window),
        password: password(
            &Reader::new(root, "identity.password", findings),
            defaults.password,
        ),
        issuer: defaults.issuer,
        audience: defaults.audience,
        gateway_client_id: defaults.gateway_client_id,
        limits: defaults.limits,
    };
    if let Err(error) = config.validate() {
        findings.add(refused(&error, root, findings));
    }
    (listen, config)
}

fn password(table: &Reader<'_>, defaults: PasswordPolicy) -> PasswordPolicy {
    let kibibytes = |text: &str| {
        let kib = units::size(text).map(|bytes| bytes / 1024);
        kib.and_then(|kib| u32::try_from(kib).ok())
            .ok_or("a size such as \"19MiB\"")
    };
    let memory = table.parsed("memory", kibibytes).map(|placed| placed.value);
    let written: Vec<String> = table
        .list("context")
        .into_iter()
        .map(|placed| placed.value.to_owned())
        .collect();
    let min_chars = table
        .number("min_chars")
        .and_then(|number| usize::try_from(number).ok());
    // A score that is no u8 is certainly above 4, which the policy refuses.
    let min_score = table
        .number("min_score")
        .map(|number| u8::try_from(number).unwrap_or(u8::MAX));
    PasswordPolicy {
        min_chars: min_chars.unwrap_or(defaults.min_chars),
        min_score: min_score.unwrap_or(defaults.min_score),
        context: if written.is_empty() {
            defaults.context
        } else {
            written
        },
        argon: Argon {
            memory_kib: memory.unwrap_or(defaults.argon.memory_kib),
            passes: table.number("passes").unwrap_or(defaults.argon.passes),
            lanes: table.number("lanes").unwrap_or(defaults.argon.lanes),
        },
        max_bytes: defaults.max_bytes,
        threads: defaults.threads,
        queue: defaults.queue,
    }
}

/// Leads an objection of the service back to the value that it is about.
fn refused(error: &ConfigError, root: &Table, findings: &Findings) -> Problem {
    let (section, keys): (_, &[&str]) = match error {
        ConfigError::Issuer | ConfigError::PlainIssuer => ("identity", &["issuer", "listen"]),
        ConfigError::NoAudience => ("identity", &["audience"]),
        ConfigError::AccessTtl => ("identity", &["access_ttl"]),
        ConfigError::RefreshTtl => (
            "identity",
            &["refresh_ttl", "absolute_lifetime", "access_ttl"],
        ),
        ConfigError::PasswordPolicy => ("identity.password", &["min_chars", "min_score"]),
        ConfigError::WeakHash => ("identity.password", &["memory", "passes", "lanes"]),
        ConfigError::ClientId
        | ConfigError::Limits
        | ConfigError::Key { .. }
        | ConfigError::Threads(_)
        | ConfigError::Argon(_) => ("identity", &[]),
    };
    let table = Reader::new(root, section, findings);
    let written = keys.iter().find(|key| table.item(key).is_some());
    let place = written.map_or(Place::Nowhere, |key| table.place(key));
    let subject = written.map_or_else(|| section.to_owned(), |key| table.path(key));
    Problem::new(&place, format!("`{subject}` cannot be used"))
        .expected(error.to_string())
        .cure("without the key the default holds; see docs/reference/configuration.md")
}
