-- Answers to requests that made something, kept for a day by the key that the program gave them.

CREATE TABLE kept_answers (
    person TEXT NOT NULL REFERENCES people (name),
    key TEXT NOT NULL, -- Idempotency-Key
    request TEXT NOT NULL, -- method, address and digest of what was sent
    begun TEXT NOT NULL,
    status INTEGER, -- NULL, as the two below: not done yet
    location TEXT,
    body TEXT, -- JSON, without secrets
    PRIMARY KEY (person, key)
) STRICT, WITHOUT ROWID;
