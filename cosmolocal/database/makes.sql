CREATE TABLE makes (
    id INTEGER PRIMARY KEY,
    design TEXT NOT NULL, -- publisher~slug; the store of designs, not this database, says which there are
    version TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0), -- [units]
    made_on TEXT NOT NULL, -- date
    place TEXT NOT NULL, -- workshop or place it was made in; '': not said
    note TEXT NOT NULL,
    person TEXT NOT NULL, -- name of who reported it
    reported_at TEXT NOT NULL -- UTC
) STRICT;
CREATE INDEX makes_of_design ON makes (design);
