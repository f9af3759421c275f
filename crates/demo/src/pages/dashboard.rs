//! `GET /dashboard`: the person's goals in numbers, and the silent refresh made visible.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use cloakroom_axum::{AuthError, CurrentUser, OptionalUser};
use cloakroom_core::Timestamp;
use http::StatusCode;

use super::frame::{Section, Shell, html};
use super::problem::PageError;
use super::visitor::{Member, Visitor};
use crate::app::AppState;
use crate::goals::{Goal, Shelf, Status, Tally};
use crate::renewals::Seen;

/// Goals that are shown as nearly reached.
const NEXT: usize = 3;

/// The access token that came with this request, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TokenAge {
    /// Seconds since it was issued.
    age: u64,
    /// Seconds it lives in all.
    lifetime: u64,
    /// The how manyth of its session, as far as this app has seen.
    number: u32,
}

#[derive(Template)]
#[template(path = "dashboard.html")]
pub(super) struct DashboardPage {
    shell: Shell,
    name: String,
    tally: Tally,
    next: Vec<Goal>,
    token: Option<TokenAge>,
}

pub(super) async fn dashboard(
    State(app): State<AppState>,
    Member(visitor): Member,
    token: Result<OptionalUser, AuthError>,
) -> Result<Response, PageError> {
    let shelf = app.goals.of(&visitor.owner).await?;
    // The page stands on the assertion; a token that is missing or refused only leaves its box empty.
    let user = token.ok().and_then(|OptionalUser(user)| user);
    let token = user.and_then(|user| token_age(&app, &visitor, &user));
    Ok(html(
        StatusCode::OK,
        &DashboardPage::new(&visitor, &shelf, token),
    ))
}

impl DashboardPage {
    fn new(visitor: &Visitor, shelf: &Shelf, token: Option<TokenAge>) -> Self {
        Self {
            shell: Shell::new(Section::Dashboard, Some(visitor)),
            name: visitor.owner.name.clone(),
            tally: shelf.tally(),
            next: nearly_reached(shelf),
            token,
        }
    }
}

fn nearly_reached(shelf: &Shelf) -> Vec<Goal> {
    let active = |goal: &&Goal| goal.status() == Status::Active;
    let mut goals: Vec<_> = shelf.goals.iter().filter(active).cloned().collect();
    // A stable sort: of two equal ones the newer stays first.
    goals.sort_by_key(|goal| std::cmp::Reverse(goal.progress()));
    goals.truncate(NEXT);
    goals
}

/// `None` where the token does not say what is needed, or is about somebody else than the page.
fn token_age(app: &AppState, visitor: &Visitor, user: &CurrentUser) -> Option<TokenAge> {
    if user.id != visitor.owner.subject {
        return None;
    }
    let (now, issued) = (app.clock.now(), Timestamp::from_secs(user.issued_at?));
    let seen = Seen {
        sid: user.sid.clone()?,
        jti: user.jti.clone()?,
        issued,
    };
    Some(TokenAge {
        age: now.since(issued).as_secs(),
        lifetime: Timestamp::from_secs(user.expires_at)
            .since(issued)
            .as_secs(),
        number: app.renewals.note(seen, now),
    })
}

#[cfg(test)]
impl DashboardPage {
    pub(super) fn samples() -> Vec<Self> {
        let visitor = Visitor::sample();
        let token = TokenAge {
            age: 12,
            lifetime: 60,
            number: 3,
        };
        let nothing = Shelf::default();
        let (some, done) = (Shelf::sample(), Shelf::sample_completed());
        vec![
            Self::new(&visitor, &some, Some(token)),
            Self::new(&visitor, &done, None),
            Self::new(&visitor, &nothing, None),
        ]
    }
}
