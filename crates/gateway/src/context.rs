//! What the stages and our own endpoints share: the parts that were plugged in, and what is built on them.

use std::sync::Arc;

use cloakroom_core::ports::{Clock, Entropy, Provider};
use tokio_util::task::TaskTracker;

use crate::assertion::Assertions;
use crate::config::Config;
use crate::refresh::Refresher;
use crate::session::Sessions;
use crate::streams::Streams;

/// What the stages and our own endpoints share.
pub(crate) struct Context {
    /// What the deployment chose.
    pub(crate) config: Config,
    /// All time.
    pub(crate) clock: Arc<dyn Clock>,
    /// All randomness.
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Who knows the users.
    pub(crate) provider: Arc<dyn Provider>,
    /// Who opens, begins and ends sessions.
    pub(crate) sessions: Arc<Sessions>,
    /// Who renews their tokens.
    pub(crate) refresher: Refresher,
    /// What is open on behalf of a session, and ends with it.
    pub(crate) streams: Arc<Streams>,
    /// Who signs what the web app is told.
    pub(crate) assertions: Arc<Assertions>,
    /// Work that outlives the request that began it: shutdown waits for it.
    pub(crate) tasks: TaskTracker,
}
