//! What the store promises: samples once, one owner each, durable before visible, old or new after a failure.

use cloakroom_testkit::{SeededEntropy, TestClock};
use tempfile::TempDir;

use super::super::{Filter, Page, PageNumber, Percent, TypedGoal};
use super::*;

struct Place {
    folder: TempDir,
    clock: Arc<TestClock>,
    entropy: Arc<SeededEntropy>,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(TestClock::new()),
            entropy: Arc::new(SeededEntropy::new(1)),
        }
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("goals.json")
    }

    fn open(&self) -> Result<GoalStore, GoalFileError> {
        GoalStore::open(&self.file(), self.clock.clone(), self.entropy.clone())
    }
}

fn owner(subject: &str) -> Owner {
    Owner {
        subject: subject.to_owned(),
        name: subject.to_uppercase(),
    }
}

fn draft(title: &str) -> Draft {
    Draft::from_form(&TypedGoal {
        title: title.to_owned(),
        ..TypedGoal::default()
    })
    .unwrap()
}

#[tokio::test]
async fn a_new_person_finds_samples_of_both_kinds_on_two_pages() {
    let place = Place::new();
    let store = place.open().unwrap();
    let shelf = store.of(&owner("ada")).await.unwrap();
    let pages = |filter| Page::exactly(&shelf.goals, filter, PageNumber::FIRST);
    assert_eq!(pages(Filter::All).total_pages, 2);
    assert!(!pages(Filter::Active).items.is_empty());
    assert!(!pages(Filter::Completed).items.is_empty());
}

#[tokio::test]
async fn whoever_deleted_everything_gets_no_samples_again() {
    let place = Place::new();
    let store = place.open().unwrap();
    let ada = owner("ada");
    for goal in &store.of(&ada).await.unwrap().goals {
        assert!(store.remove(&ada, goal.id).await.unwrap());
    }
    assert!(store.of(&ada).await.unwrap().goals.is_empty());
}

#[tokio::test]
async fn a_restart_finds_every_change() {
    let place = Place::new();
    let ada = owner("ada");
    let before = {
        let store = place.open().unwrap();
        let goal = store.add(&ada, draft("Run")).await.unwrap();
        let half = Change::progress(Percent::parse("50").unwrap());
        store.change(&ada, goal.id, half).await.unwrap().unwrap();
        store.of(&ada).await.unwrap()
    };
    let after = place.open().unwrap().of(&ada).await.unwrap();
    assert_eq!(before, after);
    assert_eq!(after.goals[0].title.to_string(), "Run");
    assert_eq!(after.goals[0].progress().value(), 50);
}

#[tokio::test]
async fn nobody_reaches_the_goals_of_somebody_else() {
    let place = Place::new();
    let store = place.open().unwrap();
    let (ada, bob) = (owner("ada"), owner("bob"));
    let hers = store.add(&ada, draft("Hers")).await.unwrap();
    assert!(store.of(&bob).await.unwrap().find(hers.id).is_none());
    let full = Change::progress(Percent::FULL);
    assert!(store.change(&bob, hers.id, full).await.unwrap().is_none());
    assert!(!store.remove(&bob, hers.id).await.unwrap());
    assert_eq!(store.of(&ada).await.unwrap().find(hers.id), Some(&hers));
}

#[tokio::test]
async fn changes_at_the_same_time_are_all_kept() {
    let place = Place::new();
    let store = place.open().unwrap();
    let ada = owner("ada");
    let samples = store.of(&ada).await.unwrap().goals.len();
    let adding = (0..20).map(|n| {
        let (store, ada) = (store.clone(), ada.clone());
        tokio::spawn(async move { store.add(&ada, draft(&format!("Goal {n}"))).await.map(drop) })
    });
    for task in adding.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    assert_eq!(
        place.open().unwrap().of(&ada).await.unwrap().goals.len(),
        samples + 20
    );
}

#[tokio::test]
async fn a_full_shelf_takes_no_more() {
    let place = Place::new();
    let store = place.open().unwrap();
    let ada = owner("ada");
    let fill = store
        .edit(&ada, |shelf| {
            let goal = shelf.goals[0].clone();
            shelf.goals.resize(MAX_GOALS, goal);
        })
        .await;
    fill.unwrap();
    let refused = store.add(&ada, draft("One more")).await;
    assert!(matches!(refused, Err(AddError::Full)));
}

#[tokio::test]
async fn a_change_that_cannot_be_written_is_not_seen() {
    let place = Place::new();
    let store = place.open().unwrap();
    let ada = owner("ada");
    let before = store.of(&ada).await.unwrap();
    // A folder in the way of the second file: no permission stops a test that runs as root, this does.
    std::fs::create_dir(place.folder.path().join("goals.json.new")).unwrap();
    let refused = store.add(&ada, draft("Lost")).await;
    assert!(matches!(
        refused,
        Err(AddError::File(GoalFileError::Write { .. }))
    ));
    assert_eq!(store.of(&ada).await.unwrap(), before);
    assert_eq!(place.open().unwrap().of(&ada).await.unwrap(), before);
}

#[test]
fn a_damaged_file_stops_the_start_and_is_left_as_it_is() {
    let newer = r#"{"version":"goals-2","shelves":{}}"#;
    let impossible = r#"{"version":"goals-1","shelves":{"ada":{"name":"Ada","goals":[
        {"id":"00000000-0000-0000-0000-000000000000","title":"","description":"","progress":0,"resume":0}]}}}"#;
    for text in ["", "{", "[]", newer, impossible] {
        let place = Place::new();
        std::fs::write(place.file(), text).unwrap();
        let refused = place.open().err();
        assert!(
            matches!(refused, Some(GoalFileError::Corrupt { .. })),
            "{text}"
        );
        assert_eq!(std::fs::read_to_string(place.file()).unwrap(), text);
    }
}

#[test]
fn a_folder_that_is_not_there_stops_the_start() {
    let place = Place::new();
    let nowhere = place.folder.path().join("missing").join("goals.json");
    let refused = GoalStore::open(&nowhere, place.clock.clone(), place.entropy.clone()).err();
    assert!(matches!(refused, Some(GoalFileError::Write { .. })));
}

#[cfg(unix)]
#[test]
fn only_the_owner_of_the_process_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::new();
    place.open().unwrap();
    let mode = std::fs::metadata(place.file())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn the_census_counts_each_person() {
    let place = Place::new();
    let store = place.open().unwrap();
    store.add(&owner("bob"), draft("Run")).await.unwrap();
    store.of(&owner("ada")).await.unwrap();
    let census = store.census();
    assert_eq!(
        census.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(),
        ["ADA", "BOB"]
    );
    assert_eq!(census[1].total, census[0].total + 1);
    assert_eq!(census[0].active + census[0].completed, census[0].total);
}
