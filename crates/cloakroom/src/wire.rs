//! Joins the crates: the only file that names concrete types behind the ports.
//!
//! [`assemble`] is all of production's wiring. It contacts nothing and listens on nothing, so that tests bring their
//! own clock, randomness, network and stores and still prove what is shipped.

use std::sync::Arc;

use cloakroom_core::ProviderId;
use cloakroom_core::ports::{Clock, Entropy, FamilyStore, Outbound, SessionStore, UserStore};
use cloakroom_gateway::{AccessLog, Connect, Gateway, GatewayError, GatewayKeys, TcpConnect};
use cloakroom_identity::{Algorithm, ConfigError, Identity, IdentityKeys};
use cloakroom_providers::builtin::{Builtin, BuiltinConfig, InvalidBaseUrl};
use cloakroom_store::{Open, SqliteIdentity, SqliteSessions};
use tokio_util::sync::CancellationToken;

pub use cloakroom_store::{OpenError, Purpose};

use crate::clock::SystemClock;
use crate::config::{Data, Deployment};
use crate::entropy::SystemEntropy;
use crate::keys::Rings;
use crate::outbound::HttpOutbound;

/// The name of the provider that is built in.
pub const BUILTIN: &str = "builtin";

const CONNECT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// What the wiring is plugged into.
pub struct Parts {
    /// All time.
    pub clock: Arc<dyn Clock>,
    /// All randomness.
    pub entropy: Arc<dyn Entropy>,
    /// How upstreams are reached.
    pub connect: Arc<dyn Connect>,
    /// How providers are reached.
    pub outbound: Arc<dyn Outbound>,
    /// Where things are kept.
    pub stores: Stores,
    /// All keys.
    pub keys: Rings,
    /// Where access lines go.
    pub access_log: AccessLog,
}

/// Where things are kept.
#[derive(Clone)]
pub struct Stores {
    /// Sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// Users.
    pub users: Arc<dyn UserStore>,
    /// Refresh-token families.
    pub families: Arc<dyn FamilyStore>,
}

/// Why the parts do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// The gateway refuses its configuration.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The identity service refuses its configuration.
    #[error(transparent)]
    Identity(#[from] ConfigError),
    /// The address of the identity service cannot be used.
    #[error(transparent)]
    Provider(#[from] InvalidBaseUrl),
}

/// Everything, joined and ready to be served.
#[derive(Clone)]
pub struct Assembled {
    /// Answers browsers.
    pub gateway: Arc<Gateway>,
    /// Answers the gateway, and API clients.
    pub identity: Arc<Identity>,
}

/// Joins the parts.
pub fn assemble(deployment: &Deployment, parts: Parts) -> Result<Assembled, AssembleError> {
    let identity = build_identity(deployment, &parts)?;
    let Parts {
        clock,
        entropy,
        connect,
        outbound,
        stores,
        keys,
        access_log,
    } = parts;
    let config = BuiltinConfig {
        id: ProviderId::from(BUILTIN),
        base_url: format!("http://{}", deployment.listen.identity.from_here()),
        issuer: deployment.identity.issuer.clone(),
        audience: deployment.identity.audience.clone(),
        client_id: deployment.identity.gateway_client_id.clone(),
    };
    let provider = Builtin::new(config, outbound, Arc::clone(&clock), keys.client)?;
    let provider = match deployment.identity.algorithm {
        Algorithm::Es256 => provider,
        Algorithm::Hs256 => provider.sharing(keys.signing),
    };
    let gateway = Gateway::new(
        deployment.gateway.clone(),
        cloakroom_gateway::Parts {
            clock,
            entropy,
            sessions: stores.sessions,
            provider: Arc::new(provider),
            connect,
            keys: GatewayKeys {
                sealing: keys.sealing,
                assertion: keys.assertion,
            },
            access_log,
        },
    )?;
    Ok(Assembled { gateway, identity })
}

fn build_identity(deployment: &Deployment, parts: &Parts) -> Result<Arc<Identity>, ConfigError> {
    identity(
        deployment.identity.clone(),
        &parts.stores,
        &parts.keys,
        (&parts.clock, &parts.entropy),
    )
}

/// The identity service alone: what the commands that manage users need.
pub(crate) fn identity(
    config: cloakroom_identity::Config,
    stores: &Stores,
    keys: &Rings,
    (clock, entropy): (&Arc<dyn Clock>, &Arc<dyn Entropy>),
) -> Result<Arc<Identity>, ConfigError> {
    let parts = cloakroom_identity::Parts {
        clock: Arc::clone(clock),
        entropy: Arc::clone(entropy),
        users: Arc::clone(&stores.users),
        families: Arc::clone(&stores.families),
        keys: IdentityKeys {
            signing: keys.signing.clone(),
            rotation: keys.rotation.clone(),
            client: keys.client.clone(),
        },
    };
    Identity::new(config, parts)
}

impl Assembled {
    /// Does what has to be done beside answering requests: the gateway's part until `front`, the identity service's
    /// until `back`, which has to come later, because requests under way still need it.
    pub async fn work(&self, front: CancellationToken, back: CancellationToken) {
        let endings = Arc::clone(&self.gateway);
        let relay = Arc::clone(&self.identity).relay(BUILTIN.into(), endings, back.clone());
        tokio::join!(
            Arc::clone(&self.gateway).run(front),
            relay,
            Arc::clone(&self.identity).housekeeping(back),
        );
    }
}

/// The databases of a data directory, open.
pub(crate) struct Databases {
    sessions: Arc<SqliteSessions>,
    identity: Arc<SqliteIdentity>,
}

impl Databases {
    /// Opens both; the folders have to be there.
    pub(crate) async fn open(data: &Data, purpose: Purpose) -> Result<Self, OpenError> {
        Ok(Self {
            sessions: Arc::new(SqliteSessions::open(&data.sessions, Open { purpose }).await?),
            identity: Arc::new(SqliteIdentity::open(&data.identity, Open { purpose }).await?),
        })
    }

    /// Opens both, whatever they are for: commands work on a demo's data too.
    pub(crate) async fn open_any(data: &Data) -> Result<Self, OpenError> {
        match Self::open(data, Purpose::Production).await {
            Err(OpenError::Demo { .. }) => Self::open(data, Purpose::Demo).await,
            opened => opened,
        }
    }

    /// The same, behind their ports.
    pub(crate) fn stores(&self) -> Stores {
        Stores {
            sessions: Arc::clone(&self.sessions) as _,
            users: Arc::clone(&self.identity) as _,
            families: Arc::clone(&self.identity) as _,
        }
    }

    /// Finishes what is queued.
    pub(crate) async fn close(&self) {
        tokio::join!(self.sessions.close(), self.identity.close());
    }
}

/// The machine's clock.
pub(crate) fn system_clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::start())
}

/// The machine's randomness.
pub(crate) fn system_entropy() -> Arc<dyn Entropy> {
    Arc::new(SystemEntropy)
}

/// The network towards upstreams.
pub(crate) fn tcp() -> Arc<dyn Connect> {
    Arc::new(TcpConnect {
        timeout: CONNECT_TIMEOUT,
    })
}

/// The network towards providers.
pub(crate) fn http() -> anyhow::Result<Arc<dyn Outbound>> {
    Ok(Arc::new(HttpOutbound::new()?))
}
