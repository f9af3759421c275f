//! What the queue promises, shown with a writer that is held up while operations gather behind it.

use std::sync::Arc;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Row};

use super::*;

async fn numbers() -> Arc<Writer> {
    let mut db = SqliteConnectOptions::new()
        .in_memory(true)
        .connect()
        .await
        .unwrap();
    execute(
        &mut db,
        "CREATE TABLE numbers (n INTEGER UNIQUE NOT NULL) STRICT",
    )
    .await
    .unwrap();
    Arc::new(Writer::start(db))
}

async fn insert(db: &mut SqliteConnection, n: i64) -> Result<i64, StoreError> {
    sqlx::query("INSERT INTO numbers (n) VALUES ($1)")
        .bind(n)
        .execute(&mut *db)
        .await
        .map_err(failed)?;
    Ok(n)
}

/// Inserts, and then fails.
async fn insert_in_vain(db: &mut SqliteConnection, n: i64) -> Result<i64, StoreError> {
    insert(db, n).await?;
    Err(StoreError::Unavailable("in vain".into()))
}

async fn stored(writer: &Writer) -> Vec<i64> {
    writer
        .write(|db| {
            Box::pin(async move {
                let rows = sqlx::query("SELECT n FROM numbers ORDER BY n").fetch_all(db);
                let rows = rows.await.map_err(failed)?;
                Ok(rows.iter().map(|row| row.get(0)).collect())
            })
        })
        .await
        .unwrap()
}

/// Holds the writer up until the sender is used or dropped.
async fn hold_up(writer: &Arc<Writer>) -> oneshot::Sender<()> {
    let (release, released) = oneshot::channel();
    let (reached, at_work) = oneshot::channel();
    let writer = Arc::clone(writer);
    tokio::spawn(async move {
        writer
            .write(|_| {
                Box::pin(async move {
                    reached.send(()).unwrap();
                    let _ = released.await;
                    Ok(())
                })
            })
            .await
    });
    at_work.await.unwrap();
    release
}

type Answer = tokio::task::JoinHandle<Result<i64, StoreError>>;

/// Queues an insertion, and returns once it is in the queue.
async fn queue(writer: &Arc<Writer>, n: i64, in_vain: bool) -> Answer {
    let before = writer.queue.capacity();
    let answer = tokio::spawn({
        let writer = Arc::clone(writer);
        async move {
            writer
                .write(move |db| {
                    if in_vain {
                        Box::pin(insert_in_vain(db, n))
                    } else {
                        Box::pin(insert(db, n))
                    }
                })
                .await
        }
    });
    while writer.queue.capacity() == before {
        tokio::task::yield_now().await;
    }
    answer
}

#[tokio::test]
async fn an_operation_that_fails_undoes_itself_alone() {
    // ID-15
    let writer = numbers().await;
    let held = hold_up(&writer).await;
    let one = queue(&writer, 1, false).await;
    let two = queue(&writer, 2, true).await;
    let again = queue(&writer, 1, false).await;
    let three = queue(&writer, 3, false).await;
    held.send(()).unwrap();
    assert_eq!(one.await.unwrap(), Ok(1));
    assert!(two.await.unwrap().is_err());
    assert!(again.await.unwrap().is_err());
    assert_eq!(three.await.unwrap(), Ok(3));
    assert_eq!(stored(&writer).await, [1, 3]);
}

#[tokio::test]
async fn a_full_queue_says_so_at_once_and_recovers() {
    let writer = numbers().await;
    let held = hold_up(&writer).await;
    let mut waiting = Vec::new();
    for n in 0..i64::try_from(QUEUE).unwrap() {
        waiting.push(queue(&writer, n, false).await);
    }
    let turned_away = writer.write(|db| Box::pin(insert(db, -1))).await;
    assert_eq!(turned_away, Err(StoreError::Overloaded));
    held.send(()).unwrap();
    for answer in waiting {
        assert!(answer.await.unwrap().is_ok());
    }
    assert_eq!(stored(&writer).await.len(), QUEUE);
}

#[tokio::test]
async fn an_operation_happens_even_if_nobody_waits_for_it_any_more() {
    let writer = numbers().await;
    let held = hold_up(&writer).await;
    let answer = queue(&writer, 1, false).await;
    answer.abort();
    assert!(answer.await.unwrap_err().is_cancelled());
    held.send(()).unwrap();
    assert_eq!(stored(&writer).await, [1]);
}

#[tokio::test]
async fn closing_finishes_what_is_queued_and_refuses_what_comes_later() {
    let writer = numbers().await;
    let held = hold_up(&writer).await;
    let mut waiting = Vec::new();
    for n in 0..100 {
        waiting.push(queue(&writer, n, false).await);
    }
    let closing = tokio::spawn({
        let writer = Arc::clone(&writer);
        async move { writer.close().await }
    });
    held.send(()).unwrap();
    closing.await.unwrap();
    for answer in waiting {
        assert!(answer.await.unwrap().is_ok());
    }
    let late = writer.write(|db| Box::pin(insert(db, -1))).await;
    assert_eq!(late, Err(closed()));
    writer.close().await;
}

#[tokio::test]
async fn a_transaction_that_breaks_is_an_error_for_all_of_it_and_the_next_one_works() {
    let writer = numbers().await;
    let held = hold_up(&writer).await;
    let one = queue(&writer, 1, false).await;
    let saboteur = tokio::spawn({
        let writer = Arc::clone(&writer);
        async move { writer.write(|db| Box::pin(execute(db, "ROLLBACK"))).await }
    });
    while writer.queue.capacity() > QUEUE - 2 {
        tokio::task::yield_now().await;
    }
    let two = queue(&writer, 2, false).await;
    held.send(()).unwrap();
    assert!(one.await.unwrap().is_err());
    assert!(saboteur.await.unwrap().is_err());
    assert!(two.await.unwrap().is_err());
    assert_eq!(stored(&writer).await, Vec::<i64>::new());
    let later = writer.write(|db| Box::pin(insert(db, 3))).await;
    assert_eq!(later, Ok(3));
}
