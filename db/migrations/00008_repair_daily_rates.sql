-- For `rates verify --repair`, after a change of prices with the triggers
-- disabled.

-- +goose Up
SET LOCAL ROLE rates_owner;

-- +goose StatementBegin
CREATE FUNCTION repair_daily_rates() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '128MB' SET jit = off AS $$
BEGIN
    PERFORM follow_ports(NULL);
    DELETE FROM daily_rates;
    EXECUTE sums_of('SELECT *, 1 AS n FROM prices') || 'INSERT INTO daily_rates SELECT orig, dest, day, total, count FROM sums ORDER BY orig, dest, day';
    UPDATE data_version SET version = version_after(version);
    PERFORM pg_notify('rates_data', '');
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION repair_daily_rates() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION repair_daily_rates() TO rates_loader;
COMMENT ON FUNCTION repair_daily_rates() IS 'Recomputes daily_rates from all prices.';

RESET ROLE;

-- +goose Down
DROP FUNCTION repair_daily_rates();
