//! Reads where things are kept and reached: `data_dir`, `[server]`, `[pages]`, `[admin]`.

use std::path::{Path, PathBuf};

use cloakroom_gateway::config::{Brand, Cidr, Origin, PagesConfig, ReturnTo};

use super::Data;
use super::address::Address;
use super::problem::{Findings, Problem};
use super::read::{Placed, Reader};
use super::tree::Table;

/// What `[server]` says.
pub(super) struct Server {
    pub(super) listen: Address,
    pub(super) public_url: Origin,
    pub(super) hosts: Vec<String>,
    pub(super) trusted_proxies: Vec<Cidr>,
    pub(super) base_path: String,
}

pub(super) fn server(root: &Table, findings: &Findings) -> Option<Server> {
    let table = Reader::new(root, "server", findings);
    let written = table.parsed("listen", Address::parse);
    // A value that cannot be used was reported; the default then only serves to find more problems.
    let listen = written
        .as_ref()
        .map_or(Address::localhost(8080), |placed| placed.value);
    let base_path = base_path(&table);
    let public_url = public_url(&table, listen)?;
    Some(Server {
        listen,
        hosts: hosts(&table, &public_url),
        trusted_proxies: proxies(&table),
        public_url,
        base_path,
    })
}

fn public_url(table: &Reader<'_>, listen: Address) -> Option<Origin> {
    if table.item("public_url").is_some() {
        return table
            .parsed("public_url", Origin::parse)
            .map(|placed| placed.value);
    }
    // Any free port (0) is not known yet, and no origin.
    if listen.is_loopback() && listen.port() != 0 {
        return Origin::parse(&format!("http://localhost:{}", listen.port())).ok();
    }
    let title = "`server.public_url` is missing";
    let problem = Problem::new(&table.place("listen"), title)
        .expected("cookies and redirects cannot be derived from this address");
    table.report(
        problem.cure(
            "add the https address that people type: public_url = \"https://app.example.com\"",
        ),
    );
    None
}

fn hosts(table: &Reader<'_>, public_url: &Origin) -> Vec<String> {
    let canonical = |Placed { value, place }: Placed<&str>| {
        let canonical = public_url.canonical_host(value);
        if canonical.is_none() {
            let title = format!("\"{value}\" is no host name");
            let problem =
                Problem::new(&place, title).expected("one name, perhaps with a port; no wildcard");
            table.report(
                problem.cure("write each name that is answered: hosts = [\"www.example.com\"]"),
            );
        }
        canonical
    };
    table
        .list("hosts")
        .into_iter()
        .filter_map(canonical)
        .collect()
}

fn proxies(table: &Reader<'_>) -> Vec<Cidr> {
    let parse = |Placed { value, place }: Placed<&str>| {
        let refuse = |expected: &str| {
            let title = format!("\"{value}\" cannot be trusted as a proxy");
            let cure = "name the proxies in front: trusted_proxies = [\"10.0.0.0/8\"]";
            table.report(Problem::new(&place, title).expected(expected).cure(cure));
            None
        };
        match Cidr::parse(value) {
            // Whoever trusts everybody lets every client choose its own address.
            Ok(_) if value.ends_with("/0") => refuse("this range is everybody"),
            Ok(range) => Some(range),
            Err(error) => refuse(&error.to_string()),
        }
    };
    table
        .list("trusted_proxies")
        .into_iter()
        .filter_map(parse)
        .collect()
}

fn base_path(table: &Reader<'_>) -> String {
    let parse = |text: &str| {
        let segment = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let legal = text
            .strip_prefix('/')
            .is_some_and(|rest| rest.split('/').all(segment));
        if legal {
            Ok(text.to_owned())
        } else {
            Err("a path of lower-case words, such as \"/auth\"")
        }
    };
    table
        .parsed("base_path", parse)
        .map_or_else(|| "/auth".to_owned(), |placed| placed.value)
}

/// What `[pages]` says.
pub(super) fn pages(root: &Table, base_path: &str, findings: &Findings) -> PagesConfig {
    let table = Reader::new(root, "pages", findings);
    let path = |key: &str| {
        let parse = |text: &str| {
            let own = format!("a path of this site outside of {base_path}, such as \"/dashboard\"");
            ReturnTo::parse(text, base_path).ok_or(own)
        };
        table.parsed(key, parse).map(|placed| placed.value)
    };
    PagesConfig {
        login: path("login"),
        register: path("register"),
        after_login: path("after_login").unwrap_or_else(ReturnTo::root),
        after_logout: path("after_logout").unwrap_or_else(ReturnTo::root),
        brand: brand(&Reader::new(root, "pages.brand", findings)),
    }
}

fn brand(table: &Reader<'_>) -> Brand {
    let color = |text: &str| {
        let digits = text.strip_prefix('#').filter(|rest| rest.len() == 6);
        let legal = digits.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
        if legal {
            Ok(text.to_owned())
        } else {
            Err("a colour such as \"#1a73e8\"")
        }
    };
    // The address ends up in a link: a scheme such as javascript: must be impossible.
    let address = |text: &str| {
        let legal =
            (text.starts_with("https://") || text.starts_with('/')) && !text.starts_with("//");
        if legal {
            Ok(text.to_owned())
        } else {
            Err("an https address, or a path of this site")
        }
    };
    Brand {
        name: table
            .text("name")
            .map_or_else(|| "cloakroom".to_owned(), |placed| placed.value.to_owned()),
        accent: table.parsed("accent", color).map(|placed| placed.value),
        terms_url: table
            .parsed("terms_url", address)
            .map(|placed| placed.value),
        privacy_url: table
            .parsed("privacy_url", address)
            .map(|placed| placed.value),
    }
}

/// Where health and metrics are listened for; `None` is off.
pub(super) fn admin(root: &Table, findings: &Findings) -> Option<Address> {
    let table = Reader::new(root, "admin", findings);
    let parse = |text: &str| match text {
        "off" => Ok(None),
        text => Address::parse(text).map(Some),
    };
    let written = table.parsed("listen", parse);
    written.map_or(Some(Address::loopback(9090)), |placed| placed.value)
}

/// Where things are kept. Relative paths start at `folder`.
pub(super) fn data(root: &Table, folder: &Path, findings: &Findings) -> Data {
    let sessions = store(&Reader::new(root, "session", findings), folder);
    let identity = store(&Reader::new(root, "identity", findings), folder);
    let named = Reader::new(root, "", findings)
        .text("data_dir")
        .map(|placed| folder.join(placed.value));
    let beside = sessions
        .as_deref()
        .and_then(Path::parent)
        .map(Path::to_owned);
    let dir = named.or(beside).unwrap_or_else(|| folder.join("data"));
    let standard = Data::in_folder(dir);
    Data {
        sessions: sessions.unwrap_or(standard.sessions),
        identity: identity.unwrap_or(standard.identity),
        dir: standard.dir,
    }
}

fn store(table: &Reader<'_>, folder: &Path) -> Option<PathBuf> {
    let parse = |text: &str| match text.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() => Ok(folder.join(path)),
        Some(("postgres" | "postgresql" | "redis" | "rediss" | "valkey", _)) => {
            Err("this store is not supported by this version")
        }
        _ => Err("\"sqlite:\" and a file, such as \"sqlite:data/sessions.db\""),
    };
    table.parsed("store", parse).map(|placed| placed.value)
}
