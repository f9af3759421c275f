//! Reads the fields of a body, strictly, and collects everything that is wrong with them in FastAPI's shape.
//!
//! 1. The media type must be the endpoint's (415); a body is read up to [`BODY_LIMIT`] (413) and must be one object,
//!    in which no field comes twice.
//! 2. A field that the endpoint did not ask for refuses the request: `roles`, `id` or `created_at` in a registration
//!    are an attempt to assign what is not the caller's to assign (ID-11).
//! 3. Each wrong field is named with a sentence for the person who typed it. The value never comes back.

use std::fmt::{self, Display};

use axum::extract::{FromRequest as _, Request};
use axum::{Form, Json};
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The largest body that any endpoint reads, in bytes.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// Names of unknown fields are repeated in the answer up to this length, and this many of them.
const REPEATED: usize = 64;

/// One wrong field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct WrongField {
    /// Where it stands: `body`, then its name.
    loc: Vec<String>,
    /// What is wrong, as a sentence.
    msg: String,
    /// The kind of error.
    #[serde(rename = "type")]
    kind: &'static str,
}

impl WrongField {
    fn new(name: &str, msg: impl Display, kind: &'static str) -> Self {
        let name = name.chars().take(REPEATED).collect();
        Self {
            loc: vec!["body".to_owned(), name],
            msg: msg.to_string(),
            kind,
        }
    }
}

/// The body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// Another media type than the endpoint's.
    #[error("the media type is not supported")]
    MediaType,
    /// Larger than [`BODY_LIMIT`].
    #[error("the body is too large")]
    TooLarge,
    /// Not an object, or not a form.
    #[error("the body cannot be read")]
    Malformed,
}

impl BodyError {
    /// What an extractor's rejection means; its text is for people and is not looked at.
    fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::MediaType,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            _ => Self::Malformed,
        }
    }
}

/// Fields are wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} fields are wrong", .0.len())]
pub(crate) struct Invalid(pub(crate) Vec<WrongField>);

/// What a body says about a field for which absent and null are two things.
pub(crate) enum Told<T> {
    /// The field is absent.
    Nothing,
    /// The field is null.
    Null,
    /// The field has a value.
    Value(T),
}

/// The members of a JSON object. A repeated one is refused: `serde_json` itself would take the last, others the first
/// (RFC 8259 §4).
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Once)
    }
}

struct Once;

impl<'de> Visitor<'de> for Once {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Members, A::Error> {
        let mut values = Map::new();
        while let Some((name, value)) = members.next_entry()? {
            if values.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is repeated"));
            }
        }
        Ok(Members(values))
    }
}

/// The fields of a body, taken out one by one.
pub(crate) struct Fields {
    values: Map<String, Value>,
    wrong: Vec<WrongField>,
}

impl Fields {
    /// Reads a JSON object.
    pub(crate) async fn json(request: Request) -> Result<Self, BodyError> {
        let Json(Members(values)) = Json::<Members>::from_request(request, &())
            .await
            .map_err(|rejection| BodyError::of(rejection.status()))?;
        Ok(Self::of(values))
    }

    /// Reads a JSON object, or nothing where no body is sent.
    pub(crate) async fn json_if_any(request: Request) -> Result<Self, BodyError> {
        if request.headers().contains_key(CONTENT_TYPE) {
            return Self::json(request).await;
        }
        let body = Bytes::from_request(request, &())
            .await
            .map_err(|rejection| BodyError::of(rejection.status()))?;
        if body.is_empty() {
            Ok(Self::of(Map::new()))
        } else {
            Err(BodyError::MediaType)
        }
    }

    /// Reads `application/x-www-form-urlencoded`. A field that comes twice is malformed: no reader can say which counts.
    pub(crate) async fn form(request: Request) -> Result<Self, BodyError> {
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, &())
            .await
            .map_err(|rejection| BodyError::of(rejection.status()))?;
        let mut values = Map::new();
        for (name, value) in pairs {
            if values.insert(name, Value::String(value)).is_some() {
                return Err(BodyError::Malformed);
            }
        }
        Ok(Self::of(values))
    }

    /// A text that must be there.
    pub(crate) fn required<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let Some(value) = self.values.remove(name) else {
            let missing = WrongField::new(name, "This field is required.", "missing");
            self.wrong.push(missing);
            return None;
        };
        self.parse(name, &value, parse)
    }

    /// A text that may be absent or null.
    pub(crate) fn optional<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match self.nullable(name, parse) {
            Told::Nothing | Told::Null => None,
            Told::Value(value) => Some(value),
        }
    }

    /// A text that may be absent, or null, which is something else.
    pub(crate) fn nullable<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Told<T> {
        match self.values.remove(name) {
            None => Told::Nothing,
            Some(Value::Null) => Told::Null,
            Some(value) => self
                .parse(name, &value, parse)
                .map_or(Told::Nothing, Told::Value),
        }
    }

    /// A yes or no, with what it means to say neither.
    pub(crate) fn flag(&mut self, name: &str, otherwise: bool) -> bool {
        match self.values.remove(name) {
            None | Some(Value::Null) => otherwise,
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                let wrong = WrongField::new(name, "This must be true or false.", "bool_type");
                self.wrong.push(wrong);
                otherwise
            }
        }
    }

    /// Records that a field is wrong for a reason that only the endpoint can know.
    pub(crate) fn refuse(&mut self, name: &str, why: impl Display) {
        self.wrong.push(WrongField::new(name, why, "value_error"));
    }

    /// Ends the reading: what was read, if every field was right and none is left over.
    pub(crate) fn finish<T>(mut self, read: Option<T>) -> Result<T, Invalid> {
        for name in self.values.keys().take(REPEATED) {
            let extra =
                WrongField::new(name, "This field is not accepted here.", "extra_forbidden");
            self.wrong.push(extra);
        }
        match read {
            Some(read) if self.wrong.is_empty() => Ok(read),
            _ => Err(Invalid(self.wrong)),
        }
    }

    fn of(values: Map<String, Value>) -> Self {
        Self {
            values,
            wrong: Vec::new(),
        }
    }

    fn parse<T, E: Display>(
        &mut self,
        name: &str,
        value: &Value,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let Some(text) = value.as_str() else {
            let wrong = WrongField::new(name, "This must be a text.", "string_type");
            self.wrong.push(wrong);
            return None;
        };
        parse(text).map_err(|why| self.refuse(name, why)).ok()
    }
}
