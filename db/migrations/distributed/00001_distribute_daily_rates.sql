-- Spreads daily_rates over the nodes of a Citus cluster, by the place of loading, and
-- copies data_version to each node, so that one node answers a question from one
-- snapshot. All else stays on the coordinator, with its triggers.

-- Each statement commits, so that the next sees it from other nodes, and does nothing
-- where it was run before.

-- +goose NO TRANSACTION

-- +goose Up
-- +goose StatementBegin
DO $$
BEGIN
    -- Citus logs in to other nodes as the owner of the function that writes. Without
    -- a password nobody else can.
    SET LOCAL citus.enable_ddl_propagation = on;
    IF NOT (SELECT rolcanlogin FROM pg_roles WHERE rolname = 'rates_owner') THEN
        ALTER ROLE rates_owner LOGIN;
    END IF;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
DECLARE
    writer regprocedure;
BEGIN
    SET LOCAL ROLE rates_owner;
    PERFORM lock_data();
    IF is_distributed() THEN
        RETURN;
    END IF;
    SET LOCAL citus.enable_ddl_propagation = on;
    SET LOCAL citus.multi_shard_modify_mode = 'sequential';
    PERFORM create_reference_table('data_version'), create_distributed_table('daily_rates', 'orig');
    -- With one connection for each node, what a transaction writes to a node becomes
    -- visible there at once, the version included.
    FOREACH writer IN ARRAY ARRAY[
        'roll_up_prices()', 'empty_daily_rates()', 'sum_regions_up(text[])', 'repair_daily_rates()',
        'prepare_replacement()', 'finish_replacement()']
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET citus.multi_shard_modify_mode = %L', writer, 'sequential');
    END LOOP;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
BEGIN
    -- Until then their old rows take up room on the coordinator.
    SET LOCAL ROLE rates_owner;
    PERFORM truncate_local_data_after_distributing_table('data_version'),
            truncate_local_data_after_distributing_table('daily_rates');
END
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$
DECLARE
    writer   regprocedure;
    comments text[];
    restore  text;
BEGIN
    -- rates_owner may still log in: other databases of the server may need that.
    SET LOCAL ROLE rates_owner;
    PERFORM lock_data();
    IF NOT is_distributed() THEN
        RETURN;
    END IF;
    SET LOCAL citus.multi_shard_modify_mode = 'sequential';
    -- undistribute_table makes new tables, without comments.
    comments := array(
        SELECT format(CASE WHEN attname IS NULL THEN 'COMMENT ON TABLE %1$s IS %3$L' ELSE 'COMMENT ON COLUMN %1$s.%2$I IS %3$L' END,
                      objoid::regclass, attname, description)
        FROM pg_description LEFT JOIN pg_attribute ON attrelid = objoid AND attnum = objsubid AND attnum > 0
        WHERE classoid = 'pg_class'::regclass AND objoid IN ('daily_rates'::regclass, 'data_version'::regclass));
    PERFORM undistribute_table('daily_rates'), undistribute_table('data_version');
    FOREACH restore IN ARRAY comments LOOP
        EXECUTE restore;
    END LOOP;
    FOREACH writer IN ARRAY ARRAY[
        'roll_up_prices()', 'empty_daily_rates()', 'sum_regions_up(text[])', 'repair_daily_rates()',
        'prepare_replacement()', 'finish_replacement()']
    LOOP
        EXECUTE format('ALTER FUNCTION %s RESET citus.multi_shard_modify_mode', writer);
    END LOOP;
END
$$;
-- +goose StatementEnd
