//! Opening: what is accepted, what is refused, and that a refusal leaves the file alone.

use tempfile::TempDir;

use super::*;

const SCHEMA: &[Change] = &[(
    1,
    "test",
    "CREATE TABLE meta (one INTEGER PRIMARY KEY, purpose TEXT NOT NULL) STRICT;
     CREATE TABLE things (n INTEGER NOT NULL) STRICT;",
)];

const PRODUCTION: Open = Open {
    purpose: Purpose::Production,
};
const DEMO: Open = Open {
    purpose: Purpose::Demo,
};

async fn open(folder: &TempDir, how: Open, schema: &[Change]) -> Result<File, OpenError> {
    File::open(&folder.path().join("test.db"), how, schema).await
}

#[tokio::test]
async fn a_demo_s_store_is_refused_in_production() {
    let folder = TempDir::new().unwrap();
    open(&folder, DEMO, SCHEMA).await.unwrap().close().await;
    let refused = open(&folder, PRODUCTION, SCHEMA).await;
    assert!(matches!(refused, Err(OpenError::Demo { .. })));
    assert!(open(&folder, DEMO, SCHEMA).await.is_ok());
}

#[tokio::test]
async fn a_production_store_is_refused_by_the_demo() {
    let folder = TempDir::new().unwrap();
    let file = open(&folder, PRODUCTION, SCHEMA).await.unwrap();
    file.close().await;
    let refused = open(&folder, DEMO, SCHEMA).await;
    assert!(matches!(refused, Err(OpenError::Production { .. })));
}

#[tokio::test]
async fn a_refused_file_keeps_its_schema() {
    let folder = TempDir::new().unwrap();
    open(&folder, DEMO, SCHEMA).await.unwrap().close().await;
    let mut longer = SCHEMA.to_vec();
    longer.push((2, "more", "CREATE TABLE more (n INTEGER) STRICT"));
    let refused = open(&folder, PRODUCTION, &longer).await;
    assert!(matches!(refused, Err(OpenError::Demo { .. })));
    // The second change would be unknown here, had it been made.
    assert!(open(&folder, DEMO, SCHEMA).await.is_ok());
    assert!(open(&folder, DEMO, &longer).await.is_ok());
}

#[tokio::test]
async fn a_file_of_a_newer_program_is_refused_by_its_number() {
    let folder = TempDir::new().unwrap();
    let mut longer = SCHEMA.to_vec();
    longer.push((2, "more", "CREATE TABLE more (n INTEGER) STRICT"));
    let newer = open(&folder, PRODUCTION, &longer).await.unwrap();
    newer.close().await;
    let refused = open(&folder, PRODUCTION, SCHEMA).await;
    assert!(matches!(refused, Err(OpenError::Newer { schema: 2, .. })));
}

#[tokio::test]
async fn a_file_of_another_kind_is_refused() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("test.db"), [0x5a; 4096]).unwrap();
    let garbage = open(&folder, PRODUCTION, SCHEMA).await;
    assert!(matches!(garbage, Err(OpenError::Foreign { .. })));

    let folder = TempDir::new().unwrap();
    let other: &[Change] = &[(
        1,
        "other",
        "CREATE TABLE meta (one INTEGER PRIMARY KEY, purpose TEXT)",
    )];
    let file = open(&folder, PRODUCTION, other).await.unwrap();
    file.close().await;
    let refused = open(&folder, PRODUCTION, SCHEMA).await;
    assert!(matches!(refused, Err(OpenError::Foreign { .. })));
}

#[tokio::test]
async fn a_folder_that_is_missing_or_no_folder_is_named_in_the_error() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    for inside in ["missing", "file"] {
        let path = folder.path().join(inside).join("test.db");
        let refused = File::open(&path, PRODUCTION, SCHEMA).await.unwrap_err();
        assert!(matches!(&refused, OpenError::NotWritable { .. }));
        assert!(refused.to_string().contains(inside), "{refused}");
    }
}

/// Where files cannot be made, whoever asks.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_cannot_be_written_is_refused() {
    let refused = File::open(Path::new("/proc/test.db"), PRODUCTION, SCHEMA).await;
    assert!(matches!(refused, Err(OpenError::NotWritable { .. })));
}

#[cfg(unix)]
#[tokio::test]
async fn a_fresh_file_and_its_log_are_for_their_owner_alone() {
    // CF-06
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let file = open(&folder, PRODUCTION, SCHEMA).await.unwrap();
    for name in ["test.db", "test.db-wal"] {
        let made = std::fs::metadata(folder.path().join(name)).unwrap();
        assert_eq!(made.permissions().mode() & 0o777, 0o600, "{name}");
    }
    file.close().await;
}

#[tokio::test]
async fn the_writer_flushes_every_commit_and_keeps_foreign_keys() {
    // A lost flush cannot be shown without cutting the power; what asks for it can.
    let folder = TempDir::new().unwrap();
    let file = open(&folder, PRODUCTION, SCHEMA).await.unwrap();
    for (pragma, wanted) in [
        (
            "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous",
            "2",
        ),
        (
            "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys",
            "1",
        ),
        ("SELECT journal_mode FROM pragma_journal_mode", "wal"),
    ] {
        let set = file.write(move |db| {
            Box::pin(async move {
                let row = sqlx::query(pragma).fetch_one(db).await;
                row.and_then(|row| row.try_get::<String, _>(0))
                    .map_err(crate::sqlite::failed)
            })
        });
        assert_eq!(set.await.as_deref(), Ok(wanted), "{pragma}");
    }
}

#[tokio::test]
async fn readers_cannot_write() {
    let folder = TempDir::new().unwrap();
    let file = open(&folder, PRODUCTION, SCHEMA).await.unwrap();
    let write = sqlx::query("INSERT INTO things (n) VALUES (1)");
    assert!(write.execute(&file.readers).await.is_err());
}

#[tokio::test]
async fn many_openers_of_a_fresh_file_do_not_hinder_each_other() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("test.db");
    let openers: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            tokio::spawn(async move { File::open(&path, PRODUCTION, SCHEMA).await })
        })
        .collect();
    for opener in openers {
        opener.await.unwrap().unwrap();
    }
}
