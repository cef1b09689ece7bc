package steps_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
)

// databases gives each scenario a database of its own. Making one costs more than
// most scenarios, so a database is emptied and used again where possible.
type databases struct {
	server *dbtest.Server

	mu    sync.Mutex
	free  []dbtest.Database
	fresh map[string]fingerprint // of each new database, by name
}

func newDatabases(server *dbtest.Server) *databases {
	return &databases{server: server, fresh: map[string]fingerprint{}}
}

// take returns a migrated, empty database.
func (d *databases) take(ctx context.Context) (dbtest.Database, error) {
	if db, ok := d.takeFree(); ok {
		return db, nil
	}
	db, err := d.server.Create(ctx, false)
	if err != nil {
		return dbtest.Database{}, fmt.Errorf("make a database: %w", err)
	}
	found, err := withConnection(ctx, db, takeFingerprint)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fresh[db.Name] = found
	return db, err
}

func (d *databases) takeFree() (dbtest.Database, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.free) == 0 {
		return dbtest.Database{}, false
	}
	last := len(d.free) - 1
	db := d.free[last]
	d.free = d.free[:last]
	return db, true
}

// give returns a database, to be used again if it is like new, or else dropped.
func (d *databases) give(ctx context.Context, db dbtest.Database) error {
	emptied, err := withConnection(ctx, db, empty)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil || !cmp.Equal(emptied, d.fresh[db.Name]) {
		// Some scenarios change the schema or the grants.
		return d.server.Drop(ctx, db.Name)
	}
	d.free = append(d.free, db)
	return nil
}

func (d *databases) close(ctx context.Context) error {
	var errs []error
	for db, ok := d.takeFree(); ok; db, ok = d.takeFree() {
		errs = append(errs, d.server.Drop(ctx, db.Name))
	}
	return errors.Join(errs...)
}

// empty removes all data once no other session uses the database.
func empty(ctx context.Context, conn *pgx.Conn) (fingerprint, error) {
	err := testkit.Retry(func() error {
		var others int
		err := conn.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
			AND application_name NOT LIKE 'citus%'`).Scan(&others)
		if err == nil && others > 0 {
			err = fmt.Errorf("%d sessions are left", others)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	// With the triggers it would take longer than most scenarios. Citus empties shards
	// in one of its own.
	if _, err := conn.Exec(ctx, `SET session_replication_role = replica;
		TRUNCATE prices, ports, regions, port_regions, imports, login_events;
		RESET session_replication_role; TRUNCATE daily_rates`); err != nil {
		return nil, fmt.Errorf("empty the database: %w", err)
	}
	return takeFingerprint(ctx, conn)
}

func withConnection(ctx context.Context, db dbtest.Database, use func(context.Context, *pgx.Conn) (fingerprint, error)) (fingerprint, error) {
	conn, err := pgx.Connect(ctx, db.URL)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }() // nothing is pending
	return use(ctx, conn)
}

// fingerprint holds the number and a digest of the rows of each table but
// data_version, and under schemaKey a digest of the schema and its grants.
type fingerprint map[string]string

const schemaKey = "(schema and grants)"

const schemaSQL = `
SELECT md5(string_agg(fact, E'\n' ORDER BY fact)) FROM (
	SELECT concat_ws(' ', 'database', datacl, datallowconn, datconnlimit) AS fact
	FROM pg_database WHERE datname = current_database()
	UNION ALL
	SELECT concat_ws(' ', 'setting', setrole, setconfig)
	FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase WHERE datname = current_database()
	UNION ALL
	SELECT concat_ws(' ', 'schema', nspname, nspowner, nspacl)
	FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast)'
	UNION ALL
	SELECT concat_ws(' ', 'relation', oid::regclass, relkind, relowner, relacl, reloptions)
	FROM pg_class WHERE relnamespace = 'public'::regnamespace
	UNION ALL
	SELECT concat_ws(' ', 'column', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attacl)
	FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
	WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
	UNION ALL
	SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
	FROM pg_constraint WHERE connamespace = 'public'::regnamespace
	UNION ALL
	SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgenabled, pg_get_triggerdef(oid))
	FROM pg_trigger WHERE NOT tgisinternal
	UNION ALL
	SELECT concat_ws(' ', 'function', oid::regprocedure, proowner, proacl, prosecdef, md5(prosrc))
	FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS facts`

func takeFingerprint(ctx context.Context, conn *pgx.Conn) (fingerprint, error) {
	rows, err := conn.Query(ctx, `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'data_version'`)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	var schema string
	if err := conn.QueryRow(ctx, schemaSQL).Scan(&schema); err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	found := fingerprint{schemaKey: schema}
	for _, table := range tables {
		var digest string
		err := conn.QueryRow(ctx, `SELECT count(*) || ' rows ' || coalesce(md5(string_agg(t::text, E'\n' ORDER BY t::text)), '')
			FROM `+pgx.Identifier{table}.Sanitize()+` t`).Scan(&digest)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", table, err)
		}
		found[table] = digest
	}
	return found, nil
}
