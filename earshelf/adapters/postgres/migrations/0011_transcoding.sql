-- The rule against transcoding: one row, none before it was ever changed; criteria and audience are JSON.
CREATE TABLE transcode_rules (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    enabled BOOLEAN NOT NULL,
    criteria TEXT NOT NULL,
    message TEXT NOT NULL,
    delay BIGINT NOT NULL,
    audience TEXT NOT NULL
);
