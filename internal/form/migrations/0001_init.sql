-- +goose Up
CREATE TABLE form.definition (
    id         text        NOT NULL CHECK (id ~ '^[a-z][a-z0-9-]{1,78}$'),
    version    int         NOT NULL CHECK (version > 0),
    title      text        NOT NULL,
    -- json, not jsonb: the order of properties is the author's and is kept.
    schema     json        NOT NULL,
    ui         json        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, version)
);

-- A stored version is what cases were filled in with: it never changes.
-- +goose StatementBegin
CREATE FUNCTION form.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a stored form version never changes; store a new version';
END $$;
-- +goose StatementEnd
CREATE TRIGGER definition_never_changes BEFORE UPDATE OR DELETE ON form.definition
    FOR EACH ROW EXECUTE FUNCTION form.refuse_change();
