//! The servers' configurations are real files in `bench/proxy/` with `{{key}}` where a port or a
//! folder belongs; this fills them.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use xshell::Shell;

use crate::root;

/// Writes the filled template `bench/proxy/<template>` to `target`.
pub(super) fn write(
    sh: &Shell,
    template: &str,
    values: &[(&str, &str)],
    target: &Path,
) -> Result<()> {
    let source: PathBuf = root::path().join("bench/proxy").join(template);
    Ok(sh.write_file(target, fill(&sh.read_file(source)?, values)?)?)
}

/// Fails on a key without a value: a server would start with it and do something else.
fn fill(template: &str, values: &[(&str, &str)]) -> Result<String> {
    let text = values
        .iter()
        .fold(template.to_owned(), |text, (key, value)| {
            text.replace(&format!("{{{{{key}}}}}"), value)
        });
    match text.split_once("{{") {
        Some((_, rest)) => bail!(
            "no value for {{{{{}",
            rest.lines().next().unwrap_or_default()
        ),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn every_key_gets_its_value() {
        let text = fill(
            "listen {{port}}; pid {{folder}}/pid;",
            &[("port", "1"), ("folder", "/t")],
        );
        assert_eq!(text.unwrap(), "listen 1; pid /t/pid;");
    }

    #[test]
    fn a_key_without_a_value_is_an_error_that_names_it() {
        let error = fill("listen {{port}};", &[]).unwrap_err();
        assert_eq!(error.to_string(), "no value for {{port}};");
    }
}
