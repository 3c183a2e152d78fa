-- addresses at which a calendar program reads the jobs of a workshop; digest is the sha256 of a secret of 256 random bits
CREATE TABLE feeds (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL REFERENCES people (name),
    workshop TEXT NOT NULL,
    created TEXT NOT NULL, -- UTC
    UNIQUE (person, workshop)
) STRICT;
