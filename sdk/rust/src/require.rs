//! Layers that guard a whole router: below them no handler runs for the wrong sender, whatever it asks for.
//!
//! They go by the verdict of [`Verify`](crate::Verify) or [`Assertions`](crate::Assertions), which therefore is
//! added *after* them (in axum, the last layer runs first). Without it, everything is refused.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::Extensions;
use tower::{Layer, Service};

use crate::check::proven_roles;
use crate::error::AuthError;

/// Lets users through: others get 401.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequireUser;

/// Lets users through who have one of these roles: others get 403, or 401 if they are nobody.
#[derive(Clone, Debug)]
pub struct RequireRole {
    roles: Arc<[String]>,
}

impl RequireRole {
    /// One of `roles` is enough. An empty list lets nobody through.
    pub fn any<R: Into<String>>(roles: impl IntoIterator<Item = R>) -> Self {
        Self {
            roles: roles.into_iter().map(Into::into).collect(),
        }
    }
}

impl<S> Layer<S> for RequireUser {
    type Service = Gate<S>;

    fn layer(&self, inner: S) -> Gate<S> {
        Gate { roles: None, inner }
    }
}

impl<S> Layer<S> for RequireRole {
    type Service = Gate<S>;

    fn layer(&self, inner: S) -> Gate<S> {
        let roles = Some(Arc::clone(&self.roles));
        Gate { roles, inner }
    }
}

/// A service behind a guard.
#[derive(Clone, Debug)]
pub struct Gate<S> {
    /// One of these; `None` asks for no role.
    roles: Option<Arc<[String]>>,
    inner: S,
}

impl<S> Gate<S> {
    fn admit(&self, extensions: &Extensions) -> Result<(), AuthError> {
        let has = proven_roles(extensions)?.ok_or(AuthError::Unauthenticated)?;
        match &self.roles {
            Some(wanted) if !wanted.iter().any(|role| has.contains(role)) => {
                Err(AuthError::Forbidden)
            }
            _ => Ok(()),
        }
    }
}

impl<S> Service<Request> for Gate<S>
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.admit(request.extensions()) {
            Ok(()) => Box::pin(self.inner.call(request)),
            Err(refusal) => {
                let response = refusal.into_response();
                Box::pin(async move { Ok(response) })
            }
        }
    }
}
