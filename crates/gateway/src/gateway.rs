//! The gateway as its owner sees it: how it is put together, and what it does beside answering requests.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use async_trait::async_trait;
use cloakroom_core::keys::Keys;
use cloakroom_core::ports::{
    Clock, Ending, Endings, Entropy, Provider, SessionStore, StoreError, random,
};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::AccessLog;
use crate::assertion::{AssertionError, Assertions};
use crate::config::Config;
use crate::connect::Connect;
use crate::context::Context;
use crate::endpoints;
use crate::forward::Upstreams;
use crate::harden::Hardening;
use crate::ingress::Ingress;
use crate::meter::Meter;
use crate::pipeline::Replays;
use crate::refresh::Refresher;
use crate::route::{RouteTable, TableError};
use crate::session::Sessions;
use crate::streams::Streams;

/// What a gateway is plugged into.
pub struct Parts {
    /// All time.
    pub clock: Arc<dyn Clock>,
    /// All randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Where sessions are kept.
    pub sessions: Arc<dyn SessionStore>,
    /// Who knows the users.
    pub provider: Arc<dyn Provider>,
    /// How upstreams are reached.
    pub connect: Arc<dyn Connect>,
    /// The gateway's own keys.
    pub keys: GatewayKeys,
    /// Where access lines go.
    pub access_log: AccessLog,
}

/// The gateway's own keys.
#[derive(Clone, Debug)]
pub struct GatewayKeys {
    /// 32 random bytes each: seal the records of sessions, together with the cookie's secret.
    pub sealing: Keys,
    /// PKCS#8 P-256 keys: sign what the web app is told.
    pub assertion: Keys,
}

/// Why a gateway cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The route table contradicts itself.
    #[error(transparent)]
    Table(#[from] TableError),
    /// An assertion key is unusable.
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    /// A public name cannot stand in a header.
    #[error("{0} cannot stand in a header")]
    Header(&'static str),
}

/// A gateway. Cheap to share, never replaced while it runs.
pub struct Gateway {
    pub(crate) context: Arc<Context>,
    pub(crate) ingress: Ingress,
    pub(crate) table: RouteTable,
    pub(crate) upstreams: Upstreams,
    pub(crate) own: axum::Router,
    pub(crate) hardening: Hardening,
    pub(crate) meter: Arc<Meter>,
    pub(crate) access: Arc<AccessLog>,
    pub(crate) replays: Replays,
    /// Names this process in request ids.
    pub(crate) process: u32,
    /// Counts requests.
    pub(crate) count: AtomicU64,
}

impl Gateway {
    /// Puts a gateway together. Nothing is contacted: it starts with everything else down.
    pub fn new(config: Config, parts: Parts) -> Result<Arc<Self>, GatewayError> {
        let assertions = Arc::new(Assertions::new(
            config.public_url.as_str(),
            parts.keys.assertion,
            Arc::clone(&parts.clock),
        )?);
        let sessions = Sessions::new(
            &config,
            crate::session::Parts {
                clock: Arc::clone(&parts.clock),
                entropy: Arc::clone(&parts.entropy),
                store: parts.sessions,
                provider: Arc::clone(&parts.provider),
                sealing: parts.keys.sealing,
                assertions: Arc::clone(&assertions),
            },
        );
        let refresher = Refresher::new(
            config.refresh.clone(),
            Arc::clone(&sessions),
            Arc::clone(&parts.provider),
        );
        let table = RouteTable::new(config.rules.clone())?;
        let ingress = Ingress::new(&config);
        let upstreams = Upstreams::new(&config, &parts.connect)?;
        let hardening = Hardening::new(&config);
        let streams = Streams::new(Arc::clone(&sessions), Arc::clone(&parts.clock));
        let process = u32::from_be_bytes(random(&*parts.entropy));
        let context = Arc::new(Context {
            config,
            clock: parts.clock,
            entropy: parts.entropy,
            provider: parts.provider,
            sessions,
            refresher,
            streams,
            assertions,
            tasks: TaskTracker::new(),
        });
        Ok(Arc::new(Self {
            own: endpoints::router(Arc::clone(&context)),
            context,
            ingress,
            table,
            upstreams,
            hardening,
            meter: Arc::new(Meter::new()),
            access: Arc::new(parts.access_log),
            replays: Replays::default(),
            process,
            count: AtomicU64::new(0),
        }))
    }

    /// The route table in the order in which it is searched, a line a rule, for the start-up message.
    pub fn describe_routes(&self) -> Vec<String> {
        self.table.describe(&self.context.config)
    }

    /// Whether the store answers: what readiness means.
    pub async fn is_ready(&self) -> bool {
        self.context.sessions.is_reachable().await
    }

    /// Does what has to be done beside answering requests, until `stop`: reads the change feed, writes
    /// slides, purges, writes access lines, closes streams of ended sessions.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        tokio::join!(
            Arc::clone(&self.context.sessions).run(stop.clone()),
            Arc::clone(&self.context.streams).run(stop.clone()),
            self.access.run(&*self.context.clock, stop.clone()),
            self.sweep_upstreams(stop),
        );
    }

    async fn sweep_upstreams(&self, stop: CancellationToken) {
        let second = std::time::Duration::from_secs(1);
        while stop
            .run_until_cancelled(self.context.clock.sleep(second))
            .await
            .is_some()
        {
            self.upstreams.sweep();
        }
    }

    /// Waits for refreshes under way: cancelling one half-way would leave its outcome unknown; and for what
    /// else has begun and not ended, such as revocations.
    pub async fn drain(&self) {
        self.context.refresher.drain().await;
        self.context.tasks.close();
        self.context.tasks.wait().await;
        self.context.sessions.flush().await;
        self.access.flush();
    }
}

#[async_trait]
impl Endings for Gateway {
    async fn ended(&self, ending: &Ending) -> Result<(), StoreError> {
        self.context.sessions.ended(ending).await
    }
}
