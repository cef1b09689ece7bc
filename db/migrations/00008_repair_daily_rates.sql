-- For `rates verify --repair`, after a change of prices with the triggers
-- disabled.

-- +goose Up
SET LOCAL ROLE rates_owner;

-- +goose StatementBegin
CREATE FUNCTION repair_daily_rates() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET work_mem = '128MB' SET jit = off AS $$
DECLARE
    target text := stage_sums();
BEGIN
    PERFORM follow_ports(NULL);
    DELETE FROM daily_rates;
    EXECUTE sums_of('SELECT *, 1 AS n FROM prices')
        || format('INSERT INTO %s SELECT orig, dest, day, total, count FROM sums ORDER BY orig, dest, day', target);
    PERFORM add_staged_sums(target);
    PERFORM raise_data_version();
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION repair_daily_rates() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION repair_daily_rates() TO rates_loader;
COMMENT ON FUNCTION repair_daily_rates() IS 'Recomputes daily_rates from all prices.';

RESET ROLE;

-- +goose Down
DROP FUNCTION repair_daily_rates();
