//! The app as the binary sees it: opened once, then a router to serve behind the gateway.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use cloakroom_axum::ConfigError;
use cloakroom_core::ports::{Clock, Entropy};
use tokio_util::sync::CancellationToken;

use crate::callers::Callers;
use crate::config::Config;
use crate::goals::{GoalFileError, GoalStore};
use crate::renewals::Renewals;
use crate::{api, assets, health, pages};

/// Why the app does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address of an issuer's keys.
    #[error(transparent)]
    Callers(#[from] ConfigError),
    /// The goals file.
    #[error(transparent)]
    Goals(#[from] GoalFileError),
    /// The process is being ended while it starts.
    #[error("loading the goals was aborted")]
    Aborted(#[source] tokio::task::JoinError),
}

/// The goals app.
#[derive(Clone)]
pub struct App {
    state: AppState,
    callers: Callers,
}

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) goals: GoalStore,
    pub(crate) renewals: Renewals,
    pub(crate) clock: Arc<dyn Clock>,
    /// Cancelled when the app closes: what would go on for ever ends then.
    pub(crate) closing: CancellationToken,
}

impl App {
    /// Loads the goals, or begins a file. What is wrong with the configuration is told now, not later.
    pub async fn open(
        config: Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, OpenError> {
        let callers = Callers::new(&config, Arc::clone(&clock))?;
        Self::open_for(callers, config.goals_file, clock, entropy).await
    }

    /// The same for whoever the layers believe: what a test needs whose issuer is in memory.
    pub async fn open_for(
        callers: Callers,
        goals_file: PathBuf,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, OpenError> {
        let goals = open_goals(goals_file, Arc::clone(&clock), entropy).await?;
        Ok(Self {
            callers,
            state: AppState {
                goals,
                renewals: Renewals::default(),
                clock,
                closing: CancellationToken::new(),
            },
        })
    }

    /// Everything the app serves.
    pub fn router(&self) -> Router {
        pages::router(&self.state, &self.callers)
            .merge(api::router(&self.callers))
            .route("/assets/{name}", get(assets::asset))
            .route("/healthz", get(health::healthz))
            .with_state(self.state.clone())
    }

    /// Ends the event streams and the WebSockets, which would otherwise keep a graceful shutdown waiting.
    pub fn close(&self) {
        self.state.closing.cancel();
    }
}

async fn open_goals(
    path: PathBuf,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<GoalStore, OpenError> {
    let opening = tokio::task::spawn_blocking(move || GoalStore::open(&path, clock, entropy));
    Ok(opening.await.map_err(OpenError::Aborted)??)
}

#[cfg(test)]
mod tests;
