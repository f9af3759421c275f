//! What a form or a program sent: flat text fields, from `application/x-www-form-urlencoded` or JSON.
//!
//! 1. Only these two media types are read; a body of another one is refused (CS-09). A form cannot send JSON
//!    across sites without a preflight, so which of the two it was is worth knowing.
//! 2. At most 64 KiB are read, within 30 s, and a field that comes twice is refused: no reader can take the other one.
//! 3. Passwords leave as [`SecretString`] and are taken out, so that nothing can show them again.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use cloakroom_core::SecretString;
use http::HeaderMap;
use http_body_util::LengthLimitError;
use percent_encoding::percent_decode;
use serde_json::{Map, Value};

use super::Own;
use crate::call::{Class, single};
use crate::refusal::Refusal;

/// The longest body that is read, in bytes.
const LIMIT: usize = 64 * 1024;
/// How long it may take to arrive as a whole: a form that trickles in holds a connection, and there are only so
/// many (AV-01).
const PATIENCE: Duration = Duration::from_secs(30);

/// What kind of body it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A form.
    Form,
    /// A JSON object.
    Json,
    /// Nothing at all.
    Empty,
}

/// What was sent.
#[derive(Debug)]
pub(super) struct Posted {
    shape: Shape,
    fields: BTreeMap<String, String>,
}

impl FromRequest<Own> for Posted {
    type Rejection = Refusal;

    async fn from_request(request: Request, own: &Own) -> Result<Self, Refusal> {
        let (head, body) = request.into_parts();
        tokio::select! {
            posted = Self::read(&head.headers, body) => posted,
            () = own.context.clock.sleep(PATIENCE) => {
                Err(Refusal::BadRequest("The body did not arrive in time."))
            }
        }
    }
}

impl Posted {
    async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Refusal> {
        let shape = shape(headers)?;
        let bytes = to_bytes(body, LIMIT).await.map_err(|error| {
            if is_too_long(&error) {
                Refusal::BodyTooLarge
            } else {
                Refusal::BadRequest("The body did not arrive.")
            }
        })?;
        match shape {
            // Scripts name a media type and then send no body where there is nothing to say, as in a logout.
            Shape::Json | Shape::Empty if bytes.is_empty() => Self::collect(shape, Vec::new()),
            Shape::Form => Self::collect(shape, pairs(&bytes)?),
            Shape::Json => Self::collect(shape, members(&bytes)?),
            Shape::Empty => Err(Refusal::UnsupportedMediaType),
        }
    }

    fn collect(shape: Shape, pairs: Vec<(String, String)>) -> Result<Self, Refusal> {
        let mut fields = BTreeMap::new();
        for (name, value) in pairs {
            if fields.insert(name, value).is_some() {
                return Err(Refusal::BadRequest("A field came twice."));
            }
        }
        Ok(Self { shape, fields })
    }

    /// What kind of body it was.
    pub(super) const fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether a person waits for the answer, who wants to be led on, rather than a program.
    pub(super) fn is_from_person(&self, class: Class) -> bool {
        match self.shape {
            Shape::Form => true,
            Shape::Json => false,
            Shape::Empty => class == Class::Page,
        }
    }

    /// A field; `None` if it was not sent.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// The first of several names for one field.
    pub(super) fn first_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.field(name))
    }

    /// A field without the space around it; empty if it was not sent.
    pub(super) fn trimmed(&self, name: &str) -> String {
        self.field(name).unwrap_or_default().trim().to_owned()
    }

    /// Takes a secret out, as it was typed; empty if it was not sent.
    pub(super) fn take_secret(&mut self, name: &str) -> SecretString {
        SecretString::from(self.fields.remove(name).unwrap_or_default())
    }
}

/// Whether a body broke off at a limit: this one, or the smaller one of its rule.
fn is_too_long(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(one) = cause {
        if one.is::<LengthLimitError>() {
            return true;
        }
        cause = one.source();
    }
    false
}

fn shape(headers: &HeaderMap) -> Result<Shape, Refusal> {
    if !headers.contains_key("content-type") {
        return Ok(Shape::Empty);
    }
    let value = single(headers, "content-type").ok_or(Refusal::UnsupportedMediaType)?;
    let essence = value.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        Ok(Shape::Form)
    } else if essence.eq_ignore_ascii_case("application/json") {
        Ok(Shape::Json)
    } else {
        Err(Refusal::UnsupportedMediaType)
    }
}

/// The pairs of a form or a query (URL Standard, application/x-www-form-urlencoded), strictly UTF-8.
pub(super) fn pairs(text: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let pair = |part: &[u8]| {
        let mut halves = part.splitn(2, |&b| b == b'=');
        let name = decoded(halves.next().unwrap_or_default())?;
        let value = decoded(halves.next().unwrap_or_default())?;
        Some((name, value))
    };
    text.split(|&b| b == b'&')
        .filter(|part| !part.is_empty())
        .map(|part| pair(part).ok_or(Refusal::BadRequest("The form is not UTF-8.")))
        .collect()
}

fn decoded(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = text
        .iter()
        .map(|&b| if b == b'+' { b' ' } else { b })
        .collect();
    percent_decode(&spaced)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

/// The members of a flat JSON object; an absent value and `null` are the same.
fn members(text: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let object: Map<String, Value> = serde_json::from_slice(text)
        .map_err(|_| Refusal::BadRequest("The body is not a JSON object."))?;
    let mut members = Vec::with_capacity(object.len());
    for (name, value) in object {
        match value {
            Value::String(text) => members.push((name, text)),
            Value::Bool(flag) => members.push((name, flag.to_string())),
            Value::Null => {}
            Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                return Err(Refusal::BadRequest(
                    "The members of the JSON object must be texts.",
                ));
            }
        }
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use cloakroom_core::secret::ExposeSecret;

    use super::*;

    async fn read(media_type: Option<&str>, body: impl Into<Body>) -> Result<Posted, Refusal> {
        let mut headers = HeaderMap::new();
        if let Some(media_type) = media_type {
            headers.insert("content-type", media_type.parse().unwrap());
        }
        Posted::read(&headers, body.into()).await
    }

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
    const JSON: Option<&str> = Some("application/json; charset=utf-8");

    #[tokio::test]
    async fn a_form_and_a_json_object_say_the_same() {
        let form = read(FORM, "email=ada%40example.com&password=a+b%2B&x")
            .await
            .unwrap();
        let json = read(
            JSON,
            r#"{"email":"ada@example.com","password":"a b+","x":"","y":null}"#,
        );
        for (mut posted, shape) in [(form, Shape::Form), (json.await.unwrap(), Shape::Json)] {
            assert_eq!(posted.shape(), shape);
            assert_eq!(
                posted.first_of(&["identifier", "email"]),
                Some("ada@example.com")
            );
            assert_eq!(posted.take_secret("password").expose_secret(), "a b+");
            assert_eq!(posted.field("password"), None);
            assert_eq!((posted.field("x"), posted.field("y")), (Some(""), None));
        }
    }

    #[tokio::test]
    async fn other_media_types_are_refused() {
        // CS-09
        for media_type in [
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/jsonx",
            "",
        ] {
            let refused = read(Some(media_type), "{}").await.unwrap_err();
            assert_eq!(refused, Refusal::UnsupportedMediaType, "{media_type}");
        }
        assert_eq!(
            read(None, "{}").await.unwrap_err(),
            Refusal::UnsupportedMediaType
        );
        assert_eq!(read(None, "").await.unwrap().shape(), Shape::Empty);
    }

    #[tokio::test]
    async fn json_without_a_body_is_an_object_without_members() {
        let posted = read(JSON, "").await.unwrap();
        assert_eq!(posted.shape(), Shape::Json);
        assert_eq!(posted.field("password"), None);
        assert!(read(JSON, " ").await.is_err());
    }

    #[tokio::test]
    async fn a_field_that_comes_twice_is_refused() {
        let refused = read(FORM, "email=a&email=b").await.unwrap_err();
        assert!(matches!(refused, Refusal::BadRequest(_)));
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_refused() {
        for (media_type, body) in [
            (JSON, "[]"),
            (JSON, "{"),
            (JSON, r#"{"a":1}"#),
            (JSON, r#"{"a":{"b":"c"}}"#),
            (FORM, "a=%ff"),
        ] {
            let refused = read(media_type, body).await.unwrap_err();
            assert!(matches!(refused, Refusal::BadRequest(_)), "{body}");
        }
    }

    #[tokio::test]
    async fn a_body_beyond_the_limit_is_refused() {
        let long = vec![b'a'; LIMIT + 1];
        assert_eq!(read(FORM, long).await.unwrap_err(), Refusal::BodyTooLarge);
        assert!(read(FORM, vec![b'a'; LIMIT]).await.is_ok());
    }
}
