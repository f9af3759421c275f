//! The address of the login page with the way back in it.

use http::{HeaderMap, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::config::{Config, ReturnTo};

/// Everything but what RFC 3986 §2.3 calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The address of the login page; it leads back to `return_to`.
pub(crate) fn login_url(config: &Config, return_to: Option<&ReturnTo>) -> String {
    own_url(config, "/login", return_to)
}

/// The address of one of our own pages that leads on to `return_to`.
pub(crate) fn own_url(config: &Config, page: &str, return_to: Option<&ReturnTo>) -> String {
    let address = format!("{}{page}", config.base_path);
    match return_to {
        Some(return_to) => with_query(&address, &[("return_to", return_to.as_str())]),
        None => address,
    }
}

/// Where a script's request came from: the path of the page in `Referer`, if that is one of this origin.
pub(crate) fn referer(config: &Config, headers: &HeaderMap) -> Option<ReturnTo> {
    let referer = headers.get(header::REFERER)?.to_str().ok()?;
    let path = referer.strip_prefix(config.public_url.as_str())?;
    // What follows the origin must be a path, or it was the beginning of a longer host name.
    ReturnTo::parse(path, &config.base_path)
}

/// An address with further parameters in its query.
pub(crate) fn with_query(address: &str, parameters: &[(&str, &str)]) -> String {
    let mut url = address.to_owned();
    for (name, value) in parameters {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(name);
        url.push('=');
        url.extend(utf8_percent_encode(value, ESCAPED));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_escaped_and_added_to_those_there_are() {
        let url = with_query(
            "/welcome?a=b",
            &[("error", "x y"), ("return_to", "/g?p=1&q=ä#z")],
        );
        assert_eq!(
            url,
            "/welcome?a=b&error=x%20y&return_to=%2Fg%3Fp%3D1%26q%3D%C3%A4%23z"
        );
    }
}
