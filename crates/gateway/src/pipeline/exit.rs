//! How a refusal looks: the one place where the kind of request decides the shape of an answer.

use std::time::Duration;

use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::access::Note;
use crate::body::Body;
use crate::call::{Call, Class, Payload};
use crate::config::ReturnTo;
use crate::gateway::Gateway;
use crate::harden::Hardening;
use crate::pages;
use crate::refusal::Refusal;
use crate::way_in::{login_url, referer};

/// How much of a refused request's body is read and thrown away, so that the browser gets to the answer.
const DRAINED: usize = 256 * 1024;
/// For how long.
const DRAIN_FOR: Duration = Duration::from_secs(2);

impl Gateway {
    /// Turns a refusal into an answer, and writes it down.
    pub(super) fn refuse(
        &self,
        refusal: &Refusal,
        call: &mut Call,
        note: &mut Note,
    ) -> Response<Body> {
        note.outcome = refusal.code().as_str();
        if let Refusal::Unauthenticated(Some(reason)) = refusal {
            note.reason = reason.as_str();
        }
        self.drain_body(call);
        let mut response = self.shape(refusal, call);
        Hardening::own(response.headers_mut());
        if let Refusal::MethodNotAllowed(allowed) = refusal {
            response
                .headers_mut()
                .insert(header::ALLOW, allowed.clone());
        }
        if let Some(wait) = refusal.retry_after() {
            let seconds = HeaderValue::from(wait.as_secs().max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }

    fn shape(&self, refusal: &Refusal, call: &Call) -> Response<Body> {
        match (refusal, call.class) {
            (Refusal::Respell(path), _) => redirect(StatusCode::PERMANENT_REDIRECT, path),
            (Refusal::Unauthenticated(_), Class::Page) => {
                redirect(StatusCode::SEE_OTHER, &self.login_of_a_page(call))
            }
            (Refusal::Unauthenticated(_), Class::Action) => {
                let login = self.login_of_a_script(call);
                let mut response = self.as_json(refusal, call);
                if let Ok(value) = HeaderValue::try_from(format!("{login};push")) {
                    response.headers_mut().insert("x-action-redirect", value);
                }
                response
            }
            (_, Class::Page) => self.as_page(refusal, call),
            (_, _) => self.as_json(refusal, call),
        }
    }

    fn as_page(&self, refusal: &Refusal, call: &Call) -> Response<Body> {
        let login = self.login_of_a_page(call);
        let context = pages::RefusalContext {
            request_id: call.id.as_str(),
            login_url: &login,
            base_path: &self.context.config.base_path,
            brand: &self.context.config.pages.brand,
        };
        answer(
            refusal,
            "text/html; charset=utf-8",
            pages::refusal(refusal, &context).into(),
        )
    }

    fn as_json(&self, refusal: &Refusal, call: &Call) -> Response<Body> {
        let login = match refusal {
            Refusal::Unauthenticated(_) => Some(self.login_of_a_script(call)),
            _ => None,
        };
        let body = pages::json_error(refusal, call.id.as_str(), login.as_deref());
        answer(refusal, "application/json", body.into())
    }

    /// The login page that leads back to where a page request wanted to go: its own address, or, for a form,
    /// the page that the form is on.
    fn login_of_a_page(&self, call: &Call) -> String {
        if !matches!(call.head.method, Method::GET | Method::HEAD) {
            return self.login_of_a_script(call);
        }
        let config = &self.context.config;
        let target = call
            .head
            .uri
            .path_and_query()
            .map(http::uri::PathAndQuery::as_str);
        let back = target.and_then(|target| ReturnTo::parse(target, &config.base_path));
        login_url(config, back.as_ref())
    }

    /// The login page that leads back to the page which sent the request.
    fn login_of_a_script(&self, call: &Call) -> String {
        let config = &self.context.config;
        login_url(config, referer(config, &call.head.headers).as_ref())
    }

    /// Reads what a refused client is still sending, a little and not for long: a connection that is closed
    /// under its hands would lose the answer.
    fn drain_body(&self, call: &mut Call) {
        if let Payload::Stream(body) = std::mem::replace(&mut call.payload, Payload::Empty) {
            let clock = std::sync::Arc::clone(&self.context.clock);
            tokio::spawn(async move {
                tokio::select! {
                    () = drain(body) => {}
                    () = clock.sleep(DRAIN_FOR) => {}
                }
            });
        }
    }
}

async fn drain(mut body: Incoming) {
    let mut left = DRAINED;
    while let Some(Ok(frame)) = body.frame().await {
        let read = frame.data_ref().map_or(0, bytes::Bytes::len);
        let Some(rest) = left.checked_sub(read) else {
            return;
        };
        left = rest;
    }
}

fn answer(refusal: &Refusal, media_type: &'static str, body: bytes::Bytes) -> Response<Body> {
    let mut response = Response::new(Body::full(body));
    *response.status_mut() =
        StatusCode::from_u16(refusal.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn redirect(status: StatusCode, path: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    match HeaderValue::try_from(path) {
        Ok(path) => {
            response.headers_mut().insert(header::LOCATION, path);
        }
        // A path that was judged fits into a header; should it not, nobody is led anywhere.
        Err(_) => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    response
}
