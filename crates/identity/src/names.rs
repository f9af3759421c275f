//! The canonical form of everything that names a user; two spellings of one name cannot both be registered.
//!
//! 1. A user name is 2 to 32 of `a-z 0-9 _ . -`, folded to lower case, and can stand in a URL path as it is.
//! 2. An e-mail address is ASCII, has exactly one `@`, and is folded to lower case as a whole. ASCII is unchanged by
//!    NFKC, so that no address can turn into another one further down (a full-width `＠`, a Kelvin sign): the class
//!    of CVE-2026-40574. Deliberately stricter than RFC 6531; and local parts that differ only in case are one
//!    mailbox everywhere that matters.
//! 3. A display name is 1 to 80 characters after trimming, in NFC, without control or direction-changing characters.
//!
//! Refusal is a [`FieldError`], whose text is meant for the person who typed the value.

use unicode_normalization::UnicodeNormalization;

/// What is wrong with a field, as a sentence for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The user name has another shape.
    #[error(
        "Use 2 to 32 letters, digits, dots, dashes or underscores, beginning with a letter or a digit."
    )]
    Username,
    /// The user name means something else in an address.
    #[error("This user name is reserved.")]
    ReservedUsername,
    /// The e-mail address has another shape.
    #[error("Enter one e-mail address, such as ada@example.com.")]
    Email,
    /// The display name is empty, too long, or has invisible characters.
    #[error("Use 1 to 80 visible characters.")]
    Name,
    /// The picture's address cannot be shown.
    #[error("Enter an address that begins with https:// or http://, at most 2048 characters.")]
    Picture,
    /// The role has another shape.
    #[error("A role is 1 to 64 lower-case letters, digits, dots, colons, dashes or underscores.")]
    Role,
    /// A refresh token is asked for a scope in a shape that RFC 6749 §3.3 does not know.
    #[error("No scope can be asked for at login.")]
    Scope,
    /// Another grant than the password's.
    #[error("The grant type of this address is \"password\".")]
    GrantType,
}

/// `/api/v1/user/me` is the caller; nobody can be called that.
const RESERVED: &[&str] = &["me"];

/// The canonical form of a user name.
pub(crate) fn username(text: &str) -> Result<String, FieldError> {
    let canonical = text.to_ascii_lowercase();
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
    let starts_well = canonical.starts_with(|c: char| c.is_ascii_alphanumeric());
    let ends_well = !canonical.ends_with('.');
    if !(2..=32).contains(&canonical.len())
        || !canonical.bytes().all(legal)
        || !starts_well
        || !ends_well
    {
        return Err(FieldError::Username);
    }
    if RESERVED.contains(&canonical.as_str()) {
        return Err(FieldError::ReservedUsername);
    }
    Ok(canonical)
}

/// The canonical form of an e-mail address.
pub(crate) fn email(text: &str) -> Result<String, FieldError> {
    // RFC 5321 §4.5.3.1: 256 octets a path, which has angle brackets; 64 a local part.
    if text.len() > 254 || !text.is_ascii() {
        return Err(FieldError::Email);
    }
    let canonical = text.to_ascii_lowercase();
    let (local, domain) = canonical.split_once('@').ok_or(FieldError::Email)?;
    // RFC 5322 §3.2.3, dot-atom: leaves out quotes, spaces, commas, brackets, and a second `@`.
    let atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    let atom = |part: &str| !part.is_empty() && part.bytes().all(atext);
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let legal = local.len() <= 64
        && local.split('.').all(atom)
        && domain.contains('.')
        && domain.split('.').all(label);
    legal.then_some(()).ok_or(FieldError::Email)?;
    Ok(canonical)
}

/// The stored form of a display name.
pub(crate) fn display_name(text: &str) -> Result<String, FieldError> {
    let name: String = text.trim().nfc().collect();
    let invisible = |c: char| {
        // Line and paragraph separators, and the marks that reorder the text around a name.
        c.is_control()
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    if (1..=80).contains(&name.chars().count()) && !name.chars().any(invisible) {
        Ok(name)
    } else {
        Err(FieldError::Name)
    }
}

/// The address of a picture: absolute, http or https, so that no page can be made to run it as a script.
pub(crate) fn picture(text: &str) -> Result<String, FieldError> {
    let uri: http::Uri = text.parse().map_err(|_| FieldError::Picture)?;
    let scheme = matches!(uri.scheme_str(), Some("https" | "http"));
    if scheme && uri.host().is_some_and(|host| !host.is_empty()) && text.len() <= 2048 {
        Ok(text.to_owned())
    } else {
        Err(FieldError::Picture)
    }
}

/// A role, as it stands in tokens and in the gateway's rules.
pub(crate) fn role(text: &str) -> Result<String, FieldError> {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.:-".contains(&b);
    if (1..=64).contains(&text.len()) && text.bytes().all(legal) {
        Ok(text.to_owned())
    } else {
        Err(FieldError::Role)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn user_names_fold_to_one_spelling() {
        assert_eq!(username("Ada.L-0_x").unwrap(), "ada.l-0_x");
        for bad in [
            "a",
            "",
            "..",
            ".a",
            "a.",
            "-a",
            "_a",
            "ada lovelace",
            "ädä",
            "a/b",
            "a@b",
        ] {
            assert_eq!(username(bad), Err(FieldError::Username), "{bad:?}");
        }
        assert_eq!(username(&"a".repeat(33)), Err(FieldError::Username));
        assert_eq!(username("Me"), Err(FieldError::ReservedUsername));
    }

    // ID-08
    #[test]
    fn addresses_that_could_be_read_in_two_ways_are_refused() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long = format!("ada@{}.com", "a.".repeat(130));
        for bad in [
            "ada@evil.test@example.com",
            "ada@evil.test,bob@example.com",
            "ada@example.com,bob@example.com",
            "ada\u{ff20}example.com",
            "ada\u{ff20}evil.test@example.com",
            "ada\u{fe6b}example.com",
            "\u{ff41}da@example.com",
            "ada@e\u{212a}ample.com",
            "ada@example.com\0",
            "ada@example.com\r\nBcc: bob@example.com",
            "\"ada@evil.test\"@example.com",
            "ada@[127.0.0.1]",
            "<ada@example.com>",
            "ada @example.com",
            " ada@example.com",
            "ada@example",
            "ada@.com",
            "ada@-x.com",
            "ada@example..com",
            ".ada@example.com",
            "ada..l@example.com",
            "ada;bob@example.com",
            "@example.com",
            "ada@",
            "ada",
            "",
            &long_local,
            &long,
        ] {
            assert_eq!(email(bad), Err(FieldError::Email), "{bad:?}");
        }
    }

    // ID-08
    #[test]
    fn an_address_has_one_canonical_form() {
        assert_eq!(
            email("Ada+Goals@EXAMPLE.com").unwrap(),
            "ada+goals@example.com"
        );
    }

    proptest! {
        // ID-08
        #[test]
        fn an_accepted_address_is_its_own_canonical_form_and_stable_under_nfkc(text in "\\PC{0,12}[@\u{ff20}]\\PC{0,12}") {
            if let Ok(canonical) = email(&text) {
                prop_assert_eq!(canonical.matches('@').count(), 1);
                prop_assert_eq!(canonical.nfkc().collect::<String>(), canonical.clone());
                prop_assert_eq!(email(&canonical), Ok(canonical.clone()));
            }
        }
    }

    // AU-03
    #[test]
    fn a_display_name_has_no_characters_that_forge_a_line_or_reorder_it() {
        assert_eq!(display_name("  Ada Lovelace ").unwrap(), "Ada Lovelace");
        assert_eq!(display_name("Ame\u{301}lie").unwrap(), "Am\u{e9}lie");
        let long = "a".repeat(81);
        for bad in [
            "",
            "   ",
            "Ada\nadmin",
            "Ada\u{1b}[31m",
            "Ada\u{202e}nimda",
            &long,
        ] {
            assert_eq!(display_name(bad), Err(FieldError::Name), "{bad:?}");
        }
    }

    #[test]
    fn a_picture_is_never_a_script() {
        assert!(picture("https://example.com/ada.png").is_ok());
        for bad in [
            "javascript:alert(1)",
            "data:image/png,x",
            "/ada.png",
            "https://",
            "",
        ] {
            assert_eq!(picture(bad), Err(FieldError::Picture), "{bad:?}");
        }
    }
}
