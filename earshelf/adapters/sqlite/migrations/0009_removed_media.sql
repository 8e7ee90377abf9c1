-- What an item brought along from a row that it took the place of: it is no younger and no less played than that.
ALTER TABLE media ADD COLUMN kept_added_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE media ADD COLUMN kept_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE media ADD COLUMN kept_played_at INTEGER NOT NULL DEFAULT 0;

-- The last item that was there when a library was last seen whole; younger ones may be old ones under another key.
ALTER TABLE media_libraries ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
UPDATE media_libraries SET settled = (SELECT coalesce(max(number), 0) FROM media);

-- Items that their server lists no more, apart from the others, so that no list has to pass over them.
CREATE TABLE media_removed (
    number INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    server_id TEXT NOT NULL,
    item_key TEXT NOT NULL,
    facet INTEGER NOT NULL,
    title_key TEXT NOT NULL,
    words TEXT NOT NULL,
    dedupe_key TEXT,
    title TEXT NOT NULL,
    parent_title TEXT,
    album_title TEXT,
    season_number INTEGER,
    episode_number INTEGER,
    year INTEGER NOT NULL,
    added_at INTEGER NOT NULL,
    duration INTEGER,
    content_rating TEXT,
    rating REAL,
    video_codec TEXT,
    audio_codec TEXT,
    audio_channels INTEGER,
    container TEXT,
    file_size INTEGER,
    file_path TEXT,
    play_count INTEGER NOT NULL,
    last_played_at INTEGER NOT NULL,
    view_offset INTEGER,
    user_rating REAL,
    updated_at INTEGER NOT NULL,
    signature TEXT NOT NULL,
    parser INTEGER NOT NULL,
    is_complete INTEGER NOT NULL,
    body TEXT NOT NULL,
    kept_added_at INTEGER NOT NULL,
    kept_count INTEGER NOT NULL,
    kept_played_at INTEGER NOT NULL,
    removed_at INTEGER NOT NULL
);

CREATE UNIQUE INDEX media_removed_id ON media_removed (id);
CREATE INDEX media_removed_of_server ON media_removed (server_id);
CREATE INDEX media_removed_by_age ON media_removed (removed_at, number);

-- How far a job is.
ALTER TABLE sync_jobs ADD COLUMN phase TEXT;
ALTER TABLE sync_jobs ADD COLUMN library_index INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_jobs ADD COLUMN library_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_jobs ADD COLUMN library_processed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_jobs ADD COLUMN library_total INTEGER;

-- When a server's libraries are read by themselves, and whether its copies stand for those of others.
ALTER TABLE servers ADD COLUMN preferred INTEGER NOT NULL DEFAULT 0;
ALTER TABLE servers ADD COLUMN sync_every TEXT NOT NULL DEFAULT 'manual';
ALTER TABLE servers ADD COLUMN sync_at TEXT NOT NULL DEFAULT '03:00';

-- Since when a server's next sync is reckoned, and whether one that failed is to be tried once more.
CREATE TABLE sync_marks (
    server_id TEXT NOT NULL PRIMARY KEY,
    asked_at TEXT NOT NULL,
    job_id TEXT,
    retry_at TEXT,
    is_retried INTEGER NOT NULL
);
