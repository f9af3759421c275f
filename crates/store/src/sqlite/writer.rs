//! The one task that writes to a file. What this file guarantees:
//!
//! 1. Operations take effect in the order in which they were queued, each all or nothing.
//! 2. An answer is given after the commit that makes it durable, and never before.
//! 3. An operation that fails undoes itself alone, not its neighbours in the same transaction.
//! 4. The queue is bounded: when it is full, the caller is told at once ([`StoreError::Overloaded`]).
//! 5. What was queued is carried out even if nobody waits for it any more, or the store is dropped.
//!
//! Deliberately the task never waits for a transaction to fill: while one commit reaches the disk the next
//! operations queue up, so that batches grow with the load and a lone write has no delay.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use cloakroom_core::ports::StoreError;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use super::failed;

/// How many operations wait at most.
const QUEUE: usize = 1024;
/// How many operations share a transaction at most.
const BATCH: usize = 64;

/// What an operation does with the connection.
pub(super) type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;

#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Operation>>,
    stop: Arc<Notify>,
    stopped: watch::Receiver<bool>,
}

impl Writer {
    pub(super) fn start(db: SqliteConnection) -> Self {
        let (queue, operations) = mpsc::channel(QUEUE);
        let (done, stopped) = watch::channel(false);
        let stop = Arc::new(Notify::new());
        let asked = Arc::clone(&stop);
        tokio::spawn(async move {
            run(db, operations, &asked).await;
            done.send_replace(true);
        });
        Self {
            queue,
            stop,
            stopped,
        }
    }

    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let operation = Box::new(Queued {
            work: Some(work),
            outcome: None,
            reply,
        });
        self.queue
            .try_send(operation)
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
                mpsc::error::TrySendError::Closed(_) => closed(),
            })?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    pub(super) async fn close(&self) {
        self.stop.notify_one();
        // An error means that the task is gone, which is what is waited for.
        let _ = self.stopped.clone().wait_for(|stopped| *stopped).await;
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".into())
}

async fn run(
    mut db: SqliteConnection,
    mut queue: mpsc::Receiver<Box<dyn Operation>>,
    stop: &Notify,
) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let taken = tokio::select! {
            taken = queue.recv_many(&mut batch, BATCH) => taken,
            // From here on nothing new gets in; what is in comes out until nothing is left.
            () = stop.notified() => {
                queue.close();
                continue;
            }
        };
        if taken == 0 {
            break;
        }
        let end = commit(&mut db, &mut batch).await;
        if let Err(error) = &end {
            tracing::error!(operations = taken, %error, "a transaction was rolled back");
        }
        for operation in batch.drain(..) {
            operation.answer(end.clone());
        }
    }
    if let Err(error) = db.close().await {
        tracing::warn!(%error, "the database did not close cleanly");
    }
}

/// Carries out a batch. An error concerns all of it, and then nothing of it has happened.
async fn commit(
    db: &mut SqliteConnection,
    batch: &mut [Box<dyn Operation>],
) -> Result<(), StoreError> {
    let end = transact(db, batch).await;
    if end.is_err() {
        // After some errors SQLite has rolled back by itself and there is nothing left to do.
        let _ = sqlx::query("ROLLBACK").execute(&mut *db).await;
    }
    end
}

async fn transact(
    db: &mut SqliteConnection,
    batch: &mut [Box<dyn Operation>],
) -> Result<(), StoreError> {
    // IMMEDIATE: two processes that read first and write later would otherwise end in SQLITE_BUSY.
    execute(db, "BEGIN IMMEDIATE").await?;
    for operation in batch {
        execute(db, "SAVEPOINT operation").await?;
        if operation.run(db).await.is_err() {
            execute(db, "ROLLBACK TO operation").await?;
        }
        execute(db, "RELEASE operation").await?;
    }
    execute(db, "COMMIT").await
}

async fn execute(db: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    sqlx::query(sql).execute(db).await.map_err(failed)?;
    Ok(())
}

/// An operation whose answer's type the queue need not know.
trait Operation: Send {
    fn run<'c>(&'c mut self, db: &'c mut SqliteConnection) -> Work<'c, ()>;

    fn answer(self: Box<Self>, transaction: Result<(), StoreError>);
}

struct Queued<T, F> {
    work: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Operation for Queued<T, F>
where
    T: Send,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send,
{
    fn run<'c>(&'c mut self, db: &'c mut SqliteConnection) -> Work<'c, ()> {
        Box::pin(async move {
            let outcome = match self.work.take() {
                Some(work) => work(db).await,
                None => Err(closed()),
            };
            let told = outcome.as_ref().map(|_| ()).map_err(Clone::clone);
            self.outcome = Some(outcome);
            told
        })
    }

    fn answer(self: Box<Self>, transaction: Result<(), StoreError>) {
        let Self { outcome, reply, .. } = *self;
        let answer = transaction.and_then(|()| outcome.unwrap_or_else(|| Err(closed())));
        // Whoever asked may have gone away; the operation has happened all the same.
        let _ = reply.send(answer);
    }
}

#[cfg(test)]
mod tests;
