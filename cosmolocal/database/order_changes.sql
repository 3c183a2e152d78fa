CREATE TABLE order_changes (
    id INTEGER PRIMARY KEY,
    book TEXT NOT NULL, -- name of the order book; its file, not this database, says what is ordered
    kind TEXT NOT NULL CHECK (kind IN ('started', 'added', 'changed', 'removed', 'uploaded')),
    person TEXT NOT NULL, -- name of who changed it
    changed_at TEXT NOT NULL, -- UTC
    reason TEXT NOT NULL, -- '': none was given
    added INTEGER NOT NULL, -- [orders]
    changed INTEGER NOT NULL, -- [orders]
    removed INTEGER NOT NULL, -- [orders]
    before TEXT NOT NULL, -- JSON: cells by order, by column
    after TEXT NOT NULL, -- JSON: cells by order, by column
    digest TEXT NOT NULL -- sha256 of the file afterwards
) STRICT;
CREATE INDEX order_changes_of_book ON order_changes (book);
