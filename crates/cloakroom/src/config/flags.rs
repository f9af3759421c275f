//! The form without a file: flags that say where the app and the API are, as the tree that a file would be.

use std::path::PathBuf;

use super::tree::{Item, Table, Value};

/// What a start without a file may say. Everything else has its default.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// Where the web app listens
    #[arg(long, value_name = "URL")]
    pub app: Option<String>,
    /// Where the API listens; reached as /api/proxy/**
    #[arg(long, value_name = "URL")]
    pub api: Option<String>,
    /// Who knows the users: builtin
    #[arg(long, value_name = "KIND")]
    pub provider: Option<String>,
    /// Paths of the app that need a session, such as '/dashboard/**' (repeatable)
    #[arg(long, value_name = "PATTERN", requires = "app")]
    pub protect: Vec<String>,
    /// Paths of the app that need a role, such as '/admin/**=admin' (repeatable)
    #[arg(long, value_name = "PATTERN=ROLE", requires = "app", value_parser = pattern_and_role)]
    pub role: Vec<(String, String)>,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// The one address people know
    #[arg(long, value_name = "ORIGIN")]
    pub public_url: Option<String>,
    /// Where keys and databases are kept
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

fn pattern_and_role(text: &str) -> Result<(String, String), &'static str> {
    match text.rsplit_once('=') {
        Some((pattern, role)) if !pattern.is_empty() && !role.is_empty() => {
            Ok((pattern.to_owned(), role.to_owned()))
        }
        _ => Err("write a pattern, = and a role, such as '/admin/**=admin'"),
    }
}

impl Flags {
    /// Whether the flags replace a file: they name somebody to forward to.
    pub(crate) const fn are_enough(&self) -> bool {
        self.app.is_some() || self.api.is_some()
    }

    /// Whether any flag was given that only means something without a file.
    pub(crate) fn say_anything(&self) -> bool {
        let Self {
            app,
            api,
            provider,
            protect,
            role,
            listen,
            public_url,
            data,
        } = self;
        let texts = [app, api, provider, listen, public_url];
        texts.iter().any(|text| text.is_some())
            || data.is_some()
            || !protect.is_empty()
            || !role.is_empty()
    }

    /// The tree that a file saying the same would be.
    pub(super) fn tree(&self) -> Table {
        let mut root = Table::new();
        let mut server = Table::new();
        put_text(&mut server, "listen", "--listen", self.listen.as_deref());
        put_text(
            &mut server,
            "public_url",
            "--public-url",
            self.public_url.as_deref(),
        );
        put(&mut root, "server", "--listen", Value::Table(server));
        let data = self.data.as_ref().map(|path| path.display().to_string());
        put_text(&mut root, "data_dir", "--data", data.as_deref());
        let mut provider = Table::new();
        put_text(
            &mut provider,
            "kind",
            "--provider",
            self.provider.as_deref(),
        );
        put(&mut root, "provider", "--provider", Value::Table(provider));
        put(
            &mut root,
            "upstream",
            "--app",
            Value::List(self.upstreams()),
        );
        put(&mut root, "route", "--app", Value::List(self.routes()));
        root
    }

    fn upstreams(&self) -> Vec<Item> {
        let named = [("app", "--app", &self.app), ("api", "--api", &self.api)];
        let table = |(name, flag, url): (&str, &'static str, &Option<String>)| {
            let mut table = Table::new();
            put_text(&mut table, "name", flag, Some(name));
            put_text(&mut table, "url", flag, Some(url.as_deref()?));
            Some(Item::from_flag(flag, Value::Table(table)))
        };
        named.into_iter().filter_map(table).collect()
    }

    fn routes(&self) -> Vec<Item> {
        let mut routes = Vec::new();
        if self.api.is_some() {
            let mut route = route("--api", "/api/proxy/**", "api", "required");
            put_text(&mut route, "strip_prefix", "--api", Some("/api/proxy"));
            put_text(&mut route, "csrf", "--api", Some("header"));
            routes.push(Item::from_flag("--api", Value::Table(route)));
        }
        if self.app.is_none() {
            return routes;
        }
        let mut push = |flag, route| routes.push(Item::from_flag(flag, Value::Table(route)));
        push("--app", route("--app", "/**", "app", "optional"));
        for path in ["/_next/static/**", "/favicon.ico", "/robots.txt"] {
            push("--app", route("--app", path, "app", "public"));
        }
        for path in &self.protect {
            push("--protect", route("--protect", path, "app", "required"));
        }
        for (path, role) in &self.role {
            let mut table = route("--role", path, "app", "required");
            let role = Item::from_flag("--role", Value::Text(role.clone()));
            let mut access = Table::new();
            put(&mut access, "roles", "--role", Value::List(vec![role]));
            put(&mut table, "access", "--role", Value::Table(access));
            push("--role", table);
        }
        routes
    }
}

fn route(flag: &'static str, path: &str, upstream: &str, access: &str) -> Table {
    let mut table = Table::new();
    put_text(&mut table, "path", flag, Some(path));
    put_text(&mut table, "upstream", flag, Some(upstream));
    put_text(&mut table, "access", flag, Some(access));
    table
}

fn put(table: &mut Table, key: &str, flag: &'static str, value: Value) {
    table.insert(key.to_owned(), Item::from_flag(flag, value));
}

fn put_text(table: &mut Table, key: &str, flag: &'static str, text: Option<&str>) {
    if let Some(text) = text {
        put(table, key, flag, Value::Text(text.to_owned()));
    }
}
