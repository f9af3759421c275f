//! The reference of the configuration file, printed from the very list by which unknown keys are refused.

use std::fmt::Write;

use super::schema::{SECTIONS, Section};

const HEAD: &str = "\
# Configuration

<!-- Written by `cloakroom reference`; a test compares. -->

One TOML file, `cloakroom.toml` in the working folder or wherever `-c` points. An unknown key, a value of the wrong
kind or a weak setting stops the start with file, line, column and what to do (exit code 2); `cloakroom check` tries
that without starting.

Every key of a single table can be set by an environment variable, which wins over the file:
`CLOAKROOM__SERVER__LISTEN=0.0.0.0:8080` is `[server] listen`, `CLOAKROOM__IDENTITY__PASSWORD__MIN_CHARS=12` is
`[identity.password] min_chars`, and lists are written as in TOML. Routes and upstreams can only be written in the
file. No secret stands in it: keys live in `keys.json` in `data_dir`, readable for its owner alone.

Durations are whole numbers with `s`, `m`, `h` or `d` (`15m`); sizes with `B`, `KiB`, `MiB` or `GiB` (`64KiB`).
";

/// The whole reference as Markdown.
pub(crate) fn markdown() -> String {
    let mut text = HEAD.to_owned();
    for section in SECTIONS {
        // Writing to a String cannot fail.
        let _ = write_section(&mut text, section);
    }
    text
}

fn write_section(text: &mut String, section: &Section) -> std::fmt::Result {
    let title = match (section.name, section.repeated) {
        ("", _) => "The head".to_owned(),
        (name, true) => format!("`[[{name}]]`"),
        (name, false) => format!("`[{name}]`"),
    };
    write!(text, "\n## {title}\n\n{}\n\n", section.about)?;
    writeln!(text, "| key | takes | default | |\n|---|---|---|---|")?;
    for key in section.keys {
        let default = if key.default.is_empty() {
            "must be written"
        } else {
            key.default
        };
        writeln!(
            text,
            "| `{}` | {} | {default} | {} |",
            key.name, key.takes, key.about
        )?;
    }
    Ok(())
}
