-- Browsers that were let in; ids and bonds are digests, and open nothing.
CREATE TABLE browser_sessions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    bond TEXT NOT NULL,
    account_id TEXT,
    begun_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL
);

-- Whose account approved a PIN.
ALTER TABLE sign_ins ADD COLUMN account_id TEXT;
