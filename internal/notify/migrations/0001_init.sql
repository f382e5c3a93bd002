-- +goose Up
CREATE TABLE notify.notices (
    id         uuid PRIMARY KEY, -- version 7: newest last
    account_id uuid NOT NULL,
    kind       text NOT NULL,
    title      text NOT NULL,
    body       text NOT NULL,
    link       text NOT NULL,
    dedup_key  text NOT NULL,
    created_at timestamptz NOT NULL,
    read_at    timestamptz
);
-- Whatever tells twice (an event delivered again, a job run again) tells once.
CREATE UNIQUE INDEX notices_dedup ON notify.notices (account_id, dedup_key) WHERE dedup_key <> '';
CREATE INDEX notices_account ON notify.notices (account_id, id);
CREATE INDEX notices_unread ON notify.notices (account_id) WHERE read_at IS NULL;
