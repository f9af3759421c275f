//! A running server: opened in the order in which it can fail clearly, and ended in the order in which nothing is
//! lost.
//!
//! At the end the gateway stops accepting first. The identity service goes on until the gateway has finished what was
//! under way, because a refresh that is cut off half-way would leave its outcome unknown.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use cloakroom_core::ports::{Clock, Entropy};
use cloakroom_gateway::AccessLog;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::{Deployment, Listeners};
use crate::data_dir::{self, Occupied};
use crate::failure::Failure;
use crate::keys::{self, KeyFile, Rings};
use crate::listen::{self, BindError, Cores, GatewayService, Limits, Listener, RouterService};
use crate::wire::{self, Assembled, Databases, Purpose};
use crate::{admin, telemetry};

/// How often the metrics recorder tidies up.
const UPKEEP: Duration = Duration::from_secs(5);

/// All listeners, bound before anything else is done: a port in use is the most common mistake.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) gateway: Listener,
    pub(crate) identity: Listener,
    pub(crate) admin: Option<Listener>,
}

impl Bound {
    /// Binds all of them.
    pub(crate) fn bind(listen: &Listeners) -> Result<Self, BindError> {
        let bind_admin = |address| Listener::bind(address, "the admin listener ([admin] listen)");
        Ok(Self {
            gateway: Listener::bind(
                listen.gateway,
                "the gateway ([server] listen, --listen or --port)",
            )?,
            identity: Listener::bind(listen.identity, "the identity service ([identity] listen)")?,
            admin: listen.admin.map(bind_admin).transpose()?,
        })
    }
}

/// What a server is started with.
pub(crate) struct Setting {
    /// What was configured.
    pub(crate) deployment: Deployment,
    /// Its listeners.
    pub(crate) bound: Bound,
    /// What its data is for.
    pub(crate) purpose: Purpose,
    /// Where access lines go.
    pub(crate) access_log: AccessLog,
}

/// A server that is ready to answer.
pub(crate) struct Server {
    pub(crate) assembled: Assembled,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    deployment: Deployment,
    bound: Bound,
    databases: Databases,
    keys: (PathBuf, Rings),
    metrics: PrometheusHandle,
    beside: Vec<(Listener, Router)>,
    /// Where browsers' connections are served; outlives all that they have started.
    cores: Cores,
    _occupied: Occupied,
}

impl Server {
    /// Opens everything that is kept, and joins the parts.
    pub(crate) async fn open(setting: Setting) -> Result<Self, Failure> {
        let Setting {
            mut deployment,
            bound,
            purpose,
            access_log,
        } = setting;
        deployment.is_at(bound.identity.port());
        // Before anything that counts: counters hold on to the recorder that they were made with.
        let metrics = telemetry::metrics()?;
        let (clock, entropy) = (wire::system_clock(), wire::system_entropy());
        let occupied = data_dir::occupy(&deployment.data.dir)?;
        let databases = Databases::open(&deployment.data, purpose).await?;
        let path = KeyFile::path_in(&deployment.data.dir);
        let now = clock.now();
        let rings = Rings::new(
            &KeyFile::open(&path, now, &*entropy)?,
            deployment.identity.algorithm,
            now,
        )?;
        let parts = wire::Parts {
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            connect: wire::tcp(),
            outbound: wire::http()?,
            stores: databases.stores(),
            keys: rings.clone(),
            access_log,
        };
        let assembled = wire::assemble(&deployment, parts)?;
        Ok(Self {
            assembled,
            clock,
            entropy,
            deployment,
            bound,
            databases,
            keys: (path, rings),
            metrics,
            beside: Vec::new(),
            cores: Cores::each().context("cannot start a thread for each core")?,
            _occupied: occupied,
        })
    }

    /// Serves this router as well, for as long as the gateway may still need it.
    pub(crate) fn beside(&mut self, listener: Listener, router: Router) {
        self.beside.push((listener, router));
    }

    /// Answers requests until `front` is cancelled, and returns when the last one is answered and everything is kept.
    pub(crate) async fn run(self, front: CancellationToken) {
        let back = CancellationToken::new();
        let tasks = TaskTracker::new();
        let Self {
            assembled,
            clock,
            bound,
            databases,
            metrics,
            ..
        } = self;
        let serve_router = |listener, router| {
            let service = RouterService(router);
            let (clock, back) = (Arc::clone(&clock), back.clone());
            tasks.spawn(async move {
                let here = Cores::shared();
                listen::serve(listener, service, Limits::default(), &here, clock, back).await;
            });
        };
        serve_router(bound.identity, assembled.identity.router());
        if let Some(listener) = bound.admin {
            serve_router(
                listener,
                admin::router(Arc::clone(&assembled.gateway), metrics.clone()),
            );
        }
        for (listener, router) in self.beside {
            serve_router(listener, router);
        }
        let (path, rings) = self.keys;
        tasks.spawn(keys::follow(path, rings, Arc::clone(&clock), back.clone()));
        tasks.spawn(upkeep(metrics, Arc::clone(&clock), back.clone()));
        tasks.spawn({
            let (assembled, front, back) = (assembled.clone(), front.clone(), back.clone());
            async move { assembled.work(front, back).await }
        });
        let limits = Limits {
            exempt: self.deployment.gateway.trusted_proxies.clone(),
            ..Limits::default()
        };
        let service = GatewayService(Arc::clone(&assembled.gateway));
        let cores = &self.cores;
        listen::serve(
            bound.gateway,
            service,
            limits,
            cores,
            Arc::clone(&clock),
            front,
        )
        .await;
        assembled.gateway.drain().await;
        back.cancel();
        tasks.close();
        tasks.wait().await;
        databases.close().await;
        tracing::info!("stopped");
    }
}

async fn upkeep(metrics: PrometheusHandle, clock: Arc<dyn Clock>, stop: CancellationToken) {
    while stop
        .run_until_cancelled(clock.sleep(UPKEEP))
        .await
        .is_some()
    {
        metrics.run_upkeep();
    }
}
