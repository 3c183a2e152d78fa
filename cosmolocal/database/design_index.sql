-- An index of the store of designs: built from its folder alone, at any time again.

CREATE TABLE designs (
    design TEXT PRIMARY KEY, -- publisher~slug
    state TEXT NOT NULL, -- changes when the design's object in the store does
    owners TEXT NOT NULL -- JSON: names of people
) STRICT;

CREATE TABLE design_releases (
    design TEXT NOT NULL REFERENCES designs (design),
    version TEXT NOT NULL,
    position INTEGER NOT NULL, -- by precedence, lowest first
    created TEXT NOT NULL, -- UTC
    released_by TEXT NOT NULL,
    message TEXT NOT NULL,
    digest TEXT NOT NULL, -- tree digest
    yanked TEXT, -- why it was withdrawn; NULL: it was not
    taken_down TEXT, -- why its files are gone; NULL: they are there
    PRIMARY KEY (design, version)
) STRICT;

CREATE TABLE design_notices (
    design TEXT NOT NULL REFERENCES designs (design),
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    made_at TEXT NOT NULL, -- UTC
    made_by TEXT NOT NULL,
    version TEXT NOT NULL, -- '': the whole design
    reason TEXT NOT NULL,
    details TEXT NOT NULL, -- JSON
    PRIMARY KEY (design, number)
) STRICT;

CREATE TABLE design_versions (
    design TEXT NOT NULL REFERENCES designs (design),
    version TEXT NOT NULL,
    is_current INTEGER NOT NULL CHECK (is_current IN (0, 1)), -- the one that a search finds
    name TEXT NOT NULL,
    function TEXT NOT NULL,
    license TEXT, -- SPDX expression; NULL: needs a person
    licensor TEXT NOT NULL,
    organization TEXT NOT NULL,
    reference_price_cents INTEGER,
    unknown INTEGER NOT NULL, -- requirements that planning needs and nobody has said
    PRIMARY KEY (design, version)
) STRICT;

CREATE TABLE design_licenses (
    design TEXT NOT NULL,
    version TEXT NOT NULL,
    license TEXT NOT NULL COLLATE NOCASE, -- SPDX id in the expression
    PRIMARY KEY (design, version, license),
    FOREIGN KEY (design, version) REFERENCES design_versions (design, version)
) STRICT;

CREATE TABLE design_files (
    design TEXT NOT NULL,
    version TEXT NOT NULL,
    path TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (design, version, path),
    FOREIGN KEY (design, version) REFERENCES design_versions (design, version)
) STRICT;
CREATE INDEX design_files_by_sha256 ON design_files (sha256);

CREATE TABLE design_operations (
    design TEXT NOT NULL,
    version TEXT NOT NULL,
    part TEXT NOT NULL, -- '': putting the design together
    position INTEGER NOT NULL,
    process TEXT, -- NULL: unknown
    seconds INTEGER, -- [machine seconds per unit]; NULL: unknown
    setup_seconds INTEGER NOT NULL,
    material TEXT,
    smallest_mm INTEGER, -- sides of the work piece
    middle_mm INTEGER,
    largest_mm INTEGER,
    tolerance TEXT,
    provenance TEXT NOT NULL,
    unknown TEXT NOT NULL, -- fields that are needed and not known, with commas between
    confirmed_by TEXT,
    confirmed_at TEXT,
    PRIMARY KEY (design, version, part, position),
    FOREIGN KEY (design, version) REFERENCES design_versions (design, version)
) STRICT;
CREATE INDEX design_operations_by_process ON design_operations (process);

CREATE TABLE design_words (
    id INTEGER PRIMARY KEY,
    design TEXT NOT NULL,
    version TEXT NOT NULL,
    name TEXT NOT NULL,
    function TEXT NOT NULL,
    people TEXT NOT NULL, -- licensor and organization
    contents TEXT NOT NULL, -- id, parts, processes, materials
    FOREIGN KEY (design, version) REFERENCES design_versions (design, version)
) STRICT;
CREATE INDEX design_words_of_version ON design_words (design, version);
