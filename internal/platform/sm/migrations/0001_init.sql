-- +goose Up
-- Data keys, each wrapped by the key of a key service (KEK) that never comes in here.
-- org '' is the house itself; purpose 'blind' is the one key of the blind indexes.
CREATE TABLE keys.data_keys (
    id         int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- stands in every envelope: never used again
    purpose    text        NOT NULL CHECK (purpose IN ('data', 'blind')),
    org        text        NOT NULL,
    algorithm  text        NOT NULL CHECK (algorithm IN ('sm4-gcm', 'aes-256-gcm', 'hmac-sm3')),
    wrapped    bytea       NOT NULL,
    kek        text        NOT NULL, -- which key wrapped it: file:1, vault:transit/onedoor:v1, pkcs11:…
    state      text        NOT NULL CHECK (state IN ('active', 'retiring', 'retired')),
    created_at timestamptz NOT NULL,
    retired_at timestamptz
);
-- One key of an organisation seals; of two processes that make the first, one wins.
CREATE UNIQUE INDEX data_keys_active ON keys.data_keys (purpose, org) WHERE state = 'active';

-- The key of each file in the file store, sealed. Rotation re-seals these few bytes
-- and never touches the files; without its row a file is noise.
CREATE TABLE keys.files (
    blob_key   text        PRIMARY KEY,
    org        text        NOT NULL,
    sealed     bytea       NOT NULL,
    ready      boolean     NOT NULL, -- false: the file is about to be sealed and may still be plain
    created_at timestamptz NOT NULL
);

CREATE TABLE keys.rotations (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reason      text        NOT NULL,
    started_by  text        NOT NULL,
    started_at  timestamptz NOT NULL,
    pass        int         NOT NULL DEFAULT 1,
    pass_at     timestamptz NOT NULL DEFAULT now(), -- when the pass began
    finished_at timestamptz
);
CREATE UNIQUE INDEX rotations_one ON keys.rotations ((true)) WHERE finished_at IS NULL;

-- How far a rotation has come in each sealed column; written with the rows themselves.
CREATE TABLE keys.progress (
    rotation int    NOT NULL REFERENCES keys.rotations (id),
    target   text   NOT NULL, -- schema.table.column
    place    text[] NOT NULL, -- key of the last row done; empty: at the beginning
    rows     bigint NOT NULL, -- estimate of the whole
    changed  bigint NOT NULL, -- in all passes
    dirty    bigint NOT NULL, -- changed in this pass
    done     boolean NOT NULL,
    PRIMARY KEY (rotation, target)
);

-- Every process keeps the keys in memory; whoever changes them tells the others.
-- +goose StatementBegin
CREATE FUNCTION keys.tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('keys', '');
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER data_keys_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON keys.data_keys
    FOR EACH STATEMENT EXECUTE FUNCTION keys.tell();
