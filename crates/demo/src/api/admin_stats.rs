//! `GET /api/admin/stats`: everybody's goals in numbers, for admins: the router lets nobody else through.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::app::AppState;
use crate::goals::Tally;

#[derive(Serialize)]
pub(crate) struct Stats {
    /// By name.
    users: Vec<Tally>,
    goals: usize,
    completed: usize,
}

pub(crate) async fn admin_stats(State(app): State<AppState>) -> Json<Stats> {
    let users = app.goals.census();
    Json(Stats {
        goals: users.iter().map(|user| user.total).sum(),
        completed: users.iter().map(|user| user.completed).sum(),
        users,
    })
}
