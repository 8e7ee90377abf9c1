-- Prerolls under a name; entries are pairs of name and path.
CREATE TABLE preroll_presets (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    entries TEXT NOT NULL,
    mode TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- Prerolls for a time; the paths are a copy, and the preset that they came from may be gone.
CREATE TABLE preroll_schedules (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    paths TEXT NOT NULL,
    mode TEXT NOT NULL,
    span TEXT NOT NULL,
    priority BIGINT NOT NULL,
    enabled BOOLEAN NOT NULL,
    preset_id TEXT COLLATE "C",
    updated_at TIMESTAMPTZ NOT NULL
);

-- What each media server played before we touched it, what we put there, and what is still to be done.
CREATE TABLE server_prerolls (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    state TEXT NOT NULL
);

-- How each media server spells the paths of prerolls; pairs of source and target.
CREATE TABLE preroll_mappings (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    mappings TEXT NOT NULL
);
