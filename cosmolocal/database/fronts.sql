CREATE TABLE fronts ( -- plans of an order book between which a region may choose
    id TEXT PRIMARY KEY,
    region TEXT NOT NULL,
    book TEXT NOT NULL, -- name of the order book
    aim TEXT NOT NULL, -- what cost is traded for
    made_at TEXT NOT NULL, -- UTC
    document TEXT NOT NULL -- JSON: its plans with their figures, and what is proved of all others
) STRICT;
