-- Prerolls under a name; entries are pairs of name and path.
CREATE TABLE preroll_presets (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    entries TEXT NOT NULL,
    mode TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

-- Prerolls for a time; the paths are a copy, and the preset that they came from may be gone.
CREATE TABLE preroll_schedules (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    paths TEXT NOT NULL,
    mode TEXT NOT NULL,
    span TEXT NOT NULL,
    priority INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    preset_id TEXT,
    updated_at TEXT NOT NULL
);

-- What each media server played before we touched it, what we put there, and what is still to be done.
CREATE TABLE server_prerolls (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL
);

-- How each media server spells the paths of prerolls; pairs of source and target.
CREATE TABLE preroll_mappings (
    id TEXT NOT NULL PRIMARY KEY,
    mappings TEXT NOT NULL
);
