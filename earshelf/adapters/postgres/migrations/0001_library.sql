-- The same tables, columns and indexes as in SQLite. Whatever is compared or ordered is so by code point (COLLATE "C").
-- A descending list of values that may be missing has an index of its own, "..._down": here the missing ones sort high.
CREATE TABLE books (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    series_position DOUBLE PRECISION,
    shown TEXT NOT NULL,
    title_key TEXT COLLATE "C" NOT NULL,
    author_key TEXT COLLATE "C",
    narrator_key TEXT COLLATE "C",
    series_key TEXT COLLATE "C",
    series_rank DOUBLE PRECISION NOT NULL,
    quality DOUBLE PRECISION,
    size BIGINT,
    format TEXT COLLATE "C",
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL,
    asin TEXT,
    asin_key TEXT COLLATE "C",
    subtitle TEXT,
    publisher TEXT,
    published_date TEXT,
    language TEXT,
    cover_url TEXT,
    isbn TEXT,
    runtime_minutes BIGINT,
    folder TEXT COLLATE "C",
    genres TEXT NOT NULL,
    description TEXT,
    files TEXT NOT NULL
);

CREATE UNIQUE INDEX books_asin ON books (asin_key) WHERE asin_key IS NOT NULL;
-- a path may be longer than a row of an index can be
CREATE INDEX books_folder ON books (left(folder, 500), created_at, id) WHERE folder IS NOT NULL;

CREATE INDEX books_by_age ON books (created_at, id);
CREATE INDEX books_by_title ON books (title_key, id);
CREATE INDEX books_by_author ON books (author_key, id);
CREATE INDEX books_by_author_down ON books (author_key DESC NULLS LAST, id DESC);
CREATE INDEX books_by_narrator ON books (narrator_key, id);
CREATE INDEX books_by_narrator_down ON books (narrator_key DESC NULLS LAST, id DESC);
CREATE INDEX books_by_series ON books (series_key, series_rank, id);
CREATE INDEX books_by_series_down ON books (series_key DESC NULLS LAST, series_rank, id DESC);
CREATE INDEX books_by_quality ON books (quality, id);
CREATE INDEX books_by_quality_down ON books (quality DESC NULLS LAST, id DESC);
CREATE INDEX books_by_size ON books (size, id);
CREATE INDEX books_by_size_down ON books (size DESC NULLS LAST, id DESC);
CREATE INDEX books_by_format ON books (format, id);
CREATE INDEX books_by_format_down ON books (format DESC NULLS LAST, id DESC);

CREATE INDEX books_in_status_by_age ON books (status, created_at, id);
CREATE INDEX books_in_status_by_title ON books (status, title_key, id);
CREATE INDEX books_in_status_by_author ON books (status, author_key, id);
CREATE INDEX books_in_status_by_author_down ON books (status, author_key DESC NULLS LAST, id DESC);
CREATE INDEX books_in_status_by_narrator ON books (status, narrator_key, id);
CREATE INDEX books_in_status_by_narrator_down ON books (status, narrator_key DESC NULLS LAST, id DESC);
CREATE INDEX books_in_status_by_series ON books (status, series_key, series_rank, id);
CREATE INDEX books_in_status_by_series_down ON books (status, series_key DESC NULLS LAST, series_rank, id DESC);
CREATE INDEX books_in_status_by_quality ON books (status, quality, id);
CREATE INDEX books_in_status_by_quality_down ON books (status, quality DESC NULLS LAST, id DESC);
CREATE INDEX books_in_status_by_size ON books (status, size, id);
CREATE INDEX books_in_status_by_size_down ON books (status, size DESC NULLS LAST, id DESC);
CREATE INDEX books_in_status_by_format ON books (status, format, id);
CREATE INDEX books_in_status_by_format_down ON books (status, format DESC NULLS LAST, id DESC);

-- Authors, narrators and series. They are shared by books and outlive them; a name is never changed.
CREATE TABLE names (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    sort_name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    person_key TEXT COLLATE "C" NOT NULL,
    asin TEXT
);

CREATE UNIQUE INDEX names_person ON names (kind, person_key);
CREATE INDEX names_wished ON names (kind, name_key);
CREATE INDEX names_by_name ON names (kind, sort_name, id);

CREATE TABLE credits (
    book_id TEXT COLLATE "C" NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    kind TEXT COLLATE "C" NOT NULL,
    place BIGINT NOT NULL,
    name_id TEXT COLLATE "C" NOT NULL REFERENCES names (id),
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (book_id, kind, place)
);

CREATE INDEX credits_of_name ON credits (name_id, created_at, book_id);

CREATE TABLE downloads (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    book_id TEXT COLLATE "C" REFERENCES books (id),
    title TEXT NOT NULL,
    protocol TEXT NOT NULL,
    origin TEXT NOT NULL,
    release_key TEXT COLLATE "C" NOT NULL,
    release_hash TEXT,
    indexer_id TEXT,
    size BIGINT,
    seeders BIGINT,
    is_freeleech BOOLEAN NOT NULL,
    added_at TIMESTAMPTZ NOT NULL,
    book_status_at_grab TEXT NOT NULL,
    client_id TEXT,
    info_hash TEXT,
    reference TEXT,
    client_status TEXT COLLATE "C" NOT NULL,
    stage TEXT COLLATE "C" NOT NULL,
    progress DOUBLE PRECISION NOT NULL,
    output_path TEXT,
    error_message TEXT,
    completed_at TIMESTAMPTZ,
    progressed_at TIMESTAMPTZ,
    version BIGINT NOT NULL
);

CREATE UNIQUE INDEX downloads_release ON downloads (book_id, release_key)
    WHERE NOT (client_status = 'failed' AND stage = 'idle');
CREATE INDEX downloads_by_age ON downloads (added_at, id);
CREATE INDEX downloads_of_book ON downloads (book_id, added_at, id);
CREATE INDEX downloads_at_work ON downloads (stage, client_status, added_at, id);
CREATE INDEX downloads_reserved ON downloads (added_at, id) WHERE reference IS NULL;

-- The book may be gone while its import is still being cleared up: no foreign key.
CREATE TABLE imports (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    book_id TEXT COLLATE "C" NOT NULL,
    source TEXT NOT NULL,
    mode TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    download_id TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    target TEXT,
    replaced TEXT NOT NULL,
    error_message TEXT,
    finished_at TIMESTAMPTZ,
    version BIGINT NOT NULL
);

CREATE UNIQUE INDEX imports_of_book ON imports (book_id) WHERE state NOT IN ('done', 'failed');
CREATE INDEX imports_open ON imports (created_at, id) WHERE state NOT IN ('done', 'failed');

CREATE TABLE integrations (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    age BIGINT NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    enabled BOOLEAN NOT NULL,
    priority BIGINT NOT NULL,
    settings TEXT NOT NULL,
    secrets TEXT NOT NULL,
    path_mappings TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX integrations_of_role ON integrations (role, priority, age, id);

CREATE TABLE credentials (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE event_log (
    number BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    type TEXT NOT NULL,
    book_id TEXT COLLATE "C",
    body TEXT NOT NULL,
    dispatched BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE INDEX event_log_of_book ON event_log (book_id, number) WHERE book_id IS NOT NULL;
CREATE INDEX event_log_undispatched ON event_log (number) WHERE NOT dispatched;

-- The owner's settings, which lie in a file where the database is one.
CREATE TABLE settings (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number = 1),
    content TEXT NOT NULL
);

-- How many rows a list has, kept with every write so that no list ever counts.
CREATE TABLE counts (
    scope TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);

CREATE FUNCTION recount(counted TEXT, counted_key TEXT, difference BIGINT) RETURNS VOID LANGUAGE sql AS $$
    INSERT INTO counts VALUES (counted, counted_key, difference)
    ON CONFLICT (scope, key) DO UPDATE SET number = counts.number + difference;
$$;

-- Once per statement, not per row: a bulk load would write every count a million times. Always in the same order.
CREATE FUNCTION count_books() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM recount('book', '', count(*)) FROM added HAVING count(*) > 0;
        PERFORM recount('status', status, count(*)) FROM added GROUP BY status ORDER BY status;
    ELSIF TG_OP = 'UPDATE' THEN
        PERFORM recount('status', status, sum(difference)::BIGINT)
        FROM (SELECT status, 1 AS difference FROM added UNION ALL SELECT status, -1 FROM removed) AS moved
        GROUP BY status HAVING sum(difference) <> 0 ORDER BY status;
    ELSE
        PERFORM recount('book', '', -count(*)) FROM removed HAVING count(*) > 0;
        PERFORM recount('status', status, -count(*)) FROM removed GROUP BY status ORDER BY status;
    END IF;
    RETURN NULL;
END; $$;

CREATE FUNCTION count_credits() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM recount('credit', name_id, count(*)) FROM added GROUP BY name_id ORDER BY name_id;
    ELSE
        PERFORM recount('credit', name_id, -count(*)) FROM removed GROUP BY name_id ORDER BY name_id;
    END IF;
    RETURN NULL;
END; $$;

CREATE FUNCTION count_names() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    PERFORM recount('name', kind, count(*)) FROM added GROUP BY kind ORDER BY kind;
    RETURN NULL;
END; $$;

CREATE FUNCTION count_downloads() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM recount('download', '', count(*)) FROM added HAVING count(*) > 0;
    ELSE
        PERFORM recount('download', '', -count(*)) FROM removed HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END; $$;

CREATE FUNCTION count_events() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    PERFORM recount('event', '', count(*)) FROM added HAVING count(*) > 0;
    RETURN NULL;
END; $$;

CREATE TRIGGER book_counted AFTER INSERT ON books
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_books();
CREATE TRIGGER book_recounted AFTER UPDATE ON books
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_books();
CREATE TRIGGER book_discounted AFTER DELETE ON books
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_books();
CREATE TRIGGER credit_counted AFTER INSERT ON credits
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_credits();
CREATE TRIGGER credit_discounted AFTER DELETE ON credits
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_credits();
CREATE TRIGGER name_counted AFTER INSERT ON names
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_names();
CREATE TRIGGER download_counted AFTER INSERT ON downloads
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_downloads();
CREATE TRIGGER download_discounted AFTER DELETE ON downloads
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_downloads();
CREATE TRIGGER event_counted AFTER INSERT ON event_log
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_events();
