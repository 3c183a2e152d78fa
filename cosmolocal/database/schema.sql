CREATE TABLE regions (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    attribution TEXT NOT NULL -- licence and source of the region's facts
) STRICT;

CREATE TABLE places (
    region TEXT NOT NULL REFERENCES regions (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('workshop', 'neighbourhood', 'hub')),
    latitude REAL NOT NULL, -- [degrees north, WGS 84]
    longitude REAL NOT NULL, -- [degrees east, WGS 84]
    district TEXT NOT NULL, -- '': unknown
    population INTEGER, -- [people]
    PRIMARY KEY (region, id)
) STRICT;

CREATE TABLE plans (
    id TEXT PRIMARY KEY,
    region TEXT NOT NULL REFERENCES regions (id),
    book TEXT NOT NULL, -- name of the order book
    status TEXT NOT NULL CHECK (status IN ('optimal', 'feasible')),
    stopped_by TEXT NOT NULL,
    solver TEXT NOT NULL,
    seed INTEGER NOT NULL,
    gap_limit REAL NOT NULL, -- [ratio] asked for
    cost_cents INTEGER NOT NULL,
    bound_cents INTEGER NOT NULL, -- no plan can cost less
    overtime_cents INTEGER NOT NULL,
    fairness_cents INTEGER NOT NULL,
    local_units_permille INTEGER, -- part of demand made in the region
    local_mass_permille INTEGER,
    local_value_permille INTEGER,
    digests TEXT NOT NULL, -- JSON: sha256 by input file
    versions TEXT NOT NULL, -- JSON: version by program
    settings TEXT NOT NULL -- JSON: settings as planned with
) STRICT;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    plan TEXT NOT NULL REFERENCES plans (id),
    started_at TEXT NOT NULL, -- UTC
    finished_at TEXT NOT NULL, -- UTC
    seconds REAL NOT NULL,
    status TEXT NOT NULL,
    stopped_by TEXT NOT NULL,
    cost_cents INTEGER NOT NULL,
    bound_cents INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_of_plan ON runs (plan);

CREATE TABLE run_progress (
    run INTEGER NOT NULL REFERENCES runs (id),
    position INTEGER NOT NULL,
    seconds REAL NOT NULL, -- [s] since the run started
    cost_cents INTEGER, -- best plan so far
    bound_cents INTEGER, -- best bound so far
    PRIMARY KEY (run, position)
) STRICT;

CREATE TABLE orders (
    plan TEXT NOT NULL REFERENCES plans (id),
    id TEXT NOT NULL,
    position INTEGER NOT NULL, -- in the order book
    design TEXT NOT NULL,
    version TEXT NOT NULL, -- version range
    quantity INTEGER NOT NULL, -- [units]
    place TEXT NOT NULL,
    due_date TEXT NOT NULL,
    release_date TEXT,
    priority TEXT NOT NULL,
    splittable INTEGER NOT NULL CHECK (splittable IN (0, 1)),
    minimum_lot INTEGER NOT NULL, -- [units]
    max_distance_m INTEGER, -- NULL: no limit
    PRIMARY KEY (plan, id)
) STRICT;

CREATE TABLE allocations (
    plan TEXT NOT NULL REFERENCES plans (id),
    lot TEXT NOT NULL,
    position INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    design TEXT NOT NULL, -- id@version
    quantity INTEGER NOT NULL, -- [units]
    workshop TEXT NOT NULL, -- where the last task is done
    week INTEGER NOT NULL, -- of the delivery; 0 is the week of settings.start_date
    machine_cents INTEGER NOT NULL,
    material_cents INTEGER NOT NULL,
    bought_cents INTEGER NOT NULL,
    transport_cents INTEGER NOT NULL,
    import_cents INTEGER NOT NULL,
    co2e_cents INTEGER NOT NULL, -- this and the next three are weights: nobody pays them
    lateness_cents INTEGER NOT NULL,
    distance_cents INTEGER NOT NULL,
    penalty_cents INTEGER NOT NULL,
    co2e_g INTEGER NOT NULL,
    distance_m INTEGER NOT NULL,
    late_weeks INTEGER NOT NULL,
    money_cents INTEGER AS (machine_cents + material_cents + bought_cents + transport_cents + import_cents),
    total_cents INTEGER AS (machine_cents + material_cents + bought_cents + transport_cents + import_cents
        + co2e_cents + lateness_cents + distance_cents + penalty_cents),
    PRIMARY KEY (plan, lot),
    FOREIGN KEY (plan, order_id) REFERENCES orders (plan, id)
) STRICT;
CREATE INDEX allocations_of_order ON allocations (plan, order_id);
CREATE INDEX allocations_of_workshop ON allocations (plan, workshop, week);

CREATE TABLE tasks (
    plan TEXT NOT NULL REFERENCES plans (id),
    lot TEXT NOT NULL,
    position INTEGER NOT NULL,
    path TEXT NOT NULL, -- in the bill of materials; '': the whole
    design TEXT NOT NULL, -- id@version
    part TEXT NOT NULL,
    workshop TEXT NOT NULL,
    week INTEGER NOT NULL,
    quantity INTEGER NOT NULL, -- [units of the part]
    PRIMARY KEY (plan, lot, position),
    FOREIGN KEY (plan, lot) REFERENCES allocations (plan, lot)
) STRICT;
CREATE INDEX tasks_of_workshop ON tasks (plan, workshop, week);

CREATE TABLE machine_uses (
    plan TEXT NOT NULL REFERENCES plans (id),
    lot TEXT NOT NULL,
    task INTEGER NOT NULL, -- position of the task in its lot
    position INTEGER NOT NULL,
    machine_group TEXT NOT NULL,
    process TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    PRIMARY KEY (plan, lot, task, position),
    FOREIGN KEY (plan, lot, task) REFERENCES tasks (plan, lot, position)
) STRICT;

CREATE TABLE legs (
    plan TEXT NOT NULL REFERENCES plans (id),
    lot TEXT NOT NULL,
    position INTEGER NOT NULL,
    path TEXT NOT NULL, -- of the part carried; '': the lot, to its place
    from_place TEXT NOT NULL,
    to_place TEXT NOT NULL,
    mode TEXT NOT NULL,
    week INTEGER NOT NULL,
    distance_m INTEGER NOT NULL, -- one way
    trips INTEGER NOT NULL,
    mass_g INTEGER NOT NULL,
    via TEXT NOT NULL, -- JSON: places passed
    PRIMARY KEY (plan, lot, position),
    FOREIGN KEY (plan, lot) REFERENCES allocations (plan, lot)
) STRICT;

CREATE TABLE alternatives (
    plan TEXT NOT NULL REFERENCES plans (id),
    lot TEXT NOT NULL,
    position INTEGER NOT NULL,
    workshop TEXT NOT NULL,
    week INTEGER NOT NULL,
    extra_cents INTEGER NOT NULL, -- dearer than the choice made
    lacks TEXT NOT NULL, -- JSON: [resource, week, missing minutes or kg] each
    PRIMARY KEY (plan, lot, position),
    FOREIGN KEY (plan, lot) REFERENCES allocations (plan, lot)
) STRICT;

CREATE TABLE unmet (
    plan TEXT NOT NULL REFERENCES plans (id),
    lot TEXT NOT NULL,
    position INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    design TEXT NOT NULL,
    quantity INTEGER NOT NULL, -- [units]
    machine_cents INTEGER NOT NULL,
    material_cents INTEGER NOT NULL,
    bought_cents INTEGER NOT NULL,
    transport_cents INTEGER NOT NULL,
    import_cents INTEGER NOT NULL,
    co2e_cents INTEGER NOT NULL,
    lateness_cents INTEGER NOT NULL,
    distance_cents INTEGER NOT NULL,
    penalty_cents INTEGER NOT NULL,
    co2e_g INTEGER NOT NULL,
    distance_m INTEGER NOT NULL,
    late_weeks INTEGER NOT NULL,
    money_cents INTEGER AS (machine_cents + material_cents + bought_cents + transport_cents + import_cents),
    total_cents INTEGER AS (machine_cents + material_cents + bought_cents + transport_cents + import_cents
        + co2e_cents + lateness_cents + distance_cents + penalty_cents),
    PRIMARY KEY (plan, lot),
    FOREIGN KEY (plan, order_id) REFERENCES orders (plan, id)
) STRICT;
CREATE INDEX unmet_of_order ON unmet (plan, order_id);

CREATE TABLE reasons (
    plan TEXT NOT NULL REFERENCES plans (id),
    lot TEXT NOT NULL,
    position INTEGER NOT NULL,
    code TEXT NOT NULL, -- why the lot is imported
    details TEXT NOT NULL, -- JSON: names and numbers of the sentence
    PRIMARY KEY (plan, lot, position),
    FOREIGN KEY (plan, lot) REFERENCES unmet (plan, lot)
) STRICT;
CREATE INDEX reasons_by_code ON reasons (plan, code);

CREATE TABLE fixes (
    plan TEXT NOT NULL REFERENCES plans (id),
    lot TEXT NOT NULL,
    position INTEGER NOT NULL,
    code TEXT NOT NULL, -- what would serve the lot
    details TEXT NOT NULL, -- JSON: names and numbers of the sentence
    saves_cents INTEGER NOT NULL,
    PRIMARY KEY (plan, lot, position),
    FOREIGN KEY (plan, lot) REFERENCES unmet (plan, lot)
) STRICT;

CREATE TABLE prices (
    plan TEXT NOT NULL REFERENCES plans (id),
    position INTEGER NOT NULL,
    resource TEXT NOT NULL, -- workshop/group, or a link
    week INTEGER NOT NULL,
    cents INTEGER NOT NULL, -- worth of one more machine hour, or of 100 kg on the link
    PRIMARY KEY (plan, position)
) STRICT;

CREATE VIEW plan_overview AS
SELECT
    plans.id AS plan, region, book, plans.status, solver,
    round(plans.cost_cents / 100.0, 2) AS cost_euros,
    round(plans.bound_cents / 100.0, 2) AS bound_euros,
    CASE plans.cost_cents WHEN 0 THEN 0.0
        ELSE round(100.0 * (plans.cost_cents - plans.bound_cents) / plans.cost_cents, 3) END AS gap_percent,
    local_units_permille / 10.0 AS local_units_percent,
    local_mass_permille / 10.0 AS local_mass_percent,
    local_value_permille / 10.0 AS local_value_percent,
    (SELECT count(*) FROM orders WHERE orders.plan = plans.id) AS orders,
    (SELECT count(*) FROM allocations WHERE allocations.plan = plans.id) AS local_lots,
    (SELECT count(*) FROM unmet WHERE unmet.plan = plans.id) AS imported_lots,
    (SELECT count(*) FROM runs WHERE runs.plan = plans.id) AS runs,
    (SELECT max(started_at) FROM runs WHERE runs.plan = plans.id) AS last_run_at
FROM plans;

CREATE VIEW workshop_week_load AS
SELECT
    tasks.plan, tasks.workshop, machine_uses.machine_group, tasks.week,
    date(json_extract(plans.settings, '$.start_date'), (7 * tasks.week) || ' days') AS monday,
    count(DISTINCT tasks.lot) AS lots,
    sum(machine_uses.minutes) AS minutes,
    round(sum(machine_uses.minutes) / 60.0, 2) AS hours
FROM tasks
JOIN machine_uses
    ON machine_uses.plan = tasks.plan AND machine_uses.lot = tasks.lot AND machine_uses.task = tasks.position
JOIN plans ON plans.id = tasks.plan
GROUP BY tasks.plan, tasks.workshop, machine_uses.machine_group, tasks.week;

CREATE VIEW order_status AS
WITH lots AS (
    SELECT plan, order_id, quantity AS local_units, 0 AS imported_units, week, late_weeks, money_cents, total_cents
    FROM allocations
    UNION ALL
    SELECT plan, order_id, 0, quantity, NULL, NULL, money_cents, total_cents FROM unmet
)
SELECT
    orders.plan, orders.id AS order_id, orders.design, orders.place, orders.priority, orders.quantity, orders.due_date,
    CASE WHEN sum(imported_units) = 0 THEN 'local' WHEN sum(local_units) = 0 THEN 'imported' ELSE 'partly' END AS served,
    sum(local_units) AS local_units,
    sum(imported_units) AS imported_units,
    date(json_extract(plans.settings, '$.start_date'), (7 * max(week)) || ' days') AS delivered_in_week_of,
    max(late_weeks) AS late_weeks,
    round(sum(money_cents) / 100.0, 2) AS money_euros,
    round(sum(total_cents) / 100.0, 2) AS total_euros
FROM orders
JOIN lots ON lots.plan = orders.plan AND lots.order_id = orders.id
JOIN plans ON plans.id = orders.plan
GROUP BY orders.plan, orders.id;

CREATE VIEW unmet_reasons AS
SELECT
    unmet.plan, unmet.order_id, unmet.lot, unmet.design, unmet.quantity,
    round(unmet.total_cents / 100.0, 2) AS total_euros, reasons.code AS reason, reasons.details
FROM unmet
JOIN reasons ON reasons.plan = unmet.plan AND reasons.lot = unmet.lot;
