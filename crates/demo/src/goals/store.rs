//! The only place where goals change: one change at a time, on the disk before anybody sees it.
//!
//! Reads never wait for a write: they take the book that was published last. A change is made on a copy,
//! written, and then published, all in one blocking task that owns the gate: a caller who hangs up half-way
//! can neither lose a written change nor let a second writer in.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use cloakroom_core::ports::{Clock, Entropy};
use tokio::sync::Mutex;

use super::book::{Book, Owner, Shelf, Tally};
use super::file::{self, GoalFileError};
use super::{Change, Draft, Goal, GoalId, samples};

/// Goals one person may have. The file is written as a whole, so it must stay small.
const MAX_GOALS: usize = 500;

/// What to say next to a goal for which there is no room.
pub(crate) const SHELF_IS_FULL: &str = "You have 500 goals already. Delete one to make room.";

/// A goal that could not be added.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AddError {
    /// There is no room on the shelf.
    #[error("this person has as many goals as anybody may have")]
    Full,
    /// The disk did not take it.
    #[error(transparent)]
    File(#[from] GoalFileError),
}

/// Everybody's goals.
#[derive(Clone)]
pub(crate) struct GoalStore {
    published: Arc<RwLock<Arc<Book>>>,
    gate: Arc<Mutex<()>>,
    path: Arc<Path>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl GoalStore {
    /// Loads the file, or begins one. Blocks: meant for the start.
    pub(crate) fn open(
        path: &Path,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, GoalFileError> {
        let book = file::load(path)?;
        Ok(Self {
            published: Arc::new(RwLock::new(Arc::new(book))),
            gate: Arc::default(),
            path: path.into(),
            clock,
            entropy,
        })
    }

    /// The goals of a person; whoever comes for the first time finds samples.
    pub(crate) async fn of(&self, owner: &Owner) -> Result<Arc<Shelf>, GoalFileError> {
        if let Some(shelf) = self.book().shelf(&owner.subject) {
            return Ok(Arc::clone(shelf));
        }
        self.edit(owner, |shelf| Arc::new(shelf.clone())).await
    }

    /// Puts a new goal at the top.
    pub(crate) async fn add(&self, owner: &Owner, draft: Draft) -> Result<Goal, AddError> {
        let goal = Goal::new(GoalId::fresh(&*self.entropy, self.clock.now()), draft);
        let added = self
            .edit(owner, move |shelf| {
                if shelf.goals.len() >= MAX_GOALS {
                    return None;
                }
                shelf.goals.insert(0, goal.clone());
                Some(goal)
            })
            .await?;
        added.ok_or(AddError::Full)
    }

    /// Changes one goal and returns what it has become; `None` if this person has no such goal.
    pub(crate) async fn change(
        &self,
        owner: &Owner,
        id: GoalId,
        change: Change,
    ) -> Result<Option<Goal>, GoalFileError> {
        self.edit(owner, move |shelf| {
            let goal = shelf.goals.iter_mut().find(|goal| goal.id == id)?;
            goal.apply(change);
            Some(goal.clone())
        })
        .await
    }

    /// Removes one goal; false if this person has no such goal.
    pub(crate) async fn remove(&self, owner: &Owner, id: GoalId) -> Result<bool, GoalFileError> {
        self.edit(owner, move |shelf| {
            let before = shelf.goals.len();
            shelf.goals.retain(|goal| goal.id != id);
            shelf.goals.len() < before
        })
        .await
    }

    /// Everybody in numbers, by name.
    pub(crate) fn census(&self) -> Vec<Tally> {
        let mut tallies: Vec<_> = self.book().shelves().map(Shelf::tally).collect();
        tallies.sort_by(|a, b| a.name.cmp(&b.name));
        tallies
    }

    fn book(&self) -> Arc<Book> {
        // A reader that panicked cannot have left the pointer half-written.
        let published = self
            .published
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&published)
    }

    /// Runs `change` on a copy of one person's shelf. Nothing is written where nothing changed.
    async fn edit<T: Send + 'static>(
        &self,
        owner: &Owner,
        change: impl FnOnce(&mut Shelf) -> T + Send + 'static,
    ) -> Result<T, GoalFileError> {
        let gate = Arc::clone(&self.gate).lock_owned().await;
        let (store, owner) = (self.clone(), owner.clone());
        let task = tokio::task::spawn_blocking(move || {
            let answer = store.edit_now(&owner, change);
            drop(gate);
            answer
        });
        match task.await {
            Ok(answer) => answer,
            Err(error) => Err(GoalFileError::Write {
                path: self.path.to_path_buf(),
                source: std::io::Error::other(error),
            }),
        }
    }

    fn edit_now<T>(
        &self,
        owner: &Owner,
        change: impl FnOnce(&mut Shelf) -> T,
    ) -> Result<T, GoalFileError> {
        let book = self.book();
        let before = book.shelf(&owner.subject);
        let mut copy = match before {
            Some(current) => current.as_ref().clone(),
            None => Shelf {
                name: owner.name.clone(),
                goals: samples::goals(&*self.entropy, self.clock.now()),
            },
        };
        let answer = change(&mut copy);
        if before.is_some_and(|current| **current == copy) {
            return Ok(answer);
        }
        copy.name.clone_from(&owner.name);
        let next = Arc::new(book.with(&owner.subject, Arc::new(copy)));
        file::save(&self.path, &next)?;
        *self
            .published
            .write()
            .unwrap_or_else(PoisonError::into_inner) = next;
        Ok(answer)
    }
}

#[cfg(test)]
mod tests;
