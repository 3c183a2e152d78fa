CREATE TABLE people (
    name TEXT PRIMARY KEY, -- what owners of designs are called by; never given away again
    full_name TEXT NOT NULL,
    roles TEXT NOT NULL, -- JSON: list
    workshop TEXT, -- id of the workshop whose jobs the person answers; NULL: none
    active INTEGER NOT NULL CHECK (active IN (0, 1)), -- may sign in?
    password TEXT NOT NULL, -- scrypt: method, salt and hash
    created TEXT NOT NULL
) STRICT;

-- Secrets themselves are nowhere in this file: digest is the sha256 of a secret of 256 random bits, which
-- only the browser, the invited person or the program has that it was given to.

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL REFERENCES people (name),
    created TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    expires TEXT NOT NULL
) STRICT;

CREATE INDEX sessions_by_person ON sessions (person);

CREATE TABLE tries (
    account TEXT NOT NULL, -- sha256 of the name as typed: some people type their password there
    at TEXT NOT NULL
) STRICT;

CREATE INDEX tries_by_account ON tries (account, at);

CREATE TABLE invitations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest TEXT NOT NULL UNIQUE,
    roles TEXT NOT NULL, -- JSON: list
    workshop TEXT,
    name TEXT, -- of the new person; NULL: the person chooses
    first_run INTEGER NOT NULL CHECK (first_run IN (0, 1)), -- for the first administrator of this region?
    created TEXT NOT NULL,
    expires TEXT NOT NULL,
    used TEXT -- NULL: still open
) STRICT;

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL REFERENCES people (name),
    name TEXT NOT NULL, -- what it is for
    scopes TEXT NOT NULL, -- JSON: list
    created TEXT NOT NULL,
    expires TEXT NOT NULL,
    last_used TEXT, -- NULL: not yet
    UNIQUE (person, name)
) STRICT;
