//! A refusal as JSON: the one shape of every error that a program reads.

use cloakroom_core::EndReason;
use serde_json::{Map, Value, json};

use crate::refusal::Refusal;

/// The reason where there is no session and no word about an earlier one.
pub(crate) const NO_SESSION: &str = "no_session";

/// `{"error","message","request_id"}`, and what belongs to the particular refusal. The cause stays in the
/// log (AU-05).
pub(crate) fn json_error(refusal: &Refusal, request_id: &str, login_url: Option<&str>) -> Vec<u8> {
    let mut object = Map::new();
    object.insert("error".into(), refusal.code().as_str().into());
    object.insert("message".into(), refusal.message().into_owned().into());
    object.insert("request_id".into(), request_id.into());
    match refusal {
        Refusal::Unauthenticated(reason) => {
            object.insert(
                "reason".into(),
                reason.map_or(NO_SESSION, EndReason::as_str).into(),
            );
            if let Some(login_url) = login_url {
                object.insert("login_url".into(), login_url.into());
            }
        }
        Refusal::Csrf(missing) => {
            object.insert("missing".into(), missing.as_str().into());
            object.insert("hint".into(), missing.hint().into());
        }
        Refusal::InvalidFields(fields) => {
            object.insert("fields".into(), json!(fields));
        }
        Refusal::UsernameTaken => {
            object.insert("fields".into(), json!({ "username": refusal.message() }));
        }
        Refusal::EmailTaken => {
            object.insert("fields".into(), json!({ "email": refusal.message() }));
        }
        Refusal::BadRequest(_)
        | Refusal::BadPath
        | Refusal::Respell(_)
        | Refusal::UnknownHost
        | Refusal::TargetTooLong
        | Refusal::HeadersTooLarge
        | Refusal::NoRoute
        | Refusal::NotFound
        | Refusal::MethodNotAllowed(_)
        | Refusal::InvalidCredentials
        | Refusal::Forbidden
        | Refusal::BodyTooLarge
        | Refusal::UnsupportedMediaType
        | Refusal::RateLimited(_)
        | Refusal::StoreUnavailable
        | Refusal::RefreshUnavailable
        | Refusal::ProviderUnavailable
        | Refusal::UpstreamUnavailable(_)
        | Refusal::UpstreamTimeout(_)
        | Refusal::BadUpstream(_)
        | Refusal::Internal => {}
    }
    Value::Object(object).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::CsrfMissing;

    fn parsed(refusal: &Refusal, login_url: Option<&str>) -> Value {
        serde_json::from_slice(&json_error(refusal, "id1", login_url)).unwrap()
    }

    #[test]
    fn every_error_has_a_code_a_message_and_the_requests_name() {
        assert_eq!(
            parsed(&Refusal::NotFound, Some("/auth/login")),
            json!({"error": "not_found", "message": "There is nothing here.", "request_id": "id1"})
        );
    }

    #[test]
    fn whoever_is_not_logged_in_is_told_why_and_where_to() {
        let told = parsed(
            &Refusal::Unauthenticated(None),
            Some("/auth/login?return_to=%2Fx"),
        );
        assert_eq!(told["reason"], "no_session");
        assert_eq!(told["login_url"], "/auth/login?return_to=%2Fx");
        let told = parsed(&Refusal::Unauthenticated(Some(EndReason::Idle)), None);
        assert_eq!(told["reason"], "idle");
        assert_eq!(told.get("login_url"), None);
    }

    #[test]
    fn a_stopped_request_is_told_what_it_lacked() {
        let told = parsed(&Refusal::Csrf(CsrfMissing::Header), None);
        assert_eq!(
            (&told["error"], &told["missing"]),
            (&json!("csrf"), &json!("header"))
        );
        assert!(told["hint"].as_str().unwrap().contains("X-Requested-With"));
    }

    #[test]
    fn field_errors_name_their_field() {
        let fields = [("email".to_owned(), "Enter one.".to_owned())].into();
        assert_eq!(
            parsed(&Refusal::InvalidFields(fields), None)["fields"]["email"],
            "Enter one."
        );
        assert!(parsed(&Refusal::UsernameTaken, None)["fields"]["username"].is_string());
        assert!(parsed(&Refusal::EmailTaken, None)["fields"]["email"].is_string());
    }
}
