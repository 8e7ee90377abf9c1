-- Who watched what and when, by the items' own ids, so that it stays theirs under another key.
CREATE TABLE media_watches (
    server_id TEXT COLLATE "C" NOT NULL,
    item_id TEXT COLLATE "C" NOT NULL,
    watched_at BIGINT NOT NULL,
    viewer TEXT COLLATE "C" NOT NULL,
    device TEXT,
    platform TEXT,
    PRIMARY KEY (item_id, watched_at, viewer)
);

CREATE INDEX media_watches_by_time ON media_watches (server_id, watched_at);
