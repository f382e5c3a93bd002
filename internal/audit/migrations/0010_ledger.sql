-- +goose Up
-- An entry is a leaf of a Merkle tree. leaf commits to every column (ledger.Record); rows
-- from before have none and get it when they are numbered. tx tells which transactions
-- have surely ended, so that no entry is passed over that commits late.
ALTER TABLE audit.entries DISABLE TRIGGER entries_append_only;
ALTER TABLE audit.entries
    ADD COLUMN subject uuid, -- the applicant whose personal data was seen or changed
    ADD COLUMN salt    bytea DEFAULT uuid_send(gen_random_uuid()),
    ADD COLUMN leaf    bytea,
    ADD COLUMN salts   jsonb, -- after an erasure: the salts of what is left …
    ADD COLUMN erased  jsonb, -- … and the digests of what was erased
    ADD COLUMN tx      xid8 NOT NULL DEFAULT pg_current_xact_id();
UPDATE audit.entries SET subject = on_behalf::uuid WHERE on_behalf ~ '^[0-9a-f]{8}-[0-9a-f-]{27}$';
ALTER TABLE audit.entries ENABLE TRIGGER entries_append_only;
CREATE INDEX entries_tx ON audit.entries (tx, id);
CREATE INDEX entries_subject ON audit.entries (subject, id) WHERE subject IS NOT NULL;

-- Erasing what the law lets be erased is the one change there is: it says so, and
-- leaves digests that keep the leaf provable.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('audit.erasing', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'audit: % of the evidence log is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
-- +goose StatementEnd

-- The order of the leaves.
CREATE TABLE audit.leaves (
    seq      bigint PRIMARY KEY,
    entry_id uuid NOT NULL
);
CREATE INDEX leaves_entry ON audit.leaves (entry_id);

-- The tree in tiles of 256 hashes; level n holds the roots of 256^n leaves.
CREATE TABLE audit.tiles (
    level smallint NOT NULL,
    n     bigint NOT NULL,
    data  bytea NOT NULL,
    PRIMARY KEY (level, n)
);

CREATE TABLE audit.checkpoints (
    size       bigint PRIMARY KEY,
    at         timestamptz NOT NULL,
    note       text NOT NULL, -- a signed note: size, root, time
    stamp      bytea,         -- RFC 3161 response over the note
    stamped_at timestamptz
);
CREATE INDEX checkpoints_stamped ON audit.checkpoints (stamped_at DESC) WHERE stamp IS NOT NULL;

-- How far the numbering is. One row.
CREATE TABLE audit.ledger (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    size  bigint NOT NULL,
    tx    xid8 NOT NULL,
    entry uuid NOT NULL
);
INSERT INTO audit.ledger (size, tx, entry) VALUES (0, '0', '00000000-0000-0000-0000-000000000000');

-- The keys that sign checkpoints; the secret ones sealed by the keyring.
CREATE TABLE audit.log_keys (
    name   text PRIMARY KEY, -- ed25519, sm2
    secret bytea NOT NULL,
    public text NOT NULL,
    made_at timestamptz NOT NULL
);

-- What looking through the whole log found.
CREATE TABLE audit.checks (
    id       uuid PRIMARY KEY,
    at       timestamptz NOT NULL,
    size     bigint NOT NULL,
    problems jsonb NOT NULL
);
