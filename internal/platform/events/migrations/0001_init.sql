-- +goose Up
-- The outbox: one row per event, written in the publisher's transaction and
-- deleted by the drainer. One index only: every hot transaction pays for it.
CREATE TABLE events.outbox (
    seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id      uuid        NOT NULL,
    name    text        NOT NULL,
    key     text        NOT NULL,
    payload json        NOT NULL,
    at      timestamptz NOT NULL
) WITH (
    -- Rows live for milliseconds: clean up by count, not by share of the table.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 20000
);

-- +goose Down
DROP TABLE events.outbox;
