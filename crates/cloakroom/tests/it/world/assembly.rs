//! [`World`]: gateways and an identity service as production joins them, on one store, with all keys in hand.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cloakroom::config::Deployment;
use cloakroom::keys::{KeyFile, Ring, Rings};
use cloakroom::wire::{self, Assembled, Parts, Stores};
use cloakroom_core::hex;
use cloakroom_core::keys::Keys;
use cloakroom_core::ports::{Clock, Entropy};
use cloakroom_gateway::{AccessLog, Gateway};
use cloakroom_identity::{Admin, NewAccount};
use cloakroom_store::{Open, Purpose, SqliteIdentity, SqliteSessions};
use cloakroom_testkit::{MemoryIdentity, MemorySessions, SeededEntropy, TestClock};
use http::Request;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::network::{Line, Network};
use super::person::{Ask, Person};
use super::upstream::App;
use super::witness::Sink;

/// Everybody's password.
pub(super) const PASSWORD: &str = "granite kettle hums softly";

/// What every world is configured by.
const CONFIG: &str = r#"
[server]
listen = "127.0.0.1:8080"
public_url = "https://goals.test"

[provider]
kind = "builtin"

[pages]
after_login = "/dashboard"

[[upstream]]
name = "app"
url = "http://app.internal:3000"

[[upstream]]
name = "api"
url = "http://api.internal:5000"

[[route]]
path = "/"
upstream = "app"
access = "optional"

[[route]]
path = "/public/**"
upstream = "app"
access = "public"

[[route]]
path = "/dashboard/**"
upstream = "app"
access = "required"

[[route]]
path = "/admin/**"
upstream = "app"
access = { roles = ["admin"] }

[[route]]
path = "/api/**"
upstream = "api"
access = "required"

[[route]]
path = "/api/notes/**"
upstream = "api"
access = "required"
replay = true

[[route]]
path = "/api/admin/**"
upstream = "api"
access = { roles = ["admin"] }
"#;

/// Life of an access token under the defaults; after it a token has ended.
pub(super) const ACCESS_TTL: Duration = Duration::from_secs(15 * 60);

/// How far the clock moves at once while something waits for it.
pub(super) const STEP: Duration = Duration::from_millis(250);

/// Everything there is.
pub(super) struct World {
    /// The clock of the first gateway, of the identity service, and of every gateway that was given no other.
    pub(super) clock: Arc<TestClock>,
    /// The session store, unless it is on disk.
    pub(super) sessions: Arc<MemorySessions>,
    /// Whatever store is in use.
    pub(super) stores: Stores,
    /// What lies between gateways and the identity service.
    pub(super) network: Arc<Network>,
    /// What lies behind the gateways.
    pub(super) app: Arc<App>,
    /// The first gateway.
    pub(super) node: Arc<Node>,
    /// All access lines.
    pub(super) access: Sink,
    deployment: Deployment,
    rings: Rings,
    keys: Mutex<KeyFile>,
    more: Vec<Arc<Node>>,
    started: u64,
    people: Mutex<HashSet<String>>,
    addresses: Mutex<u16>,
    folder: TempDir,
    disk: Option<Disk>,
}

/// One process: a gateway with its own randomness and background work.
pub(super) struct Node {
    pub(super) gateway: Arc<Gateway>,
    pub(super) clock: Arc<TestClock>,
    identity: Arc<cloakroom_identity::Identity>,
    line: Arc<Line>,
    stop: CancellationToken,
    work: Mutex<Option<JoinHandle<()>>>,
}

impl Node {
    /// The process dies: nothing it has begun goes on, and its clock stands still for ever.
    pub(super) fn kill(&self) {
        self.line.cut();
        if let Some(work) = self.work.lock().unwrap().take() {
            work.abort();
        }
    }

    async fn end(&self) {
        self.gateway.drain().await;
        self.stop.cancel();
        let work = self.work.lock().unwrap().take();
        if let Some(work) = work {
            work.await.unwrap();
        }
    }
}

/// Stores in files.
struct Disk {
    sessions: Arc<SqliteSessions>,
    identity: Arc<SqliteIdentity>,
}

impl Disk {
    async fn open(folder: &Path) -> Self {
        let open = Open {
            purpose: Purpose::Production,
        };
        Self {
            sessions: Arc::new(
                SqliteSessions::open(&folder.join("sessions.db"), open)
                    .await
                    .unwrap(),
            ),
            identity: Arc::new(
                SqliteIdentity::open(&folder.join("identity.db"), open)
                    .await
                    .unwrap(),
            ),
        }
    }

    fn stores(&self) -> Stores {
        Stores {
            sessions: Arc::clone(&self.sessions) as _,
            users: Arc::clone(&self.identity) as _,
            families: Arc::clone(&self.identity) as _,
        }
    }
}

impl World {
    /// One gateway, everything in memory.
    pub(super) fn new() -> Self {
        Self::with("")
    }

    /// The same, with more configuration.
    pub(super) fn with(more: &str) -> Self {
        Self::assemble(more, None, tempfile::tempdir().unwrap())
    }

    /// One gateway on two SQLite files.
    pub(super) async fn on_disk() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::open(folder.path()).await;
        Self::assemble("", Some(disk), folder)
    }

    fn assemble(more: &str, disk: Option<Disk>, folder: TempDir) -> Self {
        let clock = Arc::new(TestClock::new());
        let mut deployment = Deployment::parse(&format!("{CONFIG}{more}")).unwrap();
        // Bounded hashing without the measurement at start; the cost of a hash stays production's.
        deployment.identity.password.threads = Some(1);
        deployment.identity.password.queue = Some(512);
        let sessions = Arc::new(MemorySessions::new());
        let users = Arc::new(MemoryIdentity::new());
        let stores = disk.as_ref().map_or_else(
            || Stores {
                sessions: sessions.clone(),
                users: users.clone(),
                families: users.clone(),
            },
            Disk::stores,
        );
        let entropy = SeededEntropy::new(0);
        let keys = KeyFile::open(&folder.path().join("keys.json"), clock.now(), &entropy).unwrap();
        let rings = Rings::new(&keys, deployment.identity.algorithm, clock.now()).unwrap();
        let (network, app, access) = (
            Arc::new(Network::new()),
            Arc::new(App::new()),
            Sink::default(),
        );
        let parts = Joined {
            deployment: &deployment,
            rings: &rings,
            stores: &stores,
        };
        let node = parts.start(1, &clock, (&network, &app, &access));
        network.plug(node.identity.router());
        Self {
            clock,
            sessions,
            stores,
            network,
            app,
            node,
            access,
            deployment,
            rings,
            keys: Mutex::new(keys),
            more: Vec::new(),
            started: 1,
            people: Mutex::default(),
            addresses: Mutex::default(),
            folder,
            disk,
        }
    }

    /// Another gateway on the same stores and the same clock.
    pub(super) fn start(&mut self) -> Arc<Node> {
        self.start_by(&Arc::clone(&self.clock))
    }

    /// Another gateway on the same stores with a clock of its own.
    pub(super) fn start_by(&mut self, clock: &Arc<TestClock>) -> Arc<Node> {
        self.started += 1;
        let parts = Joined {
            deployment: &self.deployment,
            rings: &self.rings,
            stores: &self.stores,
        };
        let node = parts.start(
            self.started,
            clock,
            (&self.network, &self.app, &self.access),
        );
        self.more.push(Arc::clone(&node));
        node
    }

    /// Everything ends as a server ends, the files are changed, and another process opens them.
    pub(super) async fn restart(&mut self, change: impl FnOnce(&Path)) {
        self.node.end().await;
        let disk = self
            .disk
            .take()
            .expect("only a world on disk can be restarted");
        disk.sessions.close().await;
        disk.identity.close().await;
        change(self.folder.path());
        let disk = Disk::open(self.folder.path()).await;
        self.stores = disk.stores();
        self.disk = Some(disk);
        self.node = self.start();
        self.network.plug(self.node.identity.router());
    }

    /// The operator of the identity service.
    pub(super) fn admin(&self) -> Admin {
        Admin::new(Arc::clone(&self.node.identity))
    }

    /// Adds an account, unless it is there. Returns its subject.
    pub(super) async fn add(&self, name: &str, roles: &[&str]) -> String {
        if self.people.lock().unwrap().insert(name.to_owned()) {
            let account = NewAccount {
                name: format!("{name} Example"),
                username: name.to_owned(),
                email: format!("{name}@example.com"),
                roles: roles.iter().map(|role| (*role).to_owned()).collect(),
                password: Some(PASSWORD.to_owned().into()),
            };
            self.admin().add(account).await.unwrap();
        }
        self.admin().account(name).await.unwrap().id.to_string()
    }

    /// A browser that nobody has used yet, at an address of its own.
    pub(super) fn anonymous(&self) -> Person {
        let mut addresses = self.addresses.lock().unwrap();
        *addresses += 1;
        Person::new(&self.node.gateway, *addresses)
    }

    /// A browser in which this user has just logged in.
    pub(super) async fn signed_in(&self, name: &str) -> Person {
        self.add(name, &[]).await;
        let person = self.anonymous();
        person.log_in(name).await;
        person
    }

    /// A browser in which somebody with this role has just logged in; the user is called like the role.
    pub(super) async fn with_role(&self, role: &str) -> Person {
        self.add(role, &[role]).await;
        self.signed_in(role).await
    }

    /// Lets time pass for everybody, its last two seconds in small steps, and all that it brings about happen.
    pub(super) async fn pass(&self, time: Duration) {
        let fine = time.min(Duration::from_secs(2));
        settle().await;
        self.advance(time.saturating_sub(fine));
        settle().await;
        let mut left = fine;
        while !left.is_zero() {
            let step = left.min(STEP);
            self.advance(step);
            settle().await;
            left = left.saturating_sub(step);
        }
    }

    /// Moves every clock at once and waits for nothing.
    pub(super) fn advance(&self, time: Duration) {
        let mut moved: Vec<&Arc<TestClock>> = vec![&self.clock];
        for node in &self.more {
            if !moved.iter().any(|clock| Arc::ptr_eq(clock, &node.clock)) {
                moved.push(&node.clock);
            }
        }
        for clock in moved {
            clock.advance(time);
        }
    }

    /// Adds a key to every ring, as `keys rotate` does, and puts the rings in place.
    pub(super) fn rotate_all_keys(&self) {
        let mut keys = self.keys.lock().unwrap();
        let now = self.clock.now();
        // Another key at another time.
        let entropy = SeededEntropy::new(now.as_micros().unsigned_abs());
        for ring in Ring::ALL {
            keys.rotate(ring, now, Duration::from_secs(14 * 86_400), &entropy)
                .unwrap();
        }
        let fresh = Rings::new(&keys, self.deployment.identity.algorithm, now).unwrap();
        let replace = |old: &Keys, new: &Keys| old.replace(new.current().as_ref().clone());
        replace(&self.rings.sealing, &fresh.sealing);
        replace(&self.rings.assertion, &fresh.assertion);
        replace(&self.rings.signing, &fresh.signing);
        replace(&self.rings.rotation, &fresh.rotation);
        replace(&self.rings.client, &fresh.client);
    }

    /// The gateway's credential at the identity service, as it stands in `Authorization`.
    pub(super) fn credential(&self) -> String {
        let ring = self.rings.client.current();
        let secret = hex::encode(ring.active(self.clock.now()).unwrap().material.expose());
        STANDARD.encode(format!(
            "{}:{secret}",
            self.deployment.identity.gateway_client_id
        ))
    }

    /// Whether a token of either kind still holds, by the word of the identity service.
    pub(super) async fn holds(&self, token: &str) -> bool {
        let request = Request::post("http://identity/oauth2/introspect")
            .header("authorization", format!("Basic {}", self.credential()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(format!("token={token}")))
            .unwrap();
        let answer = self.network.ask(request).await;
        let answer: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        answer["active"].as_bool().unwrap()
    }
}

/// What every process of a world shares.
struct Joined<'a> {
    deployment: &'a Deployment,
    rings: &'a Rings,
    stores: &'a Stores,
}

impl Joined<'_> {
    fn start(
        &self,
        seed: u64,
        clock: &Arc<TestClock>,
        (network, app, access): (&Arc<Network>, &Arc<App>, &Sink),
    ) -> Arc<Node> {
        let line = Arc::new(Line::new(Arc::clone(network), Arc::clone(clock)));
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(seed));
        let parts = Parts {
            clock: Arc::clone(clock) as _,
            entropy,
            connect: Arc::clone(app) as _,
            outbound: Arc::clone(&line) as _,
            stores: self.stores.clone(),
            keys: self.rings.clone(),
            access_log: AccessLog::new(Box::new(access.clone())),
        };
        let assembled = wire::assemble(self.deployment, parts).unwrap();
        let stop = CancellationToken::new();
        let work = tokio::spawn({
            let (assembled, stop) = (assembled.clone(), stop.clone());
            async move { assembled.work(stop.clone(), stop).await }
        });
        let Assembled { gateway, identity } = assembled;
        let work = Mutex::new(Some(work));
        Arc::new(Node {
            gateway,
            clock: Arc::clone(clock),
            identity,
            line,
            stop,
            work,
        })
    }
}

/// Lets every task that can run do so. Enough for a world in memory on one thread; whatever needs a thread of its
/// own (a password's hash, a file) has to be awaited.
pub(super) async fn settle() {
    for _ in 0..300 {
        tokio::task::yield_now().await;
    }
}

/// Waits until this is so, letting others run meanwhile.
pub(super) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    let patience = tokio::time::timeout(Duration::from_secs(60), waiting).await;
    assert!(patience.is_ok(), "waited in vain until {what}");
}

/// The body of a login.
pub(super) fn credentials(name: &str, password: &str) -> Ask {
    let body = serde_json::json!({ "identifier": name, "password": password });
    Ask::post("/auth/login").json(&body)
}
