-- What lists show comes first in the row, long texts last: a page of a list then never reads overflow pages.
CREATE TABLE books (
    id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    series_position REAL,
    shown TEXT NOT NULL,
    title_key TEXT NOT NULL,
    author_key TEXT,
    narrator_key TEXT,
    series_key TEXT,
    series_rank REAL NOT NULL,
    quality REAL,
    size INTEGER,
    format TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    asin TEXT,
    asin_key TEXT,
    subtitle TEXT,
    publisher TEXT,
    published_date TEXT,
    language TEXT,
    cover_url TEXT,
    isbn TEXT,
    runtime_minutes INTEGER,
    folder TEXT,
    genres TEXT NOT NULL,
    description TEXT,
    files TEXT NOT NULL
);

CREATE UNIQUE INDEX books_asin ON books (asin_key) WHERE asin_key IS NOT NULL;
CREATE INDEX books_folder ON books (folder, created_at, id) WHERE folder IS NOT NULL;

CREATE INDEX books_by_age ON books (created_at, id);
CREATE INDEX books_by_title ON books (title_key, id);
CREATE INDEX books_by_author ON books (author_key, id);
CREATE INDEX books_by_narrator ON books (narrator_key, id);
CREATE INDEX books_by_series ON books (series_key, series_rank, id);
CREATE INDEX books_by_series_down ON books (series_key DESC, series_rank, id DESC);
CREATE INDEX books_by_quality ON books (quality, id);
CREATE INDEX books_by_size ON books (size, id);
CREATE INDEX books_by_format ON books (format, id);

CREATE INDEX books_in_status_by_age ON books (status, created_at, id);
CREATE INDEX books_in_status_by_title ON books (status, title_key, id);
CREATE INDEX books_in_status_by_author ON books (status, author_key, id);
CREATE INDEX books_in_status_by_narrator ON books (status, narrator_key, id);
CREATE INDEX books_in_status_by_series ON books (status, series_key, series_rank, id);
CREATE INDEX books_in_status_by_series_down ON books (status, series_key DESC, series_rank, id DESC);
CREATE INDEX books_in_status_by_quality ON books (status, quality, id);
CREATE INDEX books_in_status_by_size ON books (status, size, id);
CREATE INDEX books_in_status_by_format ON books (status, format, id);

-- Authors, narrators and series. They are shared by books and outlive them; a name is never changed.
CREATE TABLE names (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    sort_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    person_key TEXT NOT NULL,
    asin TEXT
);

CREATE UNIQUE INDEX names_person ON names (kind, person_key);
CREATE INDEX names_wished ON names (kind, name_key);
CREATE INDEX names_by_name ON names (kind, sort_name, id);

CREATE TABLE credits (
    book_id TEXT NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    place INTEGER NOT NULL,
    name_id TEXT NOT NULL REFERENCES names (id),
    created_at TEXT NOT NULL,
    PRIMARY KEY (book_id, kind, place)
) WITHOUT ROWID;

CREATE INDEX credits_of_name ON credits (name_id, created_at, book_id);

CREATE TABLE downloads (
    id TEXT NOT NULL PRIMARY KEY,
    book_id TEXT REFERENCES books (id),
    title TEXT NOT NULL,
    protocol TEXT NOT NULL,
    origin TEXT NOT NULL,
    release_key TEXT NOT NULL,
    release_hash TEXT,
    indexer_id TEXT,
    size INTEGER,
    seeders INTEGER,
    is_freeleech INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    book_status_at_grab TEXT NOT NULL,
    client_id TEXT,
    info_hash TEXT,
    reference TEXT,
    client_status TEXT NOT NULL,
    stage TEXT NOT NULL,
    progress REAL NOT NULL,
    output_path TEXT,
    error_message TEXT,
    completed_at TEXT,
    progressed_at TEXT,
    version INTEGER NOT NULL
);

CREATE UNIQUE INDEX downloads_release ON downloads (book_id, release_key)
    WHERE NOT (client_status = 'failed' AND stage = 'idle');
CREATE INDEX downloads_by_age ON downloads (added_at, id);
CREATE INDEX downloads_of_book ON downloads (book_id, added_at, id);
CREATE INDEX downloads_at_work ON downloads (stage, client_status, added_at, id);
CREATE INDEX downloads_reserved ON downloads (added_at, id) WHERE reference IS NULL;

-- The book may be gone while its import is still being cleared up: no foreign key.
CREATE TABLE imports (
    id TEXT NOT NULL PRIMARY KEY,
    book_id TEXT NOT NULL,
    source TEXT NOT NULL,
    mode TEXT NOT NULL,
    created_at TEXT NOT NULL,
    download_id TEXT,
    state TEXT NOT NULL,
    target TEXT,
    replaced TEXT NOT NULL,
    error_message TEXT,
    finished_at TEXT,
    version INTEGER NOT NULL
);

CREATE UNIQUE INDEX imports_of_book ON imports (book_id) WHERE state NOT IN ('done', 'failed');
CREATE INDEX imports_open ON imports (created_at, id) WHERE state NOT IN ('done', 'failed');

CREATE TABLE integrations (
    id TEXT NOT NULL PRIMARY KEY,
    age INTEGER NOT NULL,
    role TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    settings TEXT NOT NULL,
    secrets TEXT NOT NULL,
    path_mappings TEXT NOT NULL,
    version INTEGER NOT NULL
);

CREATE INDEX integrations_of_role ON integrations (role, priority, age, id);

CREATE TABLE credentials (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE event_log (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    type TEXT NOT NULL,
    book_id TEXT,
    body TEXT NOT NULL,
    dispatched INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX event_log_of_book ON event_log (book_id, number) WHERE book_id IS NOT NULL;
CREATE INDEX event_log_undispatched ON event_log (number) WHERE dispatched = 0;

-- How many rows a list has, kept with every write so that no list ever counts.
CREATE TABLE counts (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) WITHOUT ROWID;

CREATE TRIGGER book_counted AFTER INSERT ON books BEGIN
    INSERT INTO counts VALUES ('book', '', 1) ON CONFLICT (scope, key) DO UPDATE SET number = number + 1;
    INSERT INTO counts VALUES ('status', NEW.status, 1) ON CONFLICT (scope, key) DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER book_recounted AFTER UPDATE OF status ON books WHEN OLD.status <> NEW.status BEGIN
    UPDATE counts SET number = number - 1 WHERE scope = 'status' AND key = OLD.status;
    INSERT INTO counts VALUES ('status', NEW.status, 1) ON CONFLICT (scope, key) DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER book_discounted AFTER DELETE ON books BEGIN
    UPDATE counts SET number = number - 1 WHERE scope = 'book' AND key = '';
    UPDATE counts SET number = number - 1 WHERE scope = 'status' AND key = OLD.status;
END;

CREATE TRIGGER credit_counted AFTER INSERT ON credits BEGIN
    INSERT INTO counts VALUES ('credit', NEW.name_id, 1) ON CONFLICT (scope, key) DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER credit_discounted AFTER DELETE ON credits BEGIN
    UPDATE counts SET number = number - 1 WHERE scope = 'credit' AND key = OLD.name_id;
END;

CREATE TRIGGER name_counted AFTER INSERT ON names BEGIN
    INSERT INTO counts VALUES ('name', NEW.kind, 1) ON CONFLICT (scope, key) DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER download_counted AFTER INSERT ON downloads BEGIN
    INSERT INTO counts VALUES ('download', '', 1) ON CONFLICT (scope, key) DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER download_discounted AFTER DELETE ON downloads BEGIN
    UPDATE counts SET number = number - 1 WHERE scope = 'download' AND key = '';
END;

CREATE TRIGGER event_counted AFTER INSERT ON event_log BEGIN
    INSERT INTO counts VALUES ('event', '', 1) ON CONFLICT (scope, key) DO UPDATE SET number = number + 1;
END;
