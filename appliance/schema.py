"""The tables. Knows what is kept between two starts; knows no rule about it.

`n` is the order of creation, which lists follow and paging counts on; AUTOINCREMENT never hands a number out twice.
Client secrets are kept in clear: the API itself hands them out again to whoever may read client keys, so a hash
could not stand in for them. The file is readable by its owner only.

ADDED holds tables that came later. They are added to an older file, and an older appliance does without them, so they
don't count as another version.
"""

VERSION = 1

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE tenants (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,               -- stays after deletion: a name is never given twice
    id TEXT NOT NULL UNIQUE,
    is_root INTEGER NOT NULL DEFAULT 0,
    owners TEXT NOT NULL DEFAULT '[]',
    settings TEXT NOT NULL DEFAULT '{}',
    key_number INTEGER UNIQUE,               -- NULL until the first token or JWKS is asked for
    created_at TEXT NOT NULL,
    deleted_at TEXT
);

CREATE TABLE primes (n INTEGER PRIMARY KEY, prime TEXT NOT NULL);

CREATE TABLE clients (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL REFERENCES tenants (name),
    client_id TEXT NOT NULL UNIQUE,
    client_secret TEXT NOT NULL,
    properties TEXT NOT NULL
);
CREATE INDEX clients_of_tenant ON clients (tenant, n);

CREATE TABLE resource_servers (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL REFERENCES tenants (name),
    id TEXT NOT NULL UNIQUE,
    identifier TEXT NOT NULL,
    is_system INTEGER NOT NULL DEFAULT 0,
    properties TEXT NOT NULL,
    UNIQUE (tenant, identifier)
);

CREATE TABLE client_grants (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL REFERENCES tenants (name),
    id TEXT NOT NULL UNIQUE,
    client_id TEXT,
    default_for TEXT,
    audience TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    is_system INTEGER NOT NULL DEFAULT 0,
    scope TEXT NOT NULL,
    allow_all_scopes INTEGER NOT NULL DEFAULT 0,
    allow_any_organization INTEGER,
    organization_usage TEXT,
    authorization_details_types TEXT
);
CREATE INDEX grants_of_tenant ON client_grants (tenant, n);
CREATE UNIQUE INDEX grant_of_client ON client_grants (tenant, client_id, audience, subject_type)
    WHERE client_id IS NOT NULL;
CREATE UNIQUE INDEX grant_by_default ON client_grants (tenant, default_for, audience, subject_type)
    WHERE default_for IS NOT NULL;

CREATE TABLE connections (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL REFERENCES tenants (name),
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    strategy TEXT NOT NULL,
    for_new_clients INTEGER NOT NULL DEFAULT 0,  -- whether a new application starts enabled here
    properties TEXT NOT NULL,
    UNIQUE (tenant, name)
);

CREATE TABLE enabled_clients (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
    UNIQUE (connection_id, client_id)
);
CREATE INDEX connections_of_client ON enabled_clients (client_id);
"""

ADDED = """
CREATE TABLE IF NOT EXISTS ledger (
    name TEXT PRIMARY KEY,
    posts_carried_out INTEGER NOT NULL DEFAULT 0,
    posts_refused INTEGER NOT NULL DEFAULT 0,
    posts_failed INTEGER NOT NULL DEFAULT 0,
    answers_delivered INTEGER NOT NULL DEFAULT 0,
    credentials_delivered INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- Secrets that are accepted a while longer after a rotation; they needn't be read back, so only a hash is kept.
CREATE TABLE IF NOT EXISTS old_secrets (
    client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    until_ms INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS old_secrets_of_client ON old_secrets (client_id);

CREATE TABLE IF NOT EXISTS client_credentials (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
    kid TEXT NOT NULL,
    pem TEXT NOT NULL,
    name TEXT NOT NULL,
    alg TEXT NOT NULL,
    expires_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (client_id, kid)
);

CREATE TABLE IF NOT EXISTS tenant_invitations (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL REFERENCES tenants (name),
    id TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    expires_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS invitations_of_tenant ON tenant_invitations (tenant);

CREATE TABLE IF NOT EXISTS retired_keys (
    key_number INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (name),
    published INTEGER NOT NULL               -- whether tokens that it signed are good still
);
CREATE INDEX IF NOT EXISTS retired_keys_of_tenant ON retired_keys (tenant);

CREATE TABLE IF NOT EXISTS single_objects (
    tenant TEXT NOT NULL REFERENCES tenants (name),
    path TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (tenant, path)
) WITHOUT ROWID;
"""
