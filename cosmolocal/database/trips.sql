-- What the lots of a plan share where their region shares trips.

CREATE TABLE trips (
    plan TEXT NOT NULL REFERENCES plans (id),
    position INTEGER NOT NULL,
    from_place TEXT NOT NULL,
    to_place TEXT NOT NULL,
    mode TEXT NOT NULL,
    week INTEGER NOT NULL,
    distance_m INTEGER NOT NULL, -- one way
    trips INTEGER NOT NULL,
    load_kg INTEGER NOT NULL, -- of all lots that share it
    cents INTEGER NOT NULL, -- of all trips
    co2e_g INTEGER NOT NULL,
    total_cents INTEGER NOT NULL, -- with CO2e and distance weighed
    PRIMARY KEY (plan, position)
) STRICT;
