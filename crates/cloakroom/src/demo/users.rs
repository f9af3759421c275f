//! The demo's two users, and the password that both of them have.

use anyhow::Context;
use cloakroom_core::secret::SecretString;
use cloakroom_identity::{Admin, AdminError, NewAccount};

use crate::config::Environment;
use crate::failure::Failure;

const VARIABLE: &str = "CLOAKROOM_DEMO_PASSWORD";

/// User name, e-mail address, name, role.
const USERS: [(&str, &str, &str, Option<&str>); 2] = [
    ("ada", "ada@example.com", "Ada Lovelace", Some("admin")),
    ("bob", "bob@example.com", "Bob Martin", None),
];

/// The password that the environment sets, by itself or in a file.
pub(super) fn password(environment: &Environment) -> Result<Option<SecretString>, Failure> {
    if let Some(password) = environment.get(VARIABLE) {
        return Ok(Some(SecretString::from(password)));
    }
    let Some(path) = environment.get(&format!("{VARIABLE}_FILE")) else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read {VARIABLE}_FILE {path}"))?;
    Ok(Some(SecretString::from(
        text.trim_end_matches(['\r', '\n']),
    )))
}

/// Sees to it that both exist and have this password. Whoever is logged in stays so.
pub(super) async fn ensure(admin: &Admin, password: &SecretString) -> Result<(), Failure> {
    for (username, email, name, role) in USERS {
        let context = || format!("the demo's user {username} cannot be prepared ({VARIABLE})");
        if let Err(AdminError::Absent(_)) = admin.account(username).await {
            let account = NewAccount {
                name: name.to_owned(),
                username: username.to_owned(),
                email: email.to_owned(),
                roles: role.into_iter().map(str::to_owned).collect(),
                password: None,
            };
            admin.add(account).await.with_context(context)?;
        }
        admin
            .ensure_password(username, password)
            .await
            .with_context(context)?;
    }
    Ok(())
}
