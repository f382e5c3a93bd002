-- +goose Up
CREATE TABLE audit.entries (
    id          uuid PRIMARY KEY, -- version 7: the key is also the order of time
    at          timestamptz NOT NULL,
    actor_kind  text NOT NULL,
    account_id  uuid,
    staff_id    uuid,
    actor_name  text NOT NULL,
    post_name   text NOT NULL,
    address     text NOT NULL,
    action      text NOT NULL,
    object_kind text NOT NULL,
    object_id   text NOT NULL,
    on_behalf   text NOT NULL,
    ground      text NOT NULL,
    -- Where the object belongs: who may read the entry.
    org_path    text NOT NULL,
    region      text NOT NULL,
    -- Bytes and not json: evidence is kept as it was given, and a state that
    -- does not parse must not undo the act that it belongs to.
    before      bytea,
    after       bytea
);
-- The story of one object. The whole log is read by its primary key.
CREATE INDEX entries_object ON audit.entries (object_kind, object_id, id);

-- +goose StatementBegin
CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit: % of the evidence log is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
-- +goose StatementEnd
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
