-- +goose Up
-- What lists and the search read: narrow rows, so that a page of the heap holds many.
CREATE TABLE catalog.item (
    id             uuid        PRIMARY KEY,
    source         text        NOT NULL,           -- guangdong | guangan | complete
    source_code    text        NOT NULL,           -- the source's own identifier of the row
    name           text        NOT NULL,
    plain_name     text        NOT NULL,           -- as the search compares: no punctuation, lower case
    pinyin         text        NOT NULL,           -- shipinjingyingxuke
    initials       text        NOT NULL,           -- spjyxk
    task_code      text        NOT NULL,
    catalog_code   text        NOT NULL,
    task_type      text        NOT NULL,
    project_type   text        NOT NULL,
    use_level      int         NOT NULL,
    status         text        NOT NULL CHECK (status IN ('published', 'suspended', 'cancelled')),
    status_reason  text        NOT NULL DEFAULT '',
    version        int         NOT NULL DEFAULT 1,
    complete       boolean     NOT NULL,
    org_id         text        NOT NULL,
    org_code       text        NOT NULL,
    org_name       text        NOT NULL,
    org_path       text        NOT NULL,
    region         text        NOT NULL CHECK (length(region) = 12),
    region_name    text        NOT NULL,
    audience       text[]      NOT NULL,
    themes         text[]      NOT NULL,
    summary        text        NOT NULL,
    statutory      int         NOT NULL,
    statutory_unit text        NOT NULL,
    promised       int         NOT NULL,
    promised_unit  text        NOT NULL,
    visits         int         NOT NULL,
    online         boolean     NOT NULL,
    weight         int         NOT NULL,           -- how useful to most people, for the order of lists
    tokens         text[]      NOT NULL,           -- what the search matches, see token.go
    content_hash   bytea       NOT NULL,           -- of the source row and of how it was read
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    UNIQUE (source, source_code)
);

-- One inverted index answers words, pinyin and every filter together.
CREATE INDEX item_tokens ON catalog.item USING gin (tokens);
-- Lists without words, the most useful first. A list shows what is not cancelled.
CREATE INDEX item_list ON catalog.item (weight DESC, id DESC) WHERE status <> 'cancelled';
CREATE INDEX item_by_org ON catalog.item (org_code, weight DESC, id DESC) WHERE status <> 'cancelled';

-- The guide itself, and the row as the source wrote it: nothing of it is lost.
CREATE TABLE catalog.detail (
    item_id  uuid  PRIMARY KEY REFERENCES catalog.item (id) ON DELETE CASCADE,
    guide    jsonb NOT NULL,
    original jsonb NOT NULL
);

-- Rows that fit no rule, with the reason.
CREATE TABLE catalog.quarantine (
    source      text        NOT NULL,
    source_code text        NOT NULL,
    line        int         NOT NULL,
    name        text        NOT NULL,
    reason      text        NOT NULL,              -- stable code: uscc-check …
    message     text        NOT NULL,              -- in Chinese
    original    jsonb       NOT NULL,
    seen_at     timestamptz NOT NULL,
    PRIMARY KEY (source, source_code)
);

CREATE TABLE catalog.import_run (
    id          uuid        PRIMARY KEY,
    source      text        NOT NULL,
    read        int         NOT NULL,
    added       int         NOT NULL,
    changed     int         NOT NULL,
    same        int         NOT NULL,
    quarantined int         NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL
);

-- Everyday words and what they officially mean; kept by the city.
CREATE TABLE catalog.synonym (
    word   text NOT NULL,
    target text NOT NULL,
    PRIMARY KEY (word, target)
);

-- How many items hold a token: the search leaves out what is too common to tell
-- items apart when it looks for resemblance.
CREATE TABLE catalog.token_use (
    token text PRIMARY KEY,
    items int  NOT NULL
);

-- What was seeded, by content, so that a second start is quick.
CREATE TABLE catalog.seed (
    name text  PRIMARY KEY,
    hash bytea NOT NULL
);
