CREATE TABLE publications (
    id INTEGER PRIMARY KEY,
    plan TEXT NOT NULL REFERENCES plans (id),
    published_by TEXT NOT NULL, -- name of a person
    published_at TEXT NOT NULL, -- UTC
    superseded_at TEXT, -- UTC; NULL: this is the plan that counts
    changed TEXT NOT NULL -- JSON: inputs that had changed since the plan was made, as the publisher confirmed
) STRICT;
CREATE INDEX publications_of_plan ON publications (plan);
CREATE UNIQUE INDEX only_one_plan_counts ON publications (superseded_at IS NULL) WHERE superseded_at IS NULL;

CREATE TABLE jobs (
    id TEXT PRIMARY KEY, -- digest of who is to make what of which lot, when and on which machines
    plan TEXT NOT NULL REFERENCES plans (id), -- newest published plan that has it
    workshop TEXT NOT NULL,
    lot TEXT NOT NULL,
    offered_at TEXT NOT NULL, -- UTC
    details TEXT NOT NULL -- JSON: the job
) STRICT;
CREATE INDEX jobs_of_workshop ON jobs (workshop, plan);
CREATE INDEX jobs_of_plan ON jobs (plan);

-- rows are only ever added: the state of a job is what its events come to
CREATE TABLE job_events (
    job TEXT NOT NULL REFERENCES jobs (id),
    number INTEGER NOT NULL CHECK (number > 0), -- of the job, from 1
    step TEXT NOT NULL,
    person TEXT NOT NULL,
    at TEXT NOT NULL, -- UTC
    reason TEXT, -- why it is declined
    week TEXT, -- date: Monday of the week proposed
    quantity INTEGER CHECK (quantity > 0), -- [units of the lot] made so far
    note TEXT NOT NULL,
    PRIMARY KEY (job, number)
) STRICT;
CREATE TRIGGER job_events_stay BEFORE UPDATE ON job_events BEGIN SELECT RAISE(ABORT, 'events stay as they are'); END;
CREATE TRIGGER job_events_are_kept BEFORE DELETE ON job_events BEGIN SELECT RAISE(ABORT, 'events are kept'); END;

CREATE TABLE design_questions (
    id INTEGER PRIMARY KEY,
    design TEXT NOT NULL, -- publisher~slug; the store of designs, not this database, says which there are
    version TEXT NOT NULL,
    person TEXT NOT NULL, -- who asks
    at TEXT NOT NULL, -- UTC
    text TEXT NOT NULL
) STRICT;
CREATE INDEX questions_of_design ON design_questions (design);

CREATE TABLE design_answers (
    id INTEGER PRIMARY KEY,
    question INTEGER NOT NULL REFERENCES design_questions (id),
    person TEXT NOT NULL,
    at TEXT NOT NULL, -- UTC
    text TEXT NOT NULL
) STRICT;
CREATE INDEX answers_of_question ON design_answers (question);
