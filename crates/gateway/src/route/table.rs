//! The route table: rules in the order in which they are searched.

use std::sync::Arc;

use http::Method;

use super::CheckedPath;
use crate::config::{Access, Config, Methods, Rule, Target};
use crate::refusal::Refusal;

/// Rules, the most specific first.
pub(crate) struct RouteTable {
    rules: Vec<Rule>,
    /// The patterns as text, in the same order, to be shared by access lines.
    names: Vec<Arc<str>>,
}

/// Why rules make no table. Positions are those of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Two rules cover the same paths and methods, perhaps in letters of another case.
    #[error("the routes {first} and {second} cover the same paths and methods")]
    Duplicate {
        /// Position of the first.
        first: usize,
        /// Position of the second.
        second: usize,
    },
    /// What is to be stripped is not the beginning of the pattern.
    #[error("strip_prefix of route {rule} is not a literal beginning of its path")]
    StripPrefix {
        /// Position of the rule.
        rule: usize,
    },
    /// An upstream that is not configured.
    #[error("route {rule} names an upstream that does not exist")]
    NoUpstream {
        /// Position of the rule.
        rule: usize,
    },
    /// A client's Authorization would pass where ours is injected.
    #[error("route {rule} both passes and injects Authorization")]
    TwoAuthorizations {
        /// Position of the rule.
        rule: usize,
    },
    /// An identity is to be injected where no session is opened.
    #[error("route {rule} is public, so no session is opened, but it injects an identity")]
    PublicIdentity {
        /// Position of the rule.
        rule: usize,
    },
    /// There is no rule: every request would be refused.
    #[error("there is no route")]
    Empty,
}

impl RouteTable {
    /// Sorts rules into a table; a contradiction is an error now, not a rule that silently never matches.
    pub(crate) fn new(rules: Vec<Rule>) -> Result<Self, TableError> {
        if rules.is_empty() {
            return Err(TableError::Empty);
        }
        for (index, rule) in rules.iter().enumerate() {
            if !rule.strip_prefix.is_empty() && !rule.pattern.begins_with(&rule.strip_prefix) {
                return Err(TableError::StripPrefix { rule: index });
            }
            if rule.pass_authorization && rule.inject.bearer {
                return Err(TableError::TwoAuthorizations { rule: index });
            }
            if rule.access == Access::Public && rule.inject != crate::config::Inject::default() {
                return Err(TableError::PublicIdentity { rule: index });
            }
        }
        for (first, a) in rules.iter().enumerate() {
            let later = rules.iter().enumerate().skip(first + 1);
            for (second, b) in later {
                let same = a.pattern.specificity(&b.pattern).is_eq();
                if same && !a.methods.are_disjoint(&b.methods) {
                    return Err(TableError::Duplicate { first, second });
                }
            }
        }
        let mut rules = rules;
        rules.sort_by(|a, b| a.pattern.specificity(&b.pattern));
        let names = rules
            .iter()
            .map(|rule| rule.pattern.as_str().into())
            .collect();
        Ok(Self { rules, names })
    }

    /// The rule for this path and method, and its position in the table.
    pub(crate) fn find(
        &self,
        path: CheckedPath<'_>,
        method: &Method,
    ) -> Result<(usize, &Rule), Refusal> {
        let mut covering = self
            .rules
            .iter()
            .enumerate()
            .filter(|(_, r)| r.pattern.covers(path));
        let (index, rule) = covering.next().ok_or(Refusal::NoRoute)?;
        if rule.methods.allow(method) {
            return Ok((index, rule));
        }
        let mut known = vec![&rule.methods];
        // Rules that share one pattern split its methods among them; a wider pattern is no second chance.
        let twin = covering
            .take_while(|(_, other)| other.pattern.specificity(&rule.pattern).is_eq())
            .inspect(|(_, other)| known.push(&other.methods))
            .find(|(_, other)| other.methods.allow(method));
        twin.ok_or_else(|| Refusal::MethodNotAllowed(Methods::to_header(&known)))
    }

    /// Whether any rule for this path lets `%2F` stand: asked only when one does.
    pub(crate) fn allows_encoded_slash(&self, uri: &http::Uri) -> bool {
        super::check(uri, false, true).is_ok_and(|path| {
            self.rules
                .iter()
                .find(|r| r.pattern.covers(path))
                .is_some_and(|r| r.encoded_slash)
        })
    }

    /// The pattern at a position of the table, for the access line.
    pub(crate) fn name(&self, index: usize) -> Option<Arc<str>> {
        self.names.get(index).cloned()
    }

    /// The table in words, a line a rule.
    pub(crate) fn describe(&self, config: &Config) -> Vec<String> {
        let line = |rule: &Rule| {
            let access = match &rule.access {
                Access::Public => "public".to_owned(),
                Access::Optional => "optional".to_owned(),
                Access::Required => "required".to_owned(),
                Access::Roles(roles) => format!("role {}", roles.join(" or ")),
            };
            let target = match rule.target {
                Target::Own => "cloakroom".to_owned(),
                Target::Upstream(index) => {
                    config.upstreams.get(index).map_or_else(String::new, |up| {
                        let port = up.url.port();
                        format!(
                            "{} (http://{}:{port}{})",
                            up.name,
                            up.url.host(),
                            up.url.prefix()
                        )
                    })
                }
            };
            format!("{:<28} {access:<20} → {target}", rule.pattern.as_str())
        };
        self.rules.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests;
