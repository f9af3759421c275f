-- Times are microseconds since the Unix epoch. Digests are 32 bytes. Token blobs are sealed by the gateway.

CREATE TABLE meta (
    one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    purpose TEXT NOT NULL CHECK (purpose IN ('demo', 'production'))
) STRICT;

CREATE TABLE sessions (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    handle TEXT NOT NULL UNIQUE,
    verifier BLOB NOT NULL CHECK (length(verifier) = 32),
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    issuer TEXT NOT NULL,
    issuer_sid TEXT,
    user_agent TEXT NOT NULL,
    ip TEXT NOT NULL,
    -- When the login that led here began: an ending concerns the logins that began before it.
    began INTEGER NOT NULL,
    created INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    idle_until INTEGER NOT NULL,
    absolute_until INTEGER NOT NULL,
    access_expires INTEGER NOT NULL,
    tokens BLOB NOT NULL,
    lease_owner TEXT,
    -- Never set back, so that no two leases of a session show the same beat.
    beat INTEGER NOT NULL DEFAULT 0,
    fence INTEGER NOT NULL DEFAULT 0,
    seq INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT;

CREATE INDEX sessions_of_principal ON sessions (provider, subject, created);
CREATE INDEX sessions_of_login ON sessions (provider, issuer_sid);
CREATE INDEX sessions_by_end ON sessions (absolute_until);

-- Endings that a login in flight must obey: the latest for each scope and each login that was spared.
CREATE TABLE not_before (
    scope TEXT NOT NULL CHECK (scope IN ('everybody', 'principal', 'login')),
    provider TEXT NOT NULL,
    name TEXT NOT NULL,
    spared TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (scope, provider, name, spared)
) STRICT;

-- The change feed. An entry is kept for a while after a purge has first seen it (aged_from).
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    handle TEXT NOT NULL,
    aged_from INTEGER
) STRICT;

-- The position up to which the feed has been deleted.
CREATE TABLE feed (
    one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    pruned INTEGER NOT NULL
) STRICT;

INSERT INTO feed (one, pruned) VALUES (1, 0);
