//! Registering, the profile and the password.

use cloakroom_core::ports::{AccountError, NewAccount, PasswordChange, ProfileChange};
use cloakroom_core::user::{Profile, UniqueField};

use super::*;

fn new_account() -> NewAccount {
    NewAccount {
        name: "Ada Lovelace".to_owned(),
        username: "ada".to_owned(),
        email: "ada@example.com".to_owned(),
        password: SecretString::from("p&ss"),
        client: client(),
    }
}

fn user() -> Value {
    json!({
        "id": "user-7", "name": "Ada Lovelace", "username": "ada", "email": "ada@example.com",
        "profile_image_url": "https://img.test/ada", "tier_id": 3, "roles": ["admin"],
    })
}

fn renamed() -> ProfileChange {
    ProfileChange {
        name: Some("Ada King".to_owned()),
        ..ProfileChange::default()
    }
}

fn new_password() -> PasswordChange {
    PasswordChange {
        current: SecretString::from("old"),
        new: SecretString::from("new"),
        end_others: true,
    }
}

impl World {
    async fn register(&self) -> Result<Grant, AccountError> {
        self.provider.register(new_account()).await
    }

    async fn change_password(&self) -> Result<(), AccountError> {
        let (who, client) = (access(), client());
        self.provider
            .change_password(&who, new_password(), &client)
            .await
    }
}

#[tokio::test]
async fn registering_creates_the_account_and_logs_it_in() {
    let world = World::new();
    world.answers([Reply::json(201, &user()), Reply::json(200, &world.issued())]);
    let grant = world.register().await.unwrap();
    assert_eq!(grant.subject, Subject::from("user-7"));
    let sent = world.sent();
    assert_eq!(sent[0].uri.path(), "/api/v1/user");
    assert_eq!(
        header(&sent[0], "authorization"),
        Some(basic("ab").as_str())
    );
    assert_eq!(header(&sent[0], "x-client-ip"), Some("2001:db8::7"));
    let body: Value = serde_json::from_slice(&sent[0].body).unwrap();
    assert_eq!(
        body,
        json!({"name": "Ada Lovelace", "username": "ada", "email": "ada@example.com", "password": "p&ss"})
    );
    assert_eq!(sent[1].uri.path(), "/api/v1/login");
    assert_eq!(sent[1].body, "username=ada&password=p%26ss");
}

#[tokio::test]
async fn a_registration_says_what_is_wrong_with_which_field() {
    let world = World::new();
    let complaints = json!({
        "detail": [
            {"loc": ["body", "password"], "msg": "Too easy to guess."},
            {"loc": ["body", "password"], "msg": "Too short."},
            {"loc": ["body", "email"], "msg": "Not an address."},
        ],
        "code": "invalid_fields",
    });
    let invalid = [
        ("email", "Not an address."),
        ("password", "Too easy to guess."),
    ];
    let invalid = invalid.map(|(field, message)| (field.to_owned(), message.to_owned()));
    for (reply, expected) in [
        (
            Reply::refusal(409, "username_taken"),
            AccountError::Taken(UniqueField::Username),
        ),
        (
            Reply::refusal(409, "email_taken"),
            AccountError::Taken(UniqueField::Email),
        ),
        (
            Reply::json(422, &complaints),
            AccountError::Invalid(invalid.into()),
        ),
        (
            Reply::bare(429).with("retry-after", "7"),
            AccountError::RateLimited {
                retry_after: Duration::from_secs(7),
            },
        ),
    ] {
        world.answers([reply]);
        assert_eq!(world.register().await.unwrap_err(), expected);
    }
    assert_eq!(world.sent().len(), 4, "nobody was logged in");
}

#[tokio::test]
async fn a_registration_answered_outside_the_protocol_is_nonsense() {
    let world = World::new();
    let complaint =
        |detail: Value| Reply::json(422, &json!({"detail": detail, "code": "invalid_fields"}));
    for reply in [
        Reply::refusal(409, "something_new"),
        Reply::refusal(400, "username_taken"),
        complaint(json!([])),
        complaint(json!("bad")),
        complaint(json!([{"loc": [], "msg": "x"}])),
        complaint(json!([{"loc": ["body", 1], "msg": "x"}])),
        complaint(json!([{"msg": "x"}])),
        Reply::bare(302),
    ] {
        let (status, body) = (reply.status, reply.body.clone());
        world.answers([reply]);
        let failed = world.register().await;
        assert!(
            matches!(failed, Err(AccountError::Nonsense(_))),
            "{status} {body}: {failed:?}"
        );
    }
    for reply in [Reply::refusal(401, "invalid_client"), Reply::bare(503)] {
        world.answers([reply]);
        assert!(matches!(
            world.register().await,
            Err(AccountError::Unavailable(_))
        ));
    }
}

#[tokio::test]
async fn an_account_whose_first_login_fails_says_why() {
    let world = World::new();
    for (reply, is_expected) in [
        (
            Reply::bare(503),
            (|it| matches!(it, AccountError::Unavailable(_))) as fn(&_) -> bool,
        ),
        (Reply::bare(429), |it| {
            matches!(it, AccountError::RateLimited { .. })
        }),
        (Reply::refusal(401, "invalid_credentials"), |it| {
            matches!(it, AccountError::Nonsense(_))
        }),
    ] {
        world.answers([Reply::json(201, &user()), reply]);
        let failed = world.register().await.unwrap_err();
        assert!(is_expected(&failed), "{failed:?}");
    }
}

#[tokio::test]
async fn the_profile_is_what_the_service_says_of_the_tokens_user() {
    let world = World::new();
    world.answers([Reply::json(200, &user())]);
    let profile = world.provider.profile(&access()).await.unwrap();
    let Value::Object(claims) = json!({"tier_id": 3}) else {
        unreachable!()
    };
    let expected = Profile {
        id: "user-7".to_owned(),
        name: "Ada Lovelace".to_owned(),
        username: Some("ada".to_owned()),
        email: Some("ada@example.com".to_owned()),
        picture: Some("https://img.test/ada".to_owned()),
        roles: vec!["admin".to_owned()],
        claims,
    };
    assert_eq!(profile, expected);
    let sent = &world.sent()[0];
    assert_eq!(
        (sent.method.as_str(), sent.uri.path()),
        ("GET", "/api/v1/user/me")
    );
    assert_eq!(header(sent, "authorization"), Some("Bearer a1"));
    assert_eq!(header(sent, "x-client-authorization"), None);
}

#[tokio::test]
async fn a_change_of_profile_sends_what_changes_to_the_name_of_now() {
    let world = World::new();
    let now = changed(user(), "username", "ada/../bob".into());
    let after = changed(user(), "name", "Ada King".into());
    world.answers([Reply::json(200, &now), Reply::json(200, &after)]);
    let profile = world
        .provider
        .change_profile(&access(), renamed())
        .await
        .unwrap();
    assert_eq!(profile.name, "Ada King");
    let sent = &world.sent()[1];
    assert_eq!(
        (sent.method.as_str(), sent.uri.path()),
        ("PATCH", "/api/v1/user/ada%2F..%2Fbob")
    );
    assert_eq!(header(sent, "authorization"), Some("Bearer a1"));
    assert_eq!(sent.body, r#"{"name":"Ada King"}"#);
}

#[tokio::test]
async fn a_change_of_nothing_changes_nothing() {
    let world = World::new();
    world.answers([Reply::json(200, &user())]);
    let change = ProfileChange::default();
    let profile = world
        .provider
        .change_profile(&access(), change)
        .await
        .unwrap();
    assert_eq!(
        (profile.name.as_str(), world.sent().len()),
        ("Ada Lovelace", 1)
    );
}

#[tokio::test]
async fn a_change_of_profile_may_be_refused() {
    let world = World::new();
    for (reply, expected) in [
        (
            Reply::refusal(409, "email_taken"),
            AccountError::Taken(UniqueField::Email),
        ),
        (
            Reply::refusal(401, "unauthenticated"),
            AccountError::Unauthorized,
        ),
    ] {
        world.answers([Reply::json(200, &user()), reply]);
        let refused = world.provider.change_profile(&access(), renamed()).await;
        assert_eq!(refused.unwrap_err(), expected);
    }
}

#[tokio::test]
async fn a_change_of_password_carries_the_user_and_the_gateways_credential() {
    let world = World::new();
    world.answers([Reply::bare(204)]);
    world.change_password().await.unwrap();
    let sent = &world.sent()[0];
    assert_eq!(
        (sent.method.as_str(), sent.uri.path()),
        ("POST", "/api/v1/user/me/password")
    );
    assert_eq!(header(sent, "authorization"), Some("Bearer a1"));
    assert_eq!(
        header(sent, "x-client-authorization"),
        Some(basic("ab").as_str())
    );
    assert_eq!(header(sent, "x-client-ip"), Some("2001:db8::7"));
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(
        body,
        json!({"current_password": "old", "new_password": "new", "end_others": true})
    );
}

#[tokio::test]
async fn a_change_of_password_may_be_refused() {
    let world = World::new();
    let weak = json!({
        "detail": [{"loc": ["body", "new_password"], "msg": "Too short."}],
        "code": "invalid_fields",
    });
    let invalid = [("new_password".to_owned(), "Too short.".to_owned())];
    for (reply, expected) in [
        (
            Reply::refusal(403, "wrong_password"),
            AccountError::WrongPassword,
        ),
        (
            Reply::refusal(401, "unauthenticated"),
            AccountError::Unauthorized,
        ),
        (
            Reply::json(422, &weak),
            AccountError::Invalid(invalid.into()),
        ),
        (
            Reply::bare(429),
            AccountError::RateLimited {
                retry_after: Duration::from_secs(60),
            },
        ),
    ] {
        world.answers([reply]);
        assert_eq!(world.change_password().await.unwrap_err(), expected);
    }
    world.answers([Reply::refusal(403, "something_new")]);
    assert!(matches!(
        world.change_password().await,
        Err(AccountError::Nonsense(_))
    ));
}
