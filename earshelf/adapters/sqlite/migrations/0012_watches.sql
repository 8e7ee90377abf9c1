-- Who watched what and when, by the items' own ids, so that it stays theirs under another key.
CREATE TABLE media_watches (
    server_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    watched_at INTEGER NOT NULL,
    viewer TEXT NOT NULL,
    device TEXT,
    platform TEXT,
    PRIMARY KEY (item_id, watched_at, viewer)
);

CREATE INDEX media_watches_by_time ON media_watches (server_id, watched_at);
