-- What an item brought along from a row that it took the place of: it is no younger and no less played than that.
ALTER TABLE media
    ADD COLUMN kept_added_at BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN kept_count BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN kept_played_at BIGINT NOT NULL DEFAULT 0;

-- The last item that was there when a library was last seen whole; younger ones may be old ones under another key.
ALTER TABLE media_libraries ADD COLUMN settled BIGINT NOT NULL DEFAULT 0;
UPDATE media_libraries SET settled = (SELECT coalesce(max(number), 0) FROM media);

-- Items that their server lists no more, apart from the others, so that no list has to pass over them.
CREATE TABLE media_removed (LIKE media, removed_at BIGINT NOT NULL, PRIMARY KEY (number));

CREATE UNIQUE INDEX media_removed_id ON media_removed (id);
CREATE INDEX media_removed_of_server ON media_removed (server_id);
CREATE INDEX media_removed_by_age ON media_removed (removed_at, number);

-- How far a job is.
ALTER TABLE sync_jobs
    ADD COLUMN phase TEXT,
    ADD COLUMN library_index BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN library_count BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN library_processed BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN library_total BIGINT;

-- When a server's libraries are read by themselves, and whether its copies stand for those of others.
ALTER TABLE servers
    ADD COLUMN preferred BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN sync_every TEXT NOT NULL DEFAULT 'manual',
    ADD COLUMN sync_at TEXT NOT NULL DEFAULT '03:00';

-- Since when a server's next sync is reckoned, and whether one that failed is to be tried once more.
CREATE TABLE sync_marks (
    server_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    asked_at TIMESTAMPTZ NOT NULL,
    job_id TEXT,
    retry_at TIMESTAMPTZ,
    is_retried BOOLEAN NOT NULL
);
