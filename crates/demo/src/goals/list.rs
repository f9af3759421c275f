//! Which goals a list shows: the filter and the page, both read from the address.

use std::str::FromStr;

use super::{Goal, Status};

/// Goals a page of a list holds.
const PAGE_SIZE: usize = 5;

/// Which goals are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Filter {
    #[default]
    All,
    Active,
    Completed,
}

impl Filter {
    pub(crate) const EVERY: [Self; 3] = [Self::All, Self::Active, Self::Completed];

    /// The word of the address.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Active => "active",
            Self::Completed => "completed",
        }
    }

    fn admits(self, goal: &Goal) -> bool {
        match self {
            Self::All => true,
            Self::Active => goal.status() == Status::Active,
            Self::Completed => goal.status() == Status::Completed,
        }
    }
}

/// A word that is no filter, or a number that is no page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

impl FromStr for Filter {
    type Err = Unreadable;

    fn from_str(word: &str) -> Result<Self, Unreadable> {
        Self::EVERY
            .into_iter()
            .find(|filter| filter.as_str() == word)
            .ok_or(Unreadable)
    }
}

/// A page of a list, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PageNumber(usize);

impl PageNumber {
    pub(crate) const FIRST: Self = Self(1);

    pub(crate) fn value(self) -> usize {
        self.0
    }
}

impl FromStr for PageNumber {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        match text.parse() {
            Ok(number) if number > 0 => Ok(Self(number)),
            _ => Err(Unreadable),
        }
    }
}

/// One page of a filtered list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) items: Vec<Goal>,
    pub(crate) number: PageNumber,
    /// At least 1: an empty list is one empty page.
    pub(crate) total_pages: usize,
}

impl Page {
    /// Exactly the page that was asked for: past the end it is empty.
    pub(crate) fn exactly(goals: &[Goal], filter: Filter, number: PageNumber) -> Self {
        let admitted = || goals.iter().filter(|goal| filter.admits(goal));
        let skipped = (number.0 - 1).saturating_mul(PAGE_SIZE);
        Self {
            items: admitted().skip(skipped).take(PAGE_SIZE).cloned().collect(),
            number,
            total_pages: admitted().count().div_ceil(PAGE_SIZE).max(1),
        }
    }

    /// The page that was asked for, or the last one: deleting the only goal of the last page must not lead
    /// to an empty page.
    pub(crate) fn nearest(goals: &[Goal], filter: Filter, number: PageNumber) -> Self {
        let page = Self::exactly(goals, filter, number);
        if number.0 <= page.total_pages {
            return page;
        }
        Self::exactly(goals, filter, PageNumber(page.total_pages))
    }

    pub(crate) fn has_more(&self) -> bool {
        self.number.0 < self.total_pages
    }

    /// The page before this one.
    pub(crate) fn previous(&self) -> Option<usize> {
        (self.number.0 > 1).then(|| self.number.0 - 1)
    }

    /// The page after this one.
    pub(crate) fn next(&self) -> Option<usize> {
        self.has_more().then(|| self.number.0 + 1)
    }
}
