//! What surrounds every page: finds out who is looking, hands that to the page, and turns a page's error into
//! a page of its own.
//!
//! 1. The visitor comes from the gateway's assertion and nothing else; it is verified once a request, here.
//! 2. A page is never kept by a cache: after a logout the back button must not show it.
//! 3. Scripts, styles and frames from elsewhere do not run, even if text of a user got into a page unescaped.
//!
//! Whoever reaches this app's port past the gateway is nobody: without an assertion there is no visitor.

use askama::Template;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, StatusCode};

use super::problem::{PageError, ProblemPage};
use super::visitor::{Visitor, Who};
use crate::app::AppState;
use crate::assets::AssetUrls;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

/// Which entry of the navigation is the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Home,
    Dashboard,
    Goals,
    Admin,
    Elsewhere,
}

/// What the base template needs.
#[derive(Clone, Debug)]
pub(super) struct Shell {
    pub(super) assets: AssetUrls,
    pub(super) section: Section,
    pub(super) visitor: Option<Visitor>,
}

impl Shell {
    pub(super) fn new(section: Section, visitor: Option<&Visitor>) -> Self {
        Self {
            assets: AssetUrls::current(),
            section,
            visitor: visitor.cloned(),
        }
    }
}

/// A rendered page, or the error page where it cannot be rendered.
pub(super) fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(cause) => {
            tracing::error!(%cause, "a page could not be rendered");
            PageError::Broken.into_response()
        }
    }
}

/// The middleware around all pages.
pub(super) async fn frame(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let who = Who::find(&mut head, &app).await;
    let login_leads_to = head.method.is_safe().then(|| head.uri.path().to_owned());
    head.extensions.insert(who.clone());
    let mut response = next.run(Request::from_parts(head, body)).await;
    if let Some(error) = response.extensions_mut().remove::<PageError>() {
        let shell = Shell::new(Section::Elsewhere, who.visitor());
        let page = ProblemPage::new(shell, error, login_leads_to);
        // What the router said besides, such as which methods are allowed, stays.
        let (mut said, _) = response.into_parts();
        said.headers.remove(CONTENT_LENGTH);
        response = match page.render() {
            Ok(text) => (said, Html(text)).into_response(),
            Err(_) => error.status().into_response(),
        };
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
