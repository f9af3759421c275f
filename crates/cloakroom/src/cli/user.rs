//! `cloakroom user`: accounts of the identity service. Works on the store itself; a running server hears of every
//! ending through the outbox, within a second.

use std::io::Read;

use anyhow::Context;
use cloakroom_core::secret::{ExposeSecret, SecretString};
use cloakroom_identity::{Admin, AdminError, NewAccount};
use zeroize::Zeroizing;

use super::place::{Opened, Place};
use crate::config::Environment;
use crate::failure::Failure;
use crate::say;

/// How many accounts one round of the list reads.
const PAGE: u32 = 200;

/// Manage users
#[derive(Debug, clap::Subcommand)]
pub(super) enum User {
    /// Add a user; without --password-stdin a password is made and printed once
    Add(Add),
    /// List users
    List(All),
    /// Give a user a role; holds from the next refresh on
    Grant(Grant),
    /// Take a role away; holds from the next refresh on
    Revoke(Grant),
    /// Close a user's account and end their sessions
    Disable(Who),
    /// Open a closed account again
    Enable(Who),
    /// Set a password and end the user's sessions; without --password-stdin one is made and printed once
    Password(NewPassword),
    /// Delete a user and end their sessions
    Delete(Who),
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// The name to log in with
    username: String,
    /// The e-mail address
    #[arg(long)]
    email: String,
    /// The name to greet with; the user name if it is left out
    #[arg(long)]
    name: Option<String>,
    /// A role (repeatable)
    #[arg(long)]
    role: Vec<String>,
    /// Read the password from standard input: never an argument, which every process could see
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
pub(super) struct All {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
pub(super) struct Grant {
    /// User name or e-mail address
    who: String,
    /// The role
    role: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
pub(super) struct Who {
    /// User name or e-mail address
    who: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
pub(super) struct NewPassword {
    /// User name or e-mail address
    who: String,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    place: Place,
}

impl User {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let opened = Opened::open(self.place().find(environment)?).await?;
        let admin = Admin::new(opened.identity()?);
        let outcome = self.carry_out(&admin).await;
        opened.databases.close().await;
        outcome
    }

    const fn place(&self) -> &Place {
        match self {
            Self::Add(add) => &add.place,
            Self::List(all) => &all.place,
            Self::Grant(grant) | Self::Revoke(grant) => &grant.place,
            Self::Disable(who) | Self::Enable(who) | Self::Delete(who) => &who.place,
            Self::Password(password) => &password.place,
        }
    }

    async fn carry_out(self, admin: &Admin) -> Result<(), Failure> {
        let said = match self {
            Self::Add(new) => add(admin, new).await?,
            Self::List(_) => return list(admin).await,
            Self::Grant(Grant { who, role, .. }) => {
                let new = admin.grant(&who, &role).await.map_err(failed)?;
                if new {
                    "granted; it holds from the next refresh on"
                } else {
                    "they have it already"
                }
            }
            Self::Revoke(Grant { who, role, .. }) => {
                let had = admin.revoke(&who, &role).await.map_err(failed)?;
                if had {
                    "taken away; it holds from the next refresh on"
                } else {
                    "they do not have it"
                }
            }
            Self::Disable(Who { who, .. }) => {
                admin.disable(&who).await.map_err(failed)?;
                "disabled; their sessions end now"
            }
            Self::Enable(Who { who, .. }) => {
                admin.enable(&who).await.map_err(failed)?;
                "enabled"
            }
            Self::Delete(Who { who, .. }) => {
                admin.delete(&who).await.map_err(failed)?;
                "deleted; their sessions end now"
            }
            Self::Password(NewPassword {
                who,
                password_stdin,
                ..
            }) => {
                let password = password_stdin.then(read_password).transpose()?;
                let made = admin.set_password(&who, password).await.map_err(failed)?;
                show_password(made.as_ref());
                "the password is set; their sessions end now"
            }
        };
        say::line(said);
        Ok(())
    }
}

async fn add(admin: &Admin, new: Add) -> Result<&'static str, Failure> {
    let password = new.password_stdin.then(read_password).transpose()?;
    let account = NewAccount {
        name: new.name.unwrap_or_else(|| new.username.clone()),
        username: new.username,
        email: new.email,
        roles: new.role,
        password,
    };
    let created = admin.add(account).await.map_err(failed)?;
    show_password(created.generated.as_ref());
    Ok("added")
}

async fn list(admin: &Admin) -> Result<(), Failure> {
    let mut after: Option<String> = None;
    loop {
        let accounts = admin.list(after.as_deref(), PAGE).await.map_err(failed)?;
        for account in &accounts {
            let state = if account.disabled_at.is_some() {
                "disabled"
            } else {
                ""
            };
            let roles = account.roles.join(",");
            say::line(&format!(
                "{:<24} {:<32} {roles:<16} {state}",
                account.username, account.email
            ));
        }
        match accounts.last() {
            Some(last) => after = Some(last.username.clone()),
            None => return Ok(()),
        }
    }
}

fn show_password(made: Option<&SecretString>) {
    if let Some(password) = made {
        say::line(&format!(
            "password: {} (shown this once)",
            password.expose_secret()
        ));
    }
}

fn read_password() -> Result<SecretString, Failure> {
    let mut typed = Zeroizing::new(String::new());
    let read = std::io::stdin().lock().read_to_string(&mut typed);
    read.context("cannot read the password from standard input")?;
    // `echo` ends its line; the password does not.
    let line = typed.strip_suffix('\n').unwrap_or(&typed);
    Ok(SecretString::from(line.strip_suffix('\r').unwrap_or(line)))
}

fn failed(error: AdminError) -> Failure {
    Failure::Other(error.into())
}
