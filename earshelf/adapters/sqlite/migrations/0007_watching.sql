-- The maintenance mode: one row, none before it was ever changed.
CREATE TABLE maintenance (
    id TEXT NOT NULL PRIMARY KEY,
    enabled INTEGER NOT NULL,
    message TEXT NOT NULL,
    grace_seconds INTEGER NOT NULL,
    grace_for_new INTEGER NOT NULL,
    audience TEXT NOT NULL,
    enabled_since TEXT,
    ends_at TEXT
);

-- Times in which streams are ended; span and audience are JSON.
CREATE TABLE blackouts (
    id TEXT NOT NULL PRIMARY KEY,
    age INTEGER NOT NULL,
    name TEXT NOT NULL,
    span TEXT NOT NULL,
    action TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    message TEXT NOT NULL,
    delay INTEGER NOT NULL,
    audience TEXT NOT NULL,
    allow_autoplay INTEGER NOT NULL,
    enabled_since TEXT
);

CREATE INDEX blackouts_by_age ON blackouts (age, id);

-- What enforcement remembers between two looks at the servers: one row of JSON, made anew where it is missing.
CREATE TABLE vigils (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);
