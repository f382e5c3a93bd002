-- +goose Up
-- What officers and applicants write in their own words, what a paper says and how a
-- file is called may name anybody: sealed from now on. The old columns stay for the
-- program that ran before; the next key rotation moves what is in them.
ALTER TABLE intake.case_events ADD COLUMN opinion_sealed bytea, ADD COLUMN detail_sealed bytea;
ALTER TABLE intake.materials ADD COLUMN note_sealed bytea;
ALTER TABLE intake.documents ADD COLUMN data_sealed bytea;
ALTER TABLE intake.files ADD COLUMN name_sealed bytea;
ALTER TABLE intake.uploads ADD COLUMN name_sealed bytea;
