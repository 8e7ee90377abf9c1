-- The rule against transcoding: one row, none before it was ever changed; criteria and audience are JSON.
CREATE TABLE transcode_rules (
    id TEXT NOT NULL PRIMARY KEY,
    enabled INTEGER NOT NULL,
    criteria TEXT NOT NULL,
    message TEXT NOT NULL,
    delay INTEGER NOT NULL,
    audience TEXT NOT NULL
);
