//! nginx in its three parts of the contest: the upstream, the plain proxy, the bare proxy.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use xshell::Shell;

use super::server::Launch;
use super::template;
use crate::install;

/// What the upstream answers: 200 bytes.
pub(super) const BODY: [u8; 200] = [b'x'; 200];

/// A proxy's place in the contest.
pub(super) struct Place<'a> {
    pub(super) name: &'a str,
    pub(super) template: &'a str,
    pub(super) folder: &'a Path,
    pub(super) port: u16,
    pub(super) upstream: u16,
    pub(super) workers: usize,
    pub(super) connections: u32,
}

pub(super) fn upstream(sh: &Shell, folder: &Path, port: u16) -> Result<Launch> {
    let config = folder.join("upstream.conf");
    let values = [
        ("folder", folder.display().to_string()),
        ("port", port.to_string()),
        ("body", String::from_utf8_lossy(&BODY).into_owned()),
    ];
    write(sh, "upstream.conf", &values, &config)?;
    Ok(launch(folder, "upstream", port))
}

pub(super) fn proxy(sh: &Shell, place: &Place<'_>) -> Result<Launch> {
    let config = place.folder.join(format!("{}.conf", place.name));
    let values = [
        ("folder", place.folder.display().to_string()),
        ("name", place.name.to_owned()),
        ("port", place.port.to_string()),
        ("upstream", place.upstream.to_string()),
        ("workers", place.workers.to_string()),
        // Per worker, and one worker may get all connections: none is ever closed for lack of room.
        ("pool", place.connections.to_string()),
        // As many bytes as cloakroom's own headers have for the user of the benchmark.
        ("access_token", "a".repeat(559)),
        ("assertion", "a".repeat(509)),
    ];
    write(sh, place.template, &values, &config)?;
    Ok(launch(place.folder, place.name, place.port))
}

fn write(sh: &Shell, template: &str, values: &[(&str, String)], config: &Path) -> Result<()> {
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    template::write(sh, template, &values, config)
}

fn launch(folder: &Path, name: &str, port: u16) -> Launch {
    let config = folder.join(format!("{name}.conf"));
    let arguments = |global: &str| -> Vec<OsString> {
        // `-e`: without it nginx opens a log file in /var/log before it has read its configuration.
        let common = [
            OsString::from("-e"),
            "stderr".into(),
            "-p".into(),
            folder.into(),
        ];
        let own = [
            OsString::from("-c"),
            config.clone().into(),
            "-g".into(),
            global.into(),
        ];
        common.into_iter().chain(own).collect()
    };
    Launch {
        program: install::find("nginx").unwrap_or_else(|| "nginx".into()),
        arguments: arguments("daemon off;"),
        arguments_alone: arguments("daemon off; master_process off;"),
        environment: Vec::new(),
        port,
        log: folder.join(format!("{name}.log")),
    }
}
