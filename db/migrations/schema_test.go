package migrations_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/rates/db/dbtest"
)

func itoa(n int) string { return strconv.Itoa(n) }

func lines(text string) []string { return strings.Split(text, "\n") }

// schemaSQL describes each object of the schema public in one line: kind, name,
// definition. Grants are sorted because their order has no meaning.
const schemaSQL = `
WITH granted AS (
	SELECT oid, array(SELECT unnest(acl)::text ORDER BY 1) AS acl FROM (
		SELECT oid, relacl AS acl FROM pg_class UNION ALL
		SELECT oid, proacl FROM pg_proc UNION ALL
		SELECT oid, nspacl FROM pg_namespace) AS acls
), ours AS (
	SELECT oid, relname, relkind, relowner, reloptions FROM pg_class
	WHERE relnamespace = 'public'::regnamespace AND relname !~ '^(goose_db_version|citus_)'
)
SELECT 'relation', relname, format('%s owner=%s options=%s', relkind, relowner::regrole, reloptions)
FROM ours
UNION ALL SELECT 'grants', relname, acl::text FROM ours JOIN granted USING (oid)
UNION ALL SELECT 'grants', 'goose_db_version', acl::text FROM granted WHERE oid = to_regclass('goose_db_version')
UNION ALL SELECT 'grants', 'schema public', acl::text FROM granted WHERE oid = 'public'::regnamespace
UNION ALL SELECT 'comment', 'goose_db_version', obj_description(to_regclass('goose_db_version'), 'pg_class')
WHERE obj_description(to_regclass('goose_db_version'), 'pg_class') IS NOT NULL
UNION ALL SELECT 'column', relname || '.' || attnum || '.' || attname,
	format('%s collation=%s notnull=%s identity=%s default=%s', format_type(atttypid, atttypmod), attcollation::regcollation,
		attnotnull, attidentity, pg_get_expr(adbin, adrelid))
FROM ours JOIN pg_attribute ON attrelid = ours.oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'constraint', relname || '.' || conname, pg_get_constraintdef(c.oid)
FROM ours JOIN pg_constraint c ON conrelid = ours.oid
UNION ALL SELECT 'index', relname, pg_get_indexdef(ours.oid) FROM ours WHERE relkind = 'i'
UNION ALL SELECT 'trigger', relname || '.' || tgname, pg_get_triggerdef(t.oid)
FROM ours JOIN pg_trigger t ON tgrelid = ours.oid WHERE NOT tgisinternal
UNION ALL SELECT 'function', p.oid::regprocedure::text, format('owner=%s grants=%s %s', proowner::regrole, acl, pg_get_functiondef(p.oid))
FROM pg_proc p JOIN granted USING (oid) WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'comment', relname || '.' || objsubid, description
FROM ours JOIN pg_description d ON objoid = ours.oid AND classoid = 'pg_class'::regclass
UNION ALL SELECT 'comment', p.oid::regprocedure::text, description
FROM pg_proc p JOIN pg_description d ON objoid = p.oid AND classoid = 'pg_proc'::regclass
WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2, 3`

// schema returns the whole schema as text.
func schema(t *testing.T, db *sql.DB) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), schemaSQL)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var kind, name, definition string
		if err := rows.Scan(&kind, &name, &definition); err != nil {
			t.Fatal(err)
		}
		found = append(found, kind+" "+name+": "+definition)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(found, "\n")
}

// objects returns the lines of a schema that describe neither goose's objects nor
// PostgreSQL's.
func objects(schema string) []string {
	return slices.DeleteFunc(lines(schema), func(line string) bool {
		return strings.HasPrefix(line, "grants schema public:") || strings.HasPrefix(line, "grants goose_db_version:")
	})
}

// Each table, column, function and role has a comment.
func TestEverythingHasAComment(t *testing.T) {
	_, db := open(t, dbtest.New(t).URL)
	const silentSQL = `
SELECT relname::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND relname !~ '^goose_db_version'
	AND coalesce(obj_description(oid, 'pg_class'), '') = ''
UNION ALL SELECT relname || '.' || attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND relname !~ '^goose_db_version'
	AND attnum > 0 AND NOT attisdropped AND coalesce(col_description(attrelid, attnum), '') = ''
UNION ALL SELECT oid::regprocedure::text FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND coalesce(obj_description(oid, 'pg_proc'), '') = ''
UNION ALL SELECT rolname::text FROM pg_roles
WHERE rolname IN ('rates_owner', 'rates_loader', 'rates_reader', 'rates_access') AND coalesce(shobj_description(oid, 'pg_authid'), '') = ''`
	if silent := query(t, db, silentSQL); len(silent) > 0 {
		t.Errorf("without a comment: %v", silent)
	}
}

// Rights come from the groups alone: the owner may do everything, the loader
// may write data, the reader may read, and others may do nothing.
func TestGrants(t *testing.T) {
	_, db := open(t, dbtest.New(t).URL)
	got := query(t, db, `
SELECT format('%s %s: %s', role, relname, string_agg(right_, ' ' ORDER BY right_))
FROM pg_class, unnest(ARRAY['rates_loader', 'rates_reader', 'public']) AS role,
	unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS right_
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND has_table_privilege(role, pg_class.oid, right_)
GROUP BY role, relname ORDER BY role DESC, relname`)
	want := []string{
		"rates_reader daily_rates: SELECT",
		"rates_reader data_version: SELECT",
		"rates_reader goose_db_version: SELECT",
		"rates_reader port_regions: SELECT",
		"rates_reader ports: SELECT",
		"rates_reader prices: SELECT",
		"rates_reader regions: SELECT",
		"rates_loader daily_rates: SELECT",
		"rates_loader data_version: SELECT",
		"rates_loader goose_db_version: SELECT",
		"rates_loader imports: DELETE INSERT SELECT",
		"rates_loader port_regions: SELECT",
		"rates_loader ports: DELETE INSERT SELECT UPDATE",
		"rates_loader prices: DELETE INSERT SELECT UPDATE",
		"rates_loader regions: DELETE INSERT SELECT UPDATE",
	}
	if !slices.Equal(got, want) {
		t.Errorf("granted:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	owned := query(t, db, `SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
		AND relkind = 'r' AND relname !~ '^goose_db_version' AND relowner <> 'rates_owner'::regrole`)
	if len(owned) > 0 {
		t.Errorf("not owned by rates_owner: %v", owned)
	}
	open := query(t, db, `SELECT oid::regprocedure::text FROM pg_proc
		WHERE pronamespace = 'public'::regnamespace AND prosecdef AND has_function_privilege('public', oid, 'EXECUTE')`)
	if len(open) > 0 {
		t.Errorf("every login may call, with the rights of the owner: %v", open)
	}
	logins := query(t, db, `SELECT rolname::text FROM pg_roles
		WHERE rolname IN ('rates_owner', 'rates_loader', 'rates_reader', 'rates_access') AND (rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb)`)
	if len(logins) > 0 {
		t.Errorf("group roles with rights of a login: %v", logins)
	}
}

// query returns the rows of a query with one text column.
func query(t *testing.T, db *sql.DB, sql string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		found = append(found, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", sql, err))
	}
	return found
}
