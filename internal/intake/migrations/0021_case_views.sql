-- +goose Up
-- Who has opened a case in this hour: one entry in the evidence log tells of it, however
-- often the page is read again. Rows of past days are swept.
CREATE TABLE intake.case_views (
    case_no  text COLLATE "C" NOT NULL,
    staff_id uuid             NOT NULL,
    hour     timestamptz      NOT NULL,
    PRIMARY KEY (case_no, staff_id, hour)
);
CREATE INDEX case_views_hour ON intake.case_views (hour);
