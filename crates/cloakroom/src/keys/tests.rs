use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::watch::Follower;
use super::*;
use cloakroom_core::Timestamp;
use cloakroom_core::ports::Clock;
use cloakroom_identity::Algorithm;
use cloakroom_testkit::{SeededEntropy, TestClock};

const FORTNIGHT: Duration = Duration::from_secs(14 * 86_400);

struct Fixture {
    _folder: tempfile::TempDir,
    path: PathBuf,
    entropy: SeededEntropy,
    clock: Arc<TestClock>,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = KeyFile::path_in(folder.path());
        Self {
            _folder: folder,
            path,
            entropy: SeededEntropy::new(1),
            clock: Arc::new(TestClock::new()),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn open(&self) -> KeyFile {
        KeyFile::open(&self.path, self.now(), &self.entropy).unwrap()
    }

    fn rotate(&self, ring: Ring) -> KeyFile {
        let mut file = KeyFile::read(&self.path).unwrap();
        file.rotate(ring, self.now(), FORTNIGHT, &self.entropy)
            .unwrap();
        file.write(&self.path, &self.entropy).unwrap();
        file
    }

    fn active(&self, file: &KeyFile, ring: Ring) -> String {
        let ring = file.ring(ring, self.now()).unwrap();
        ring.active(self.now()).unwrap().kid.clone()
    }
}

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_first_start_makes_a_key_for_every_ring_and_the_second_finds_them() {
    let fixture = Fixture::new();
    let first = fixture.open();
    let second = fixture.open();
    for ring in Ring::ALL {
        assert_eq!(first.stored(ring).len(), 1, "{ring:?}");
        assert_eq!(first.stored(ring)[0].kid, second.stored(ring)[0].kid);
    }
    let left: Vec<_> = fs::read_dir(fixture.path.parent().unwrap())
        .unwrap()
        .collect();
    assert_eq!(left.len(), 1, "only the key file is left behind: {left:?}");
}

// CF-06
#[test]
fn the_key_file_is_for_its_owner_alone_before_and_after_a_rotation() {
    let fixture = Fixture::new();
    fixture.open();
    assert_eq!(mode(&fixture.path), 0o600);
    fixture.rotate(Ring::Sealing);
    assert_eq!(mode(&fixture.path), 0o600);
}

// CF-06
#[test]
fn a_key_file_that_others_can_read_is_refused() {
    let fixture = Fixture::new();
    fixture.open();
    for others in [0o640, 0o604, 0o660] {
        fs::set_permissions(&fixture.path, fs::Permissions::from_mode(others)).unwrap();
        let error = KeyFile::read(&fixture.path).unwrap_err();
        assert!(matches!(error, KeysError::Readable { mode, .. } if mode == others));
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}

// CF-02
#[test]
fn no_error_and_no_debug_output_shows_a_key() {
    let fixture = Fixture::new();
    let file = fixture.open();
    let text = fs::read_to_string(&fixture.path).unwrap();
    let secret = text
        .split("\"key\": \"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(secret.len() > 40);
    assert!(!format!("{file:?}").contains(secret));
    let broken = [
        text.replace("\"key\"", "\"kee\""),
        text.replace(secret, &secret[1..]),
        text.replace(']', ""),
    ];
    for broken in broken {
        fs::write(&fixture.path, broken).unwrap();
        let error = KeyFile::read(&fixture.path).unwrap_err();
        assert!(matches!(error, KeysError::Damaged { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains(&secret[1..]));
    }
}

#[test]
fn a_signing_key_is_published_ten_minutes_before_it_signs() {
    let fixture = Fixture::new();
    let before = fixture.open();
    let old = fixture.active(&before, Ring::SigningEs256);
    let after = fixture.rotate(Ring::SigningEs256);
    assert_eq!(
        after
            .ring(Ring::SigningEs256, fixture.now())
            .unwrap()
            .iter()
            .count(),
        2
    );
    fixture.clock.advance(Duration::from_secs(599));
    assert_eq!(fixture.active(&after, Ring::SigningEs256), old);
    fixture.clock.advance(Duration::from_secs(1));
    assert_ne!(fixture.active(&after, Ring::SigningEs256), old);
}

#[test]
fn a_sealing_key_takes_over_at_once_and_the_old_one_still_opens() {
    let fixture = Fixture::new();
    let old = fixture.active(&fixture.open(), Ring::Sealing);
    let after = fixture.rotate(Ring::Sealing);
    assert_ne!(fixture.active(&after, Ring::Sealing), old);
    assert!(
        after
            .ring(Ring::Sealing, fixture.now())
            .unwrap()
            .find(&old)
            .is_some()
    );
}

#[test]
fn an_old_key_is_believed_until_what_it_made_has_ended_and_no_longer() {
    let fixture = Fixture::new();
    let old = fixture.active(&fixture.open(), Ring::Sealing);
    let client = fixture.active(&fixture.open(), Ring::Client);
    fixture.rotate(Ring::Client);
    let file = fixture.rotate(Ring::Sealing);
    let believes = |ring, kid: &str| file.ring(ring, fixture.now()).unwrap().find(kid).is_some();
    fixture.clock.advance(Duration::from_secs(86_400));
    assert!(!believes(Ring::Client, &client));
    // A fortnight and a day have to pass; a day has.
    fixture.clock.advance(Duration::from_secs(14 * 86_400 - 1));
    assert!(believes(Ring::Sealing, &old));
    fixture.clock.advance(Duration::from_secs(1));
    assert!(!believes(Ring::Sealing, &old));
    assert_eq!(
        fixture.rotate(Ring::Sealing).stored(Ring::Sealing).len(),
        2,
        "the retired key is gone"
    );
}

#[tokio::test]
async fn a_running_server_follows_the_file_and_keeps_its_keys_when_it_is_broken() {
    let fixture = Fixture::new();
    let rings = Rings::new(&fixture.open(), Algorithm::Es256, fixture.now()).unwrap();
    let mut follower = Follower::new(fixture.path.clone(), rings.clone());
    let believed = || rings.sealing.current().iter().count();
    follower.look(fixture.now()).await;
    assert_eq!(believed(), 1);
    fixture.rotate(Ring::Sealing);
    follower.look(fixture.now()).await;
    assert_eq!(believed(), 2);
    let whole = fs::read(&fixture.path).unwrap();
    for broken in ["", "{", "{}"] {
        fs::write(&fixture.path, broken).unwrap();
        follower.look(fixture.now()).await;
        assert_eq!(believed(), 2);
    }
    fs::remove_file(&fixture.path).unwrap();
    follower.look(fixture.now()).await;
    assert_eq!(believed(), 2);
    fs::write(&fixture.path, whole).unwrap();
    fs::set_permissions(&fixture.path, fs::Permissions::from_mode(0o600)).unwrap();
    fixture.rotate(Ring::Sealing);
    follower.look(fixture.now()).await;
    assert_eq!(believed(), 3);
}

#[tokio::test]
async fn a_key_that_retires_leaves_a_running_server_without_a_change_of_the_file() {
    let fixture = Fixture::new();
    fixture.open();
    let file = fixture.rotate(Ring::Client);
    let rings = Rings::new(&file, Algorithm::Hs256, fixture.now()).unwrap();
    let mut follower = Follower::new(fixture.path.clone(), rings.clone());
    follower.look(fixture.now()).await;
    assert_eq!(rings.client.current().iter().count(), 2);
    fixture.clock.advance(Duration::from_secs(86_400));
    follower.look(fixture.now()).await;
    assert_eq!(rings.client.current().iter().count(), 1);
}
