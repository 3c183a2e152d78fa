CREATE TABLE planning_runs ( -- plans that were asked for on the web
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'lost')),
    request TEXT NOT NULL, -- JSON: order book, seconds, gap, seed, solver, settings, plan before, limits of moves
    person TEXT NOT NULL, -- name of who asked
    asked_at TEXT NOT NULL, -- this and the next two: UTC
    started_at TEXT NOT NULL, -- '': not yet
    finished_at TEXT NOT NULL, -- '': not yet
    cancelled INTEGER NOT NULL CHECK (cancelled IN (0, 1)), -- has somebody asked for its end?
    boot TEXT NOT NULL, -- which start of the program runs it
    heartbeat TEXT NOT NULL, -- UTC: when that program was last seen alive
    plan TEXT NOT NULL, -- id of the plan it came to; '': none
    problems TEXT NOT NULL -- JSON: [code, place, message] each
) STRICT;
CREATE INDEX planning_runs_by_state ON planning_runs (state);

CREATE TABLE planning_progress (
    run INTEGER NOT NULL REFERENCES planning_runs (id),
    position INTEGER NOT NULL,
    seconds REAL NOT NULL, -- [s] since the run started
    cost_cents INTEGER, -- best plan so far
    bound_cents INTEGER, -- best bound so far
    PRIMARY KEY (run, position)
) STRICT;

CREATE TABLE wishes ( -- where planners want lots made, or not made
    id INTEGER PRIMARY KEY,
    region TEXT NOT NULL,
    book TEXT NOT NULL, -- order book that the order stands in
    order_id TEXT NOT NULL,
    lot TEXT NOT NULL, -- '': all lots of the order
    kind TEXT NOT NULL CHECK (kind IN ('stay', 'place', 'avoid')),
    workshop TEXT NOT NULL,
    monday TEXT, -- of the week of the last task; NULL: of no matter
    note TEXT NOT NULL,
    person TEXT NOT NULL, -- name of who wishes it
    created TEXT NOT NULL, -- UTC
    withdrawn TEXT, -- UTC; NULL: it holds
    withdrawn_by TEXT
) STRICT;
CREATE INDEX wishes_of_order ON wishes (region, book, order_id);
