//! cloakroom's part of the contest: its configuration, a registered user, and the cookie of a login.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::json;
use xshell::Shell;

use super::http::{Answer, Call};
use super::server::{Launch, free_ports};
use super::template;

const EMAIL: &str = "load@example.com";
const PASSWORD: &str = "four wagons under a slow red bridge";

/// How `cloakroom serve` is started for the contest; everything it writes stays in `folder`.
pub(super) fn launch(
    sh: &Shell,
    program: &Path,
    folder: &Path,
    port: u16,
    upstream: u16,
    workers: usize,
) -> Result<Launch> {
    let [identity, admin] = free_ports()?;
    sh.create_dir(folder.join("data"))?;
    let config = folder.join("cloakroom.toml");
    let values = [
        ("folder", folder.display().to_string()),
        ("port", port.to_string()),
        ("upstream", upstream.to_string()),
        ("identity", identity.to_string()),
        ("admin", admin.to_string()),
    ];
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    template::write(sh, "cloakroom.toml", &values, &config)?;
    let arguments: Vec<OsString> = vec!["serve".into(), "-c".into(), config.into()];
    Ok(Launch {
        program: program.to_path_buf(),
        arguments_alone: arguments.clone(),
        arguments,
        environment: vec![("TOKIO_WORKER_THREADS", workers.to_string())],
        port,
        log: folder.join("cloakroom.log"),
    })
}

/// Registers a user and logs in: the session's cookie. Also makes sure that the route asks for one,
/// so that what is measured is guarded.
pub(super) fn log_in(stranger: &Call) -> Result<String> {
    let refused = stranger.get()?;
    if refused.status != 401 {
        bail!(
            "without a session the route answers {}, not 401",
            refused.status
        );
    }
    let user = json!({
        "name": "Load", "username": "load", "email": EMAIL, "password": PASSWORD,
    });
    expect(
        201,
        "registering",
        &stranger.post_json("/auth/register", &user)?,
    )?;
    let credentials = json!({ "identifier": EMAIL, "password": PASSWORD });
    let answer = stranger.post_json("/auth/login", &credentials)?;
    expect(200, "the login", &answer)?;
    let cookie = answer
        .header("set-cookie")
        .context("the login set no cookie")?;
    let (cookie, _attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
    Ok(cookie.to_owned())
}

/// A cookie of the same form and length that opens nothing, for servers that do not look at it.
pub(super) fn cookie_of_nobody() -> String {
    format!("cloakroom=v1.{}.{}", "A".repeat(22), "A".repeat(43))
}

fn expect(status: u16, what: &str, answer: &Answer) -> Result<()> {
    if answer.status != status {
        bail!(
            "{what}: {} instead of {status}: {}",
            answer.status,
            answer.text()
        );
    }
    Ok(())
}
