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

CREATE FUNCTION count_book() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM recount('book', '', -1);
        PERFORM recount('status', OLD.status, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM recount('book', '', 1);
        PERFORM recount('status', NEW.status, 1);
    END IF;
    RETURN NULL;
END; $$;

CREATE FUNCTION count_credit() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM recount('credit', NEW.name_id, 1);
    ELSE
        PERFORM recount('credit', OLD.name_id, -1);
    END IF;
    RETURN NULL;
END; $$;

CREATE FUNCTION count_name() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    PERFORM recount('name', NEW.kind, 1);
    RETURN NULL;
END; $$;

CREATE FUNCTION count_download() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    PERFORM recount('download', '', CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END);
    RETURN NULL;
END; $$;

CREATE FUNCTION count_event() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    PERFORM recount('event', '', 1);
    RETURN NULL;
END; $$;

CREATE TRIGGER book_counted AFTER INSERT ON books FOR EACH ROW EXECUTE FUNCTION count_book();
CREATE TRIGGER book_recounted AFTER UPDATE OF status ON books FOR EACH ROW
    WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION count_book();
CREATE TRIGGER book_discounted AFTER DELETE ON books FOR EACH ROW EXECUTE FUNCTION count_book();
CREATE TRIGGER credit_counted AFTER INSERT ON credits FOR EACH ROW EXECUTE FUNCTION count_credit();
CREATE TRIGGER credit_discounted AFTER DELETE ON credits FOR EACH ROW EXECUTE FUNCTION count_credit();
CREATE TRIGGER name_counted AFTER INSERT ON names FOR EACH ROW EXECUTE FUNCTION count_name();
CREATE TRIGGER download_counted AFTER INSERT ON downloads FOR EACH ROW EXECUTE FUNCTION count_download();
CREATE TRIGGER download_discounted AFTER DELETE ON downloads FOR EACH ROW EXECUTE FUNCTION count_download();
CREATE TRIGGER event_counted AFTER INSERT ON event_log FOR EACH ROW EXECUTE FUNCTION count_event();
