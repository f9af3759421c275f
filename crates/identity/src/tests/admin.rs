//! What an operator does with accounts.

use cloakroom_core::secret::{ExposeSecret as _, SecretString};
use cloakroom_core::user::UniqueField;
use http::StatusCode;

use super::world::{PASSWORD, World, login_as, me};
use crate::{AdminError, NewAccount};

fn bob(password: Option<&str>) -> NewAccount {
    NewAccount {
        name: "Bob Martin".to_owned(),
        username: "Bob".to_owned(),
        email: "bob@example.com".to_owned(),
        roles: vec!["editor".to_owned(), "admin".to_owned(), "editor".to_owned()],
        password: password.map(SecretString::from),
    }
}

// ID-14
#[tokio::test]
async fn a_generated_password_is_told_once_and_logs_in() {
    let world = World::new(|_| {});
    let created = world.admin().add(bob(None)).await.unwrap();
    let password = created.generated.unwrap();
    assert_eq!(password.expose_secret().len(), 20);
    world.pass(1);
    let answer = world.send(login_as("bob", password.expose_secret())).await;
    assert_eq!(answer.status, StatusCode::OK);
    let user = world.user("bob").await;
    assert_eq!(user.roles, ["admin", "editor"]);
    assert_eq!(user.id, created.id);
}

#[tokio::test]
async fn the_rules_of_registration_hold_for_an_operator_too() {
    let world = World::with_ada().await;
    let admin = world.admin();
    let weak = admin.add(bob(Some("bob12345"))).await;
    assert!(matches!(weak, Err(AdminError::Password(_))));
    let mut taken = bob(Some(PASSWORD));
    taken.email = "ADA@example.com".to_owned();
    let taken = admin.add(taken).await;
    assert!(matches!(taken, Err(AdminError::Taken(UniqueField::Email))));
    let mut role = bob(Some(PASSWORD));
    role.roles = vec!["Admin\n".to_owned()];
    assert!(matches!(admin.add(role).await, Err(AdminError::Field(_))));
    assert!(matches!(
        admin.disable("bob").await,
        Err(AdminError::Absent(_))
    ));
}

#[tokio::test]
async fn roles_are_granted_and_taken_once() {
    let world = World::with_ada().await;
    let admin = world.admin();
    assert!(admin.grant("ada", "editor").await.unwrap());
    assert!(admin.grant("ada@example.com", "admin").await.unwrap());
    assert!(!admin.grant("ada", "admin").await.unwrap());
    assert_eq!(world.user("ada").await.roles, ["admin", "editor"]);
    assert!(admin.revoke("ada", "admin").await.unwrap());
    assert!(!admin.revoke("ada", "admin").await.unwrap());
    assert_eq!(world.user("ada").await.roles, ["editor"]);
}

// LO-08
#[tokio::test]
async fn a_password_set_by_an_operator_ends_all_logins() {
    let world = World::with_ada().await;
    let tokens = world.login("ada").await;
    let generated = world
        .admin()
        .set_password("ada", None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        world.send(me(&tokens.access)).await.refusal(),
        (401, "unauthenticated")
    );
    world.pass(1);
    let old = world.send(login_as("ada", PASSWORD)).await;
    assert_eq!(old.refusal(), (401, "invalid_credentials"));
    let new = world.send(login_as("ada", generated.expose_secret())).await;
    assert_eq!(new.status, StatusCode::OK);
}

#[tokio::test]
async fn accounts_are_listed_by_user_name_and_deleted() {
    let world = World::with_ada().await;
    world.add("bob", &[]).await;
    world.add("carl", &[]).await;
    let admin = world.admin();
    let names = |accounts: Vec<crate::Account>| -> Vec<String> {
        accounts
            .into_iter()
            .map(|account| account.username)
            .collect()
    };
    assert_eq!(names(admin.list(None, 2).await.unwrap()), ["ada", "bob"]);
    assert_eq!(names(admin.list(Some("bob"), 2).await.unwrap()), ["carl"]);
    admin.disable("bob").await.unwrap();
    admin.delete("ada").await.unwrap();
    let left = admin.list(None, 10).await.unwrap();
    assert!(left[0].disabled_at.is_some());
    assert_eq!(names(left), ["bob", "carl"]);
}
