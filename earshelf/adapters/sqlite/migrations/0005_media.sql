-- Libraries of media servers, whether they are wanted, and what the last pass found.
CREATE TABLE media_libraries (
    server_id TEXT NOT NULL,
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    type TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    identity TEXT,
    is_missing INTEGER NOT NULL,
    synced_at TEXT,
    held_back INTEGER,
    PRIMARY KEY (server_id, key)
);

-- Whatever items are filtered by, each combination once, with the number of its items: no list ever counts.
CREATE TABLE media_facets (
    number INTEGER NOT NULL PRIMARY KEY,
    server_id TEXT NOT NULL,
    library_key TEXT NOT NULL,
    type TEXT NOT NULL,
    dynamic_range TEXT NOT NULL,
    audio_profile TEXT NOT NULL,
    resolution TEXT NOT NULL,
    items INTEGER NOT NULL
);

CREATE UNIQUE INDEX media_facets_wished
    ON media_facets (server_id, library_key, type, dynamic_range, audio_profile, resolution);

-- Items by age. Times are seconds since 1970, as servers tell them; an unknown year or time is 0.
CREATE TABLE media (
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
    body TEXT NOT NULL
);

CREATE UNIQUE INDEX media_id ON media (id);
CREATE UNIQUE INDEX media_of_server ON media (server_id, item_key);
CREATE INDEX media_alike ON media (dedupe_key) WHERE dedupe_key IS NOT NULL;
-- with the facet, so that a list may pass over items without looking at them
CREATE INDEX media_by_title ON media (title_key, number, facet);
CREATE INDEX media_by_year ON media (year, number, facet);
CREATE INDEX media_by_age ON media (added_at, number, facet);
CREATE INDEX media_in_facet_by_title ON media (facet, title_key, number);
CREATE INDEX media_in_facet_by_year ON media (facet, year, number);
CREATE INDEX media_in_facet_by_age ON media (facet, added_at, number);

-- What a search finds items by, a row for each word.
CREATE TABLE media_words (
    word TEXT NOT NULL,
    item INTEGER NOT NULL,
    PRIMARY KEY (word, item)
) WITHOUT ROWID;

CREATE TABLE sync_jobs (
    id TEXT NOT NULL PRIMARY KEY,
    server_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    library_key TEXT,
    resumes INTEGER NOT NULL,
    status TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    items_processed INTEGER NOT NULL,
    total_items INTEGER NOT NULL,
    current_library TEXT,
    error TEXT,
    stop_wished INTEGER NOT NULL,
    version INTEGER NOT NULL
);

CREATE UNIQUE INDEX sync_jobs_of_server ON sync_jobs (server_id) WHERE status IN ('PENDING', 'RUNNING');
CREATE INDEX sync_jobs_open ON sync_jobs (created_at, id) WHERE status IN ('PENDING', 'RUNNING');

CREATE TRIGGER media_counted AFTER INSERT ON media BEGIN
    UPDATE media_facets SET items = items + 1 WHERE number = NEW.facet;
END;

CREATE TRIGGER media_recounted AFTER UPDATE OF facet ON media WHEN OLD.facet <> NEW.facet BEGIN
    UPDATE media_facets SET items = items - 1 WHERE number = OLD.facet;
    UPDATE media_facets SET items = items + 1 WHERE number = NEW.facet;
END;

CREATE TRIGGER media_discounted AFTER DELETE ON media BEGIN
    UPDATE media_facets SET items = items - 1 WHERE number = OLD.facet;
END;
