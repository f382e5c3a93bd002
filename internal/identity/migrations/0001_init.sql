-- +goose Up
-- Who applications are made for: a natural or a legal person. The number and the
-- phone are sealed; number_blind finds the row by an exact number.
CREATE TABLE identity.applicants (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('person', 'legal')),
    name         text NOT NULL,
    id_type      text NOT NULL, -- GB/T 36903: 111 citizen ID, 001 USCC
    number       bytea NOT NULL,
    number_blind bytea NOT NULL,
    phone        bytea NOT NULL,
    region       text NOT NULL,
    created_at   timestamptz NOT NULL,
    UNIQUE (id_type, number_blind)
);

-- Who signs in. A login is a staff number in clear, or the blind index of an ID
-- number or a phone.
CREATE TABLE identity.accounts (
    id            uuid PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('citizen', 'enterprise', 'staff')),
    name          text NOT NULL,
    login         text UNIQUE,
    number_blind  bytea UNIQUE,
    phone_blind   bytea UNIQUE,
    password_hash text NOT NULL,
    applicant_id  uuid REFERENCES identity.applicants,
    staff_id      uuid UNIQUE,
    active        boolean NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL,
    CHECK ((kind = 'staff') = (staff_id IS NOT NULL)),
    CHECK ((kind = 'staff') = (applicant_id IS NULL))
);

-- The database holds the digest of a token only: who reads the table cannot sign in with it.
CREATE TABLE identity.sessions (
    token_hash bytea PRIMARY KEY,
    id         uuid NOT NULL UNIQUE,
    account_id uuid NOT NULL REFERENCES identity.accounts ON DELETE CASCADE,
    post_id    uuid, -- the present post, staff only
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX accounts_applicant ON identity.accounts (applicant_id);
CREATE INDEX sessions_account ON identity.sessions (account_id);
CREATE INDEX sessions_expires ON identity.sessions (expires_at);

-- Failed sign-ins by what was typed, whether or not such an account exists: a
-- lock-out must not tell which accounts there are.
CREATE TABLE identity.attempts (
    login_blind  bytea PRIMARY KEY,
    failures     integer NOT NULL,
    locked_until timestamptz,
    updated_at   timestamptz NOT NULL
);
CREATE INDEX attempts_updated ON identity.attempts (updated_at);
