-- +goose Up
CREATE TABLE directory.regions (
    code   text PRIMARY KEY CHECK (code ~ '^[1-9][0-9]{11}$'),
    name   text NOT NULL,
    level  smallint NOT NULL CHECK (level BETWEEN 2 AND 6),
    parent text NOT NULL -- of the root too, although its row is another city's business
);
CREATE INDEX regions_parent ON directory.regions (parent, code);

CREATE TABLE directory.orgs (
    id              uuid PRIMARY KEY,
    code            text NOT NULL UNIQUE CHECK (code ~ '^[a-z][a-z0-9-]{0,39}$'),
    uscc            text NOT NULL UNIQUE,
    name            text NOT NULL,
    short_name      text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('government', 'department', 'institution', 'zone')),
    level           smallint NOT NULL CHECK (level BETWEEN 1 AND 6),
    region          text NOT NULL REFERENCES directory.regions (code),
    parent_id       uuid REFERENCES directory.orgs (id),
    -- '/sz/sz-scjg/': a subtree is a prefix, in Go (actor.Grant) as in SQL.
    path            text NOT NULL UNIQUE CHECK (path LIKE '/%/'),
    phone           text NOT NULL,
    address         text NOT NULL,
    general_counter boolean NOT NULL,
    position        integer NOT NULL
);
CREATE INDEX orgs_parent ON directory.orgs (parent_id);

CREATE TABLE directory.staff (
    id     uuid PRIMARY KEY,
    code   text NOT NULL UNIQUE,
    name   text NOT NULL,
    org_id uuid NOT NULL REFERENCES directory.orgs (id),
    active boolean NOT NULL DEFAULT true
);

CREATE TABLE directory.posts (
    id     uuid PRIMARY KEY,
    code   text NOT NULL UNIQUE,
    name   text NOT NULL,
    org_id uuid NOT NULL REFERENCES directory.orgs (id),
    roles  text[] NOT NULL
);

CREATE TABLE directory.staff_posts (
    staff_id uuid NOT NULL REFERENCES directory.staff (id),
    post_id  uuid NOT NULL REFERENCES directory.posts (id),
    position integer NOT NULL, -- 0 is the main post
    PRIMARY KEY (staff_id, post_id)
);
CREATE INDEX staff_posts_post ON directory.staff_posts (post_id);

-- What was loaded from the shipped data, by digest, so that a second start reads one row.
CREATE TABLE directory.loaded (
    name      text PRIMARY KEY,
    digest    bytea NOT NULL,
    loaded_at timestamptz NOT NULL
);

-- Every process keeps the organisations in memory; any writer tells them all.
-- +goose StatementBegin
CREATE FUNCTION directory.tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('directory', TG_TABLE_NAME);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER orgs_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON directory.orgs
    FOR EACH STATEMENT EXECUTE FUNCTION directory.tell();
