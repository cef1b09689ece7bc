-- Who got which access to the database, when, why, and who approved it. Members of
-- rates_access, who manage logins, add rows and read them. Nobody but the owner
-- changes or deletes one, and whoever was given access cannot even read them.

-- +goose Up
-- +goose StatementBegin
DO $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('rates roles'));
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rates_access') THEN
        CREATE ROLE rates_access NOLOGIN;
        COMMENT ON ROLE rates_access IS 'Records changes of logins; whoever manages logins is a member.';
    END IF;
END
$$;
-- +goose StatementEnd

GRANT USAGE ON SCHEMA public TO rates_access;
SET LOCAL ROLE rates_owner;

CREATE TABLE login_events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    event       text NOT NULL CHECK (event ~ '^[a-z]+$'),
    login       text NOT NULL CHECK (login <> ''),
    detail      text NOT NULL,
    valid_until timestamptz,
    asked_by    text NOT NULL CHECK (asked_by <> ''),
    approved_by text NOT NULL,
    reason      text NOT NULL,
    recorded_by text NOT NULL DEFAULT session_user
);
CREATE INDEX login_events_login ON login_events (login, id);

-- The time and the recording login come from the database alone.
GRANT INSERT (event, login, detail, valid_until, asked_by, approved_by, reason) ON login_events TO rates_access;
GRANT SELECT ON login_events TO rates_access;

COMMENT ON TABLE login_events IS 'What was done to logins, one row for each step.';
COMMENT ON COLUMN login_events.id IS 'Number of the event.';
COMMENT ON COLUMN login_events.happened_at IS 'When it was recorded.';
COMMENT ON COLUMN login_events.event IS 'What was done: prepared, proved, published, closed, granted, revoked or expired.';
COMMENT ON COLUMN login_events.login IS 'The login that it was done to.';
COMMENT ON COLUMN login_events.detail IS 'The role that was granted, or where a credential was published.';
COMMENT ON COLUMN login_events.valid_until IS 'When the credential ends by itself.';
COMMENT ON COLUMN login_events.asked_by IS 'Who ran the command, as the command was told.';
COMMENT ON COLUMN login_events.approved_by IS 'Who approved it, as the command was told; empty for nobody.';
COMMENT ON COLUMN login_events.reason IS 'Why, as the command was told.';
COMMENT ON COLUMN login_events.recorded_by IS 'The login that recorded it, as the database knows it.';

RESET ROLE;

-- +goose Down
DROP TABLE login_events;
REVOKE USAGE ON SCHEMA public FROM rates_access;
