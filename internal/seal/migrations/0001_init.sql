-- +goose Up
-- The demonstration authority: root, issuer of department certificates, maker of seals.
CREATE TABLE seal.authority (
    role        text PRIMARY KEY CHECK (role IN ('root', 'issuer', 'maker')),
    certificate bytea NOT NULL,
    sealed_key  bytea NOT NULL,
    created_at  timestamptz NOT NULL
);

-- The register of seals (电子印章备案). A row is never deleted: what was signed
-- before a seal was cancelled stays valid and must stay checkable.
CREATE TABLE seal.seal (
    id           text PRIMARY KEY CHECK (id ~ '^[0-9]{14}$'),
    org_id       uuid NOT NULL,
    org_name     text NOT NULL,
    uscc         text NOT NULL,
    name         text NOT NULL,
    status       text NOT NULL CHECK (status IN ('active', 'suspended', 'cancelled')),
    status_at    timestamptz NOT NULL,
    valid_from   timestamptz NOT NULL,
    valid_to     timestamptz NOT NULL,
    esl          bytea NOT NULL,
    picture      bytea NOT NULL,
    certificate  bytea NOT NULL,
    serial       text NOT NULL UNIQUE,
    sealed_key   bytea NOT NULL,
    created_at   timestamptz NOT NULL
);
-- One living seal for each organisation.
CREATE UNIQUE INDEX seal_living ON seal.seal (org_id) WHERE status <> 'cancelled';
CREATE INDEX seal_org ON seal.seal (org_id, created_at);

CREATE SEQUENCE seal.number MAXVALUE 99999999;

-- Every change and every use (电子印章管理办法: the maker keeps the records of operation).
CREATE TABLE seal.operation (
    id       uuid PRIMARY KEY,
    seal_id  text NOT NULL,
    action   text NOT NULL CHECK (action IN ('made', 'used', 'suspended', 'resumed', 'cancelled')),
    detail   text NOT NULL,
    actor_id text NOT NULL,
    at       timestamptz NOT NULL
);
CREATE INDEX operation_seal ON seal.operation (seal_id, at);

-- +goose StatementBegin
CREATE FUNCTION seal.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'seal.operation is append-only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER operation_append_only BEFORE UPDATE OR DELETE ON seal.operation
    FOR EACH ROW EXECUTE FUNCTION seal.refuse_change();

-- +goose Down
DROP TABLE seal.operation;
DROP FUNCTION seal.refuse_change();
DROP SEQUENCE seal.number;
DROP TABLE seal.seal;
DROP TABLE seal.authority;
