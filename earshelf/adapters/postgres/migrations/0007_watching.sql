-- The maintenance mode: one row, none before it was ever changed.
CREATE TABLE maintenance (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    enabled BOOLEAN NOT NULL,
    message TEXT NOT NULL,
    grace_seconds BIGINT NOT NULL,
    grace_for_new BIGINT NOT NULL,
    audience TEXT NOT NULL,
    enabled_since TIMESTAMPTZ,
    ends_at TIMESTAMPTZ
);

-- Times in which streams are ended; span and audience are JSON.
CREATE TABLE blackouts (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    age BIGINT NOT NULL,
    name TEXT NOT NULL,
    span TEXT NOT NULL,
    action TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    message TEXT NOT NULL,
    delay BIGINT NOT NULL,
    audience TEXT NOT NULL,
    allow_autoplay BOOLEAN NOT NULL,
    enabled_since TIMESTAMPTZ
);

CREATE INDEX blackouts_by_age ON blackouts (age, id);

-- What enforcement remembers between two looks at the servers: one row of JSON, made anew where it is missing.
CREATE TABLE vigils (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);
