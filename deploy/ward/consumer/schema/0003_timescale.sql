-- With TimescaleDB in the database the tables that grow become hypertables; without it this does nothing. `migrate` calls it
-- every time, so the extension may also come later.
CREATE FUNCTION make_hypertables() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    grows record;
    made integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        RETURN 0;
    END IF;
    FOR grows IN SELECT * FROM hypertable_candidate LOOP
        EXECUTE format('SELECT create_hypertable(%L, %L, if_not_exists => true, migrate_data => true)',
                       grows.table_name, grows.time_column);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

-- The tables that grow for ever, and the time by which they are cut into chunks and by which they age (docs/guide/consumer.md).
CREATE TABLE hypertable_candidate (table_name text PRIMARY KEY, time_column text NOT NULL, keep_days integer);
INSERT INTO hypertable_candidate VALUES
    ('health', 'at', 90),
    ('health_cam', 'at', 90),
    ('event', 'made_at', 365),
    ('event_rev', 'made_at', 90),
    ('event_object', 'made_at', 365),
    ('thumb', 'made_at', 90),
    ('recording_gap', 'from_at', 365);

-- Removes what is older than its table keeps; how many rows went. For a timer; with TimescaleDB add_retention_policy is cheaper.
CREATE FUNCTION age() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    grows record;
    gone bigint;
    total bigint := 0;
BEGIN
    FOR grows IN SELECT * FROM hypertable_candidate WHERE keep_days IS NOT NULL LOOP
        EXECUTE format('DELETE FROM %I WHERE %I < now() - make_interval(days => %s)',
                       grows.table_name, grows.time_column, grows.keep_days);
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
    END LOOP;
    RETURN total;
END
$$;
