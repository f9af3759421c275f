//! What is wrong with a configuration, where it stands, and how all of it is shown at once.
//!
//! A problem names a place, what was expected there and the cure. Places are ranges of the file, environment
//! variables or flags, so that the reader is sent to where the wrong value was really written.

use std::cell::RefCell;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// These bytes of the file.
    File(Range<usize>),
    /// This environment variable.
    Variable(String),
    /// This command-line flag.
    Flag(&'static str),
    /// Nowhere: a value that is missing altogether.
    Nowhere,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    place: Place,
    title: String,
    expected: String,
    cure: String,
}

impl Problem {
    /// What is wrong, and where.
    pub(crate) fn new(place: &Place, title: impl Into<String>) -> Self {
        Self {
            place: place.clone(),
            title: title.into(),
            expected: String::new(),
            cure: String::new(),
        }
    }

    /// What should stand there; shown beside the value.
    #[must_use]
    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    /// What to do about it.
    #[must_use]
    pub(crate) fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure = cure.into();
        self
    }

    fn group<'a>(&'a self, source: &'a Source) -> Group<'a> {
        let Place::File(range) = &self.place else {
            let group = Group::with_title(Level::ERROR.primary_title(self.title.as_str()));
            let group = match &self.place {
                Place::Variable(name) => group
                    .element(Level::NOTE.message(format!("in the environment variable {name}"))),
                Place::Flag(name) => {
                    group.element(Level::NOTE.message(format!("in the flag {name}")))
                }
                Place::File(_) | Place::Nowhere => group,
            };
            return self.closing(group);
        };
        let annotation = AnnotationKind::Primary.span(within(range, source.text.len()));
        let snippet = Snippet::source(source.text.as_str())
            .path(source.name.as_str())
            .annotation(annotation.label(self.expected.as_str()));
        self.closing(
            Level::ERROR
                .primary_title(self.title.as_str())
                .element(snippet),
        )
    }

    fn closing<'a>(&'a self, mut group: Group<'a>) -> Group<'a> {
        if !matches!(self.place, Place::File(_)) && !self.expected.is_empty() {
            group = group.element(Level::NOTE.message(format!("expected: {}", self.expected)));
        }
        if !self.cure.is_empty() {
            group = group.element(Level::HELP.message(self.cure.as_str()));
        }
        group
    }
}

/// The text that the ranges of [`Place::File`] lie in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    /// How the file is called in messages.
    pub(crate) name: String,
    /// Its whole text.
    pub(crate) text: String,
}

/// Collects problems while a configuration is read: one run shows all of them.
#[derive(Debug, Default)]
pub(crate) struct Findings(RefCell<Vec<Problem>>);

impl Findings {
    /// Adds one.
    pub(crate) fn add(&self, problem: Problem) {
        self.0.borrow_mut().push(problem);
    }

    /// All that was found in `source`, in its order.
    pub(crate) fn into_result(self, source: Source) -> Result<(), Problems> {
        let mut list = self.0.into_inner();
        list.sort_by_key(|problem| match &problem.place {
            Place::File(range) => range.start,
            Place::Variable(_) | Place::Flag(_) | Place::Nowhere => usize::MAX,
        });
        if list.is_empty() {
            return Ok(());
        }
        Err(Problems {
            written: source,
            list,
        })
    }
}

/// Why a configuration is refused. Shown as a whole by `Display`.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.render())]
pub struct Problems {
    written: Source,
    list: Vec<Problem>,
}

impl Problems {
    /// A single problem without a file.
    pub(crate) fn single(problem: Problem) -> Self {
        Self {
            written: Source::default(),
            list: vec![problem],
        }
    }

    /// Each problem with its file, line, column, the line itself and the cure.
    pub fn render(&self) -> String {
        let renderer = Renderer::plain();
        let shown = self
            .list
            .iter()
            .map(|problem| renderer.render(&[problem.group(&self.written)]));
        shown.collect::<Vec<_>>().join("\n\n")
    }
}

/// Ranges at the end of a text may point one byte behind it.
fn within(range: &Range<usize>, len: usize) -> Range<usize> {
    range.start.min(len)..range.end.min(len)
}
