-- Libraries of media servers, whether they are wanted, and what the last pass found.
CREATE TABLE media_libraries (
    server_id TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    title TEXT NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    enabled BOOLEAN NOT NULL,
    identity TEXT,
    is_missing BOOLEAN NOT NULL,
    synced_at TIMESTAMPTZ,
    held_back BIGINT,
    PRIMARY KEY (server_id, key)
);

-- Whatever items are filtered by, each combination once, with the number of its items: no list ever counts.
CREATE TABLE media_facets (
    number BIGINT NOT NULL PRIMARY KEY,
    server_id TEXT COLLATE "C" NOT NULL,
    library_key TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    dynamic_range TEXT COLLATE "C" NOT NULL,
    audio_profile TEXT COLLATE "C" NOT NULL,
    resolution TEXT COLLATE "C" NOT NULL,
    items BIGINT NOT NULL
);

CREATE UNIQUE INDEX media_facets_wished
    ON media_facets (server_id, library_key, type, dynamic_range, audio_profile, resolution);

-- Items by age. Times are seconds since 1970, as servers tell them; an unknown year or time is 0.
CREATE TABLE media (
    number BIGINT NOT NULL PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL,
    server_id TEXT COLLATE "C" NOT NULL,
    item_key TEXT COLLATE "C" NOT NULL,
    facet BIGINT NOT NULL,
    title_key TEXT COLLATE "C" NOT NULL,
    words TEXT NOT NULL,
    dedupe_key TEXT COLLATE "C",
    title TEXT NOT NULL,
    parent_title TEXT,
    album_title TEXT,
    season_number BIGINT,
    episode_number BIGINT,
    year BIGINT NOT NULL,
    added_at BIGINT NOT NULL,
    duration BIGINT,
    content_rating TEXT,
    rating DOUBLE PRECISION,
    video_codec TEXT,
    audio_codec TEXT,
    audio_channels BIGINT,
    container TEXT,
    file_size BIGINT,
    file_path TEXT,
    play_count BIGINT NOT NULL,
    last_played_at BIGINT NOT NULL,
    view_offset BIGINT,
    user_rating DOUBLE PRECISION,
    updated_at BIGINT NOT NULL,
    signature TEXT NOT NULL,
    parser BIGINT NOT NULL,
    is_complete BOOLEAN NOT NULL,
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
    word TEXT COLLATE "C" NOT NULL,
    item BIGINT NOT NULL,
    PRIMARY KEY (word, item)
);

CREATE TABLE sync_jobs (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    server_id TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    library_key TEXT COLLATE "C",
    resumes BOOLEAN NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ,
    items_processed BIGINT NOT NULL,
    total_items BIGINT NOT NULL,
    current_library TEXT,
    error TEXT,
    stop_wished BOOLEAN NOT NULL,
    version BIGINT NOT NULL
);

CREATE UNIQUE INDEX sync_jobs_of_server ON sync_jobs (server_id) WHERE status IN ('PENDING', 'RUNNING');
CREATE INDEX sync_jobs_open ON sync_jobs (created_at, id) WHERE status IN ('PENDING', 'RUNNING');

-- Once per statement; always in the same order.
CREATE FUNCTION count_media() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE media_facets SET items = media_facets.items + moved.items
        FROM (SELECT facet, count(*) AS items FROM added GROUP BY facet ORDER BY facet) AS moved
        WHERE number = moved.facet;
    ELSIF TG_OP = 'UPDATE' THEN
        UPDATE media_facets SET items = media_facets.items + moved.items
        FROM (
            SELECT facet, sum(difference)::BIGINT AS items
            FROM (SELECT facet, 1 AS difference FROM added UNION ALL SELECT facet, -1 FROM removed) AS both_ways
            GROUP BY facet HAVING sum(difference) <> 0 ORDER BY facet
        ) AS moved
        WHERE number = moved.facet;
    ELSE
        UPDATE media_facets SET items = media_facets.items - moved.items
        FROM (SELECT facet, count(*) AS items FROM removed GROUP BY facet ORDER BY facet) AS moved
        WHERE number = moved.facet;
    END IF;
    RETURN NULL;
END; $$;

CREATE TRIGGER media_counted AFTER INSERT ON media
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_media();
CREATE TRIGGER media_recounted AFTER UPDATE ON media
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_media();
CREATE TRIGGER media_discounted AFTER DELETE ON media
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_media();
