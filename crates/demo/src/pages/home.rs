//! `GET /`: what this is, for everybody; greets whoever is logged in.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::frame::{Section, Shell, html};
use super::visitor::Guest;

#[derive(Template)]
#[template(path = "home.html")]
pub(super) struct HomePage {
    shell: Shell,
}

pub(super) async fn home(Guest(visitor): Guest) -> Response {
    let page = HomePage {
        shell: Shell::new(Section::Home, visitor.as_ref()),
    };
    html(StatusCode::OK, &page)
}

#[cfg(test)]
impl HomePage {
    pub(super) fn samples() -> Vec<Self> {
        let visitor = super::visitor::Visitor::sample();
        [None, Some(&visitor)]
            .map(|visitor| Self {
                shell: Shell::new(Section::Home, visitor),
            })
            .into()
    }
}
