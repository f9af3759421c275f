//! Why a command fails, in one clear line with its cure, and the exit code that scripts compare.

use crate::config::Problems;
use crate::data_dir::DataError;
use crate::keys::KeysError;
use crate::listen::BindError;
use crate::wire::{AssembleError, OpenError};

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The configuration, shown with file, line and column.
    #[error(transparent)]
    Configuration(#[from] Problems),
    /// The parts refuse what they were given.
    #[error("error: {0}")]
    Assemble(#[from] AssembleError),
    /// A port that cannot be had.
    #[error("error: {0}")]
    Port(#[from] BindError),
    /// The data directory.
    #[error("error: {0}")]
    Data(#[from] DataError),
    /// The key file in it.
    #[error("error: {0}")]
    Keys(#[from] KeysError),
    /// A database in it.
    #[error("error: {0}")]
    Store(#[from] OpenError),
    /// Something was asked for that cannot be done.
    #[error("error: {0:#}")]
    Other(#[from] anyhow::Error),
}

impl Failure {
    /// The exit code: 2 configuration, 3 port, 4 data directory, 1 anything else.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Configuration(_) | Self::Assemble(_) => 2,
            Self::Port(_) => 3,
            Self::Data(_) | Self::Keys(_) | Self::Store(_) => 4,
            Self::Other(_) => 1,
        }
    }
}
