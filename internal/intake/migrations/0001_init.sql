-- +goose Up

-- One row a case. case_no is the primary key and, on a distributed PostgreSQL, the
-- distribution key of this table and of every table that hangs on a case.
CREATE TABLE intake.cases (
    case_no               text COLLATE "C" PRIMARY KEY,
    region                text COLLATE "C" NOT NULL,
    org_id                text NOT NULL,
    org_name              text NOT NULL,
    org_path              text COLLATE "C" NOT NULL,
    item_id               text NOT NULL,
    item_version          int NOT NULL,
    item_name             text NOT NULL,
    licence_type          text NOT NULL,
    form_id               text NOT NULL,
    form_version          int NOT NULL,
    form                  bytea NOT NULL,          -- encrypted, context intake.form:<case_no>
    applicant_id          uuid NOT NULL,
    applicant_kind        text NOT NULL,
    applicant_name        text COLLATE "C" NOT NULL,
    account_id            uuid NOT NULL,
    state                 text NOT NULL,
    result                text NOT NULL DEFAULT '',
    open                  boolean NOT NULL,        -- before the decision: the desks' lists hold only these
    version               int NOT NULL,
    submitted_at          timestamptz NOT NULL,
    received_at           timestamptz NOT NULL,    -- the (whole) material came in: Art 32(4) counts from here
    awaits                text NOT NULL,           -- whose step is next: accept, review, decide, or '' for nobody's here
    queue_at              timestamptz NOT NULL,    -- place in the desk's list: next deadline, or since when it waits
    next_due              timestamptz,             -- earliest deadline that runs; NULL while paused
    step_due              timestamptz,             -- end of the five days of Art 32(4)
    supplement_at         timestamptz,
    accepted_at           timestamptz,             -- start of the decision's clock
    promised_value        int NOT NULL,
    promised_unit         text NOT NULL,
    statutory_value       int NOT NULL,
    statutory_unit        text NOT NULL,
    promised_due          timestamptz,
    statutory_due         timestamptz,
    promised_provisional  boolean NOT NULL DEFAULT false,
    statutory_provisional boolean NOT NULL DEFAULT false,
    paused                jsonb NOT NULL DEFAULT '[]',
    suspended_from        text NOT NULL DEFAULT '',
    extended              boolean NOT NULL DEFAULT false,
    decided_at            timestamptz,
    ended_at              timestamptz,             -- decided, declined or withdrawn
    licence_id            text NOT NULL DEFAULT '',
    licence_name          text NOT NULL DEFAULT '',
    licence_no            text NOT NULL DEFAULT '',
    last_by               text NOT NULL,           -- who moved it last, for the loser of a race
    last_at               timestamptz NOT NULL
);

-- 我的办件
CREATE INDEX cases_mine ON intake.cases (applicant_id, submitted_at DESC, case_no DESC);
-- The desk's lists. Partial, so that the work of today stays small beside the years of
-- closed cases; one index for a narrow post (one department), one for a wide one (the hall).
CREATE INDEX cases_desk_org ON intake.cases (org_path, queue_at, case_no) WHERE open;
CREATE INDEX cases_desk_all ON intake.cases (awaits, queue_at, case_no) WHERE open;
CREATE INDEX cases_done_org ON intake.cases (org_path, ended_at DESC, case_no DESC) WHERE NOT open;
CREATE INDEX cases_done_all ON intake.cases (ended_at DESC, case_no DESC) WHERE NOT open;
CREATE INDEX cases_done_name ON intake.cases (applicant_name, ended_at DESC, case_no DESC) WHERE NOT open;
-- Deadlines that crossed into a year without a published calendar.
CREATE INDEX cases_provisional ON intake.cases (case_no) WHERE open AND (promised_provisional OR statutory_provisional);

-- The timeline. seq is the version of the case after the move: two moves from the same
-- version can't both be written.
CREATE TABLE intake.case_events (
    case_no     text COLLATE "C" NOT NULL,
    seq         int NOT NULL,
    at          timestamptz NOT NULL,
    move        text NOT NULL,
    from_state  text NOT NULL,
    to_state    text NOT NULL,
    actor_kind  text NOT NULL,
    actor_id    text NOT NULL,
    actor_name  text NOT NULL,
    post_name   text NOT NULL,
    opinion     text NOT NULL,
    detail      jsonb,
    document_id uuid,
    PRIMARY KEY (case_no, seq)
);

CREATE TABLE intake.materials (
    case_no    text COLLATE "C" NOT NULL,
    code       text NOT NULL,
    ord        int NOT NULL,
    name       text NOT NULL,
    required   boolean NOT NULL,
    status     text NOT NULL,             -- submitted, missing, waived
    result     text NOT NULL DEFAULT '',  -- ok, wrong
    note       text NOT NULL DEFAULT '',
    checked_by text NOT NULL DEFAULT '',
    checked_at timestamptz,
    PRIMARY KEY (case_no, code)
);

-- The files of a case; they never change. round 0 came with the application, 1 with the supplement.
CREATE TABLE intake.files (
    case_no      text COLLATE "C" NOT NULL,
    id           uuid NOT NULL,
    material     text NOT NULL,
    name         text NOT NULL,
    size         bigint NOT NULL,
    content_type text NOT NULL,
    blob_key     text NOT NULL,
    sm3          bytea NOT NULL,
    round        int NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (case_no, id)
);
-- A file is asked for by its id alone.
CREATE INDEX files_by_id ON intake.files (id);

-- Files that wait for a submit or a supplement reply. They move, they are not copied.
CREATE TABLE intake.uploads (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL,
    draft_id     uuid,
    case_no      text COLLATE "C",
    material     text NOT NULL,
    name         text NOT NULL,
    size         bigint NOT NULL,
    content_type text NOT NULL,
    blob_key     text NOT NULL,
    sm3          bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    CHECK ((draft_id IS NULL) <> (case_no IS NULL))
);
CREATE INDEX uploads_draft ON intake.uploads (draft_id, created_at) WHERE draft_id IS NOT NULL;
CREATE INDEX uploads_case ON intake.uploads (case_no) WHERE case_no IS NOT NULL;

CREATE TABLE intake.drafts (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL,
    applicant_id uuid NOT NULL,
    item_id      text NOT NULL,
    item_name    text NOT NULL,
    form_id      text NOT NULL,
    form_version int NOT NULL,
    form         bytea NOT NULL,            -- encrypted, context intake.draft:<id>
    prefilled    jsonb NOT NULL,
    version      int NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    CONSTRAINT drafts_one_per_item UNIQUE (account_id, applicant_id, item_id)
);
CREATE INDEX drafts_mine ON intake.drafts (account_id, applicant_id, updated_at DESC);
CREATE INDEX drafts_old ON intake.drafts (updated_at);

-- The papers of a case (Art 32 last ¶, Art 38). The row is written with the move that
-- gives rise to it and holds everything the paper says; the file is made from it.
CREATE TABLE intake.documents (
    case_no   text COLLATE "C" NOT NULL,
    id        uuid NOT NULL,
    kind      text NOT NULL,
    title     text NOT NULL,
    number    text NOT NULL,
    data      jsonb NOT NULL,
    issued_at timestamptz NOT NULL,
    ready     boolean NOT NULL DEFAULT false,
    ofd_key   text NOT NULL DEFAULT '',
    pdf_key   text NOT NULL DEFAULT '',
    PRIMARY KEY (case_no, id)
);

-- A replayed submit finds its case here; so does a second submit of one draft
-- (key 'draft:<id>').
CREATE TABLE intake.idempotency (
    account_id uuid NOT NULL,
    key        text COLLATE "C" NOT NULL,
    body_hash  bytea NOT NULL,
    case_no    text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_pkey PRIMARY KEY (account_id, key)
);

-- Counters of case numbers, moved on by blocks: docs/adr/0005-case-number.md.
CREATE TABLE intake.case_numbers (
    region6 text COLLATE "C" NOT NULL,
    day     date NOT NULL,
    next    bigint NOT NULL,
    PRIMARY KEY (region6, day)
);
