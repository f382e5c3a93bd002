-- +goose Up
-- The search moved into memory (ADR 0014): the table keeps what lists filter by.
ALTER TABLE catalog.item DROP COLUMN plain_name, DROP COLUMN pinyin, DROP COLUMN initials;
UPDATE catalog.item SET tokens = ARRAY(SELECT t FROM unnest(tokens) AS t WHERE left(t, 1) = '@');
DROP TABLE catalog.token_use;
ALTER TABLE catalog.synonym ADD COLUMN weight smallint NOT NULL DEFAULT 3 CHECK (weight BETWEEN 1 AND 3);
-- Everyday names of departments: 工商局 → scjg, the end of an organisation's code.
CREATE TABLE catalog.org_word (
    word   text PRIMARY KEY,
    suffix text NOT NULL
);
