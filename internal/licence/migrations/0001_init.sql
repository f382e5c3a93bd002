-- +goose Up

-- Kinds of licence (证照类型). A row is made from the item that first issues one.
CREATE TABLE licence.types (
    code        text PRIMARY KEY CHECK (length(code) = 21), -- USCC of the defining department and 3 digits
    title       text NOT NULL,
    valid_years int NOT NULL CHECK (valid_years >= 0),      -- 0: without end
    fields      jsonb NOT NULL,                             -- [{"title","from"}], in the order of the paper
    created_at  timestamptz NOT NULL
);

-- Gaps are of no consequence: a sequence takes no lock that two issues would wait for.
CREATE SEQUENCE licence.numbers;

CREATE TABLE licence.licences (
    id                  uuid PRIMARY KEY, -- version 7: newest last
    identifier          text NOT NULL,    -- GB/T 36904
    type_code           text NOT NULL REFERENCES licence.types (code),
    title               text NOT NULL,
    number              text NOT NULL,    -- printed as 编号
    version             int NOT NULL DEFAULT 1, -- of the row, for conditional changes
    case_no             text NOT NULL,
    item_id             text NOT NULL,
    holder_name         text NOT NULL,
    holder_code         bytea NOT NULL,   -- encrypted
    holder_blind        bytea NOT NULL,   -- blind index of the code
    holder_code_type    text NOT NULL,    -- GB/T 36903 annex A: 001, 111 …
    holder_applicant_id uuid NOT NULL,
    issuer_id           text NOT NULL,
    issuer_name         text NOT NULL,
    issuer_uscc         text NOT NULL,
    issuer_path         text NOT NULL,
    region              text NOT NULL,
    fields              bytea NOT NULL,   -- encrypted JSON, what is printed
    issued_at           timestamptz NOT NULL,
    valid_from          timestamptz NOT NULL,
    valid_to            timestamptz,      -- last instant; NULL: without end
    status              text NOT NULL DEFAULT 'valid' CHECK (status IN ('valid', 'revoked', 'withdrawn', 'cancelled')),
    status_at           timestamptz NOT NULL,
    status_reason       text NOT NULL DEFAULT '',
    status_by           text NOT NULL DEFAULT '',
    file_key            text NOT NULL,    -- the sealed OFD in the file store
    file_size           bigint NOT NULL,
    file_sm3            bytea NOT NULL CHECK (length(file_sm3) = 32)
);
CREATE UNIQUE INDEX licences_identifier ON licence.licences (identifier);
CREATE UNIQUE INDEX licences_number ON licence.licences (number);
-- One case, one licence: this is what makes issuing idempotent.
CREATE UNIQUE INDEX licences_case ON licence.licences (case_no);
CREATE INDEX licences_holder ON licence.licences (holder_applicant_id, id DESC);
CREATE INDEX licences_blind ON licence.licences (holder_blind, id DESC);
CREATE INDEX licences_name ON licence.licences (holder_name text_pattern_ops, id DESC);
CREATE INDEX licences_issuer ON licence.licences (issuer_path text_pattern_ops, id DESC);

-- Codes that show a licence for a few minutes (亮证). Only their digest is kept.
CREATE TABLE licence.presentations (
    code_sm3   bytea PRIMARY KEY,
    licence_id uuid NOT NULL REFERENCES licence.licences (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX presentations_expiry ON licence.presentations (expires_at);
