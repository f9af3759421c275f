//! Reading columns: a value that cannot be is reported with its table and column, and never repaired.

use cloakroom_core::Timestamp;
use cloakroom_core::ports::StoreError;
use cloakroom_core::secret::Digest;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, Type};

/// A row of a table, to be turned into a domain type by `TryFrom`.
pub(super) struct Fields<'r> {
    table: &'static str,
    row: &'r SqliteRow,
}

impl<'r> Fields<'r> {
    pub(super) fn of(table: &'static str, row: &'r SqliteRow) -> Self {
        Self { table, row }
    }

    pub(super) fn get<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite>,
    {
        self.row
            .try_get(column)
            .map_err(|error| self.inconsistent(column, &error.to_string()))
    }

    pub(super) fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.get(column).map(Timestamp::from_micros)
    }

    pub(super) fn time_or_none(
        &self,
        column: &'static str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let micros: Option<i64> = self.get(column)?;
        Ok(micros.map(Timestamp::from_micros))
    }

    pub(super) fn bytes<const N: usize>(
        &self,
        column: &'static str,
    ) -> Result<[u8; N], StoreError> {
        let bytes: &[u8] = self.get(column)?;
        bytes
            .try_into()
            .map_err(|_| self.inconsistent(column, "of another length"))
    }

    pub(super) fn digest(&self, column: &'static str) -> Result<Digest, StoreError> {
        self.bytes(column).map(Digest::new)
    }

    pub(super) fn digest_or_none(
        &self,
        column: &'static str,
    ) -> Result<Option<Digest>, StoreError> {
        match self.get::<Option<&[u8]>>(column)? {
            None => Ok(None),
            Some(_) => self.digest(column).map(Some),
        }
    }

    /// A text that stands for something else, such as a reason's code.
    pub(super) fn code<T>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        parse(self.get(column)?).ok_or_else(|| self.inconsistent(column, "an unknown code"))
    }

    pub(super) fn inconsistent(&self, column: &'static str, what: &str) -> StoreError {
        StoreError::Inconsistent {
            table: self.table,
            column,
            what: what.to_owned(),
        }
    }
}
