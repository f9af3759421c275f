//! What a password is, in one place: how it is compared and what a new one must be like.
//!
//! 1. A password longer than the configured number of bytes is refused before it is looked at (ID-02): no hash, no
//!    estimate, no normalisation runs over it.
//! 2. **Normalisation**: NFC, once, here ([`Password::parse`]), for register, login and change alike. NFC and not
//!    NFKC: a keyboard that sends `e` and a combining accent types the same password as one that sends `é`, but no two
//!    passwords that look different become one.
//! 3. Nothing is cut off, no kind of character is asked for, all of Unicode and spaces are accepted.
//! 4. A new password is refused when it is short, when it is among the common ones, or when zxcvbn gives it a low
//!    score. Words of the product and of the person count as known to the attacker: what is left without them must
//!    be long enough by itself.
//!
//! The block list of rule 4 is the one that zxcvbn carries (30 000 leaked passwords by rank, with English words and
//! names): whatever it finds within 10 000 guesses counts as common. It is not a breach corpus; an operator who needs
//! one checks new passwords against it elsewhere.

mod hasher;

pub(crate) use hasher::{Busy, Hasher};

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::config::PasswordPolicy;

/// Below this number of guesses a password counts as a common one.
const COMMON: u64 = 10_000;

/// A password in the form in which it is hashed.
pub(crate) struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password as it was typed.
    pub(crate) fn parse(typed: &str, policy: &PasswordPolicy) -> Result<Self, PolicyError> {
        if typed.len() > policy.max_bytes {
            return Err(PolicyError::TooLong);
        }
        Ok(Self(Zeroizing::new(typed.nfc().collect())))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether it may be a new password of the person these words are about.
    pub(crate) fn judge(
        &self,
        policy: &PasswordPolicy,
        person: &[&str],
    ) -> Result<(), PolicyError> {
        if self.0.chars().count() < policy.min_chars {
            let least = policy.min_chars;
            return Err(PolicyError::TooShort { least });
        }
        let words = context_words(policy, person);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let estimate = zxcvbn::zxcvbn(&self.0, &words);
        if estimate.guesses() < COMMON {
            return Err(PolicyError::Common);
        }
        let weak = u8::from(estimate.score()) < policy.min_score;
        if weak || !self.stands_without(&words, policy.min_chars) {
            return Err(PolicyError::Weak);
        }
        Ok(())
    }

    /// zxcvbn rewards a row of known words; a row of *these* words and a digit is the first guess about this person.
    fn stands_without(&self, words: &[&str], min_chars: usize) -> bool {
        let whole = self.0.to_lowercase();
        let rest = words
            .iter()
            .fold(whole.clone(), |rest, word| rest.replace(word, ""));
        rest == whole || rest.chars().count() >= min_chars
    }
}

/// The configured words and everything the person is called, whole and in its parts, the longest first.
fn context_words(policy: &PasswordPolicy, person: &[&str]) -> Vec<String> {
    let configured = policy.context.iter().map(String::as_str);
    let mut words = Vec::new();
    for text in configured.chain(person.iter().copied()) {
        let parts = text.split(|c: char| !c.is_alphanumeric());
        words.extend([text].into_iter().chain(parts).map(str::to_lowercase));
    }
    // Shorter ones stand in every other sentence.
    words.retain(|word| word.chars().count() > 2);
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words
}

/// Why a password is not accepted as a new one, as a sentence for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Fewer characters than the policy asks for.
    #[error("Use at least {least} characters; a few unrelated words work well.")]
    TooShort {
        /// How many it asks for.
        least: usize,
    },
    /// More bytes than the service reads.
    #[error("This password is too long.")]
    TooLong,
    /// Among the first that an attacker tries.
    #[error("This is one of the first passwords somebody would try. Choose another one.")]
    Common,
    /// Guessed too soon.
    #[error("This password is too easy to guess. Add an unrelated word or two.")]
    Weak,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(text: &str) -> Result<(), PolicyError> {
        let policy = PasswordPolicy::default();
        let person = ["ada", "Ada Lovelace", "ada.lovelace@example.com"];
        Password::parse(text, &policy)?.judge(&policy, &person)
    }

    // ID-02
    #[test]
    fn every_character_counts_and_none_is_demanded() {
        assert_eq!(judge("seven77"), Err(PolicyError::TooShort { least: 8 }));
        assert_eq!(judge("paper lantern drifts north"), Ok(()));
        assert_eq!(judge("крыжовник под дождём"), Ok(()));
        assert_eq!(judge(&"correct horse ".repeat(10)), Ok(()));
        assert_eq!(judge(&"x".repeat(1025)), Err(PolicyError::TooLong));
    }

    // ID-04
    #[test]
    fn common_passwords_and_words_of_the_context_are_refused() {
        for common in [
            "password",
            "12345678",
            "qwertyuiop",
            "iloveyou",
            "cloakroom",
            "lovelace",
        ] {
            assert_eq!(judge(common), Err(PolicyError::Common), "{common}");
        }
        for weak in ["cloakroom2026", "Lovelace99", "P@ssw0rd1"] {
            assert!(judge(weak).is_err(), "{weak}");
        }
        for row in [
            "ada.lovelace1",
            "Cloakroom-Ada-2026",
            "adalovelace@example.com!",
        ] {
            assert_eq!(judge(row), Err(PolicyError::Weak), "{row}");
        }
        assert_eq!(judge("ada likes granite kettles"), Ok(()));
    }

    // ID-03
    #[test]
    fn composed_and_decomposed_spellings_are_one_password() {
        let policy = PasswordPolicy::default();
        let composed = Password::parse("caf\u{e9} noir", &policy).unwrap();
        let decomposed = Password::parse("cafe\u{301} noir", &policy).unwrap();
        assert_eq!(composed.as_bytes(), decomposed.as_bytes());
        let wide = Password::parse("\u{ff43}af\u{e9} noir", &policy).unwrap();
        assert_ne!(composed.as_bytes(), wide.as_bytes());
    }
}
