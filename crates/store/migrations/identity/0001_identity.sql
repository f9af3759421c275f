-- Times are microseconds since the Unix epoch. Digests are 32 bytes. No token is ever stored in clear.

CREATE TABLE meta (
    one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    purpose TEXT NOT NULL CHECK (purpose IN ('demo', 'production'))
) STRICT;

CREATE TABLE users (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    username TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    picture TEXT,
    tier_id INTEGER,
    -- A sorted JSON array of strings.
    roles TEXT NOT NULL,
    disabled_at INTEGER,
    password_changed_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE user_devices (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device BLOB NOT NULL CHECK (length(device) = 32),
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, device)
) STRICT;

-- A family outlives its user as a tombstone, so that its tokens are refused and not unknown.
CREATE TABLE families (
    family BLOB PRIMARY KEY NOT NULL CHECK (length(family) = 16),
    client_id TEXT,
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    device_id TEXT,
    scope TEXT NOT NULL,
    audience TEXT NOT NULL,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    absolute_expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    reason TEXT,
    CHECK ((revoked_at IS NULL) = (reason IS NULL))
) STRICT;

CREATE INDEX families_of_user ON families (user_id);
CREATE INDEX families_by_end ON families (absolute_expires_at);

CREATE TABLE refresh_tokens (
    refresh_token_id BLOB PRIMARY KEY NOT NULL CHECK (length(refresh_token_id) = 16),
    family BLOB NOT NULL REFERENCES families (family) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    idempotency_key_hash BLOB CHECK (length(idempotency_key_hash) = 32),
    kid TEXT NOT NULL,
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    rotated_at INTEGER,
    UNIQUE (family, generation)
) STRICT;

-- Access tokens that were called back before their end.
CREATE TABLE blocked_tokens (
    jti TEXT PRIMARY KEY NOT NULL,
    blocked_until INTEGER NOT NULL
) STRICT;

CREATE INDEX blocked_tokens_by_end ON blocked_tokens (blocked_until);

-- Endings that the gateways still have to hear of: of one login (sid), or of a subject.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    sid TEXT,
    subject TEXT,
    except_sid TEXT,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    CHECK ((sid IS NULL) <> (subject IS NULL))
) STRICT;
