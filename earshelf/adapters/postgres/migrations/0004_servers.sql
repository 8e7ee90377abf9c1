-- Media servers; of one kind, no two rows are the same machine.
CREATE TABLE servers (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    age BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    method TEXT NOT NULL,
    token TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    verify_ssl BOOLEAN NOT NULL,
    machine_id TEXT COLLATE "C",
    software TEXT NOT NULL,
    platform TEXT NOT NULL,
    token_state TEXT NOT NULL,
    checked_at TIMESTAMPTZ,
    version BIGINT NOT NULL
);

CREATE UNIQUE INDEX servers_machine ON servers (kind, machine_id) WHERE machine_id IS NOT NULL;
CREATE INDEX servers_by_age ON servers (age, id);

-- One account for each provider, whose name is the id.
CREATE TABLE accounts (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL,
    account_id TEXT,
    username TEXT NOT NULL,
    email TEXT NOT NULL,
    token TEXT NOT NULL,
    token_state TEXT NOT NULL,
    checked_at TIMESTAMPTZ,
    version BIGINT NOT NULL
);

-- PINs under way; they outlive a restart and are forgotten soon after they expired.
CREATE TABLE sign_ins (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    purpose TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    asked_at TIMESTAMPTZ,
    asks BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX sign_ins_pending ON sign_ins (expires_at, id) WHERE state = 'pending';
