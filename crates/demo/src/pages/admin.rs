//! `GET /admin`: everybody's goals in numbers. The gateway asks for the role before it forwards, and this page
//! asks again: whoever forgets a rule there must not open it here.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::frame::{Section, Shell, html};
use super::problem::PageError;
use super::visitor::Member;
use crate::app::AppState;
use crate::goals::Tally;

#[derive(Template)]
#[template(path = "admin.html")]
pub(super) struct AdminPage {
    shell: Shell,
    tallies: Vec<Tally>,
}

pub(super) async fn admin(
    State(app): State<AppState>,
    Member(visitor): Member,
) -> Result<Response, PageError> {
    if !visitor.is_admin {
        return Err(PageError::Forbidden);
    }
    let page = AdminPage {
        shell: Shell::new(Section::Admin, Some(&visitor)),
        tallies: app.goals.census(),
    };
    Ok(html(StatusCode::OK, &page))
}

#[cfg(test)]
impl AdminPage {
    pub(super) fn samples() -> Vec<Self> {
        let visitor = super::visitor::Visitor::sample();
        let tally = |name: &str, active, completed, average| Tally {
            name: name.to_owned(),
            total: active + completed,
            active,
            completed,
            average,
        };
        let tallies = vec![
            tally("Ada Lovelace", 5, 2, 56),
            tally("Bob Martin", 0, 0, 0),
        ];
        [Vec::new(), tallies]
            .map(|tallies| Self {
                shell: Shell::new(Section::Admin, Some(&visitor)),
                tallies,
            })
            .into()
    }
}
