package password_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"example.com/rates/security/password"
)

// made is a made-up password, put together only when the test runs: written out
// it would be a finding in this repository.
var made = "Kx7vQ2" + "pLm9wZ"

// planted puts the made-up password in the place of PW, a login with it in Base64 in
// the place of BASE64, and the name of a program in the place of ITS.
func planted(text string) string {
	login := base64.StdEncoding.EncodeToString([]byte("ci:" + made))
	return strings.NewReplacer("PW", made, "BASE64", login, "ITS", "curl").Replace(text)
}

func rules(matches []password.Match) string {
	var words []string
	for _, m := range matches {
		words = append(words, fmt.Sprintf("%s:%d", m.Rule, m.Line))
	}
	return strings.Join(words, " ")
}

func TestFind(t *testing.T) {
	for _, test := range []struct{ file, text, rule string }{
		{"deploy.yaml", "  DATABASE_URL: postgres://rates:PW@db:5432/rates", password.InURL},
		{"deploy.yaml", `  url: "postgresql://rates:PW@db/rates?sslmode=require"`, password.InURL},
		{"run.sh", "export DATABASE_URL='postgresql+asyncpg://rates:PW@db/rates'", password.InURL},
		{".env", "URL=mysql://root:PW@10.0.0.1/rates", password.InURL},
		{".env", "REDIS=redis://:PW@cache:6379/0", password.InURL},
		{".env", "REDIS=rediss://default:PW@[::1]:6379", password.InURL},
		{"a.json", `{"broker": "amqp://guest:PW@mq//"}`, password.InURL},
		{"a.toml", `mongo = "mongodb+srv://app:PW@cluster0.example.net/?retryWrites=true"`, password.InURL},
		{"prod.tfvars", `database_url = "postgres://rates:PW@${host}/rates"`, password.InURL},
		{"main.tf", `  value = "sqlserver://sa:PW@db;database=rates"`, password.InURL},
		{"a.feature", "    | postgres://reader:PW@127.0.0.1:1/nowhere | 50ms |", password.InURL},
		{"README.md", "Try `postgres://rates:PW@localhost/rates`.", password.InURL},
		{"a_test.go", `const base = "postgres://rates:PW@db/rates"`, password.InURL},
		{"a.go", `	return sql.Open("pgx", "postgres://rates:PW@db/rates")`, password.InURL},
		{"Dockerfile", "ENV DATABASE_URL=postgres://rates:PW@db/rates", password.InURL},
		{"a.yaml", "url: postgres://rates:p%40PW%2F@db/rates", password.InURL},
		{"a.yaml", "url: postgres://rates:a@PW@db/rates", password.InURL},
		{"a.yaml", "url: https://ci:PW@git.example.com/rates.git", password.InURL},
		{".gitmodules", "\turl = https://ci:PW@git.example.com/rates.git", password.InURL},
		{"a.yaml", "url: postgres://rates:${DATABASE_PASSWORD:-PW}@db/rates", password.InURL},
		{"requirements.txt", "--index-url https://ci:PW@pypi.example.com/simple", password.InURL},
		{"compose.yaml", "url: postgres://postgres:postgres@db/rates", password.InURL},
		{"package-lock.json", `"resolved": "https://npm.example.com/a/-/a-1.tgz?token=PW"`, password.TokenInURL},
		{"go.sum.txt", "https://PWPWab@github.com/acme/rates", password.TokenInURL},
		{"run.sh", `psql "host=db user=rates password=PW sslmode=require"`, password.InSettings},
		{"a.go", `	dsn := "host=db user=rates password=PW"`, password.InSettings},
		{"a.go", `	dsn := "host=db user=rates sslpassword='PW x'"`, password.InSettings},
		{"a.yaml", "url: jdbc:postgresql://db/rates?user=rates&password=PW", password.InSettings},
		{"appsettings.json", `"Rates": "Server=db;User Id=rates;Password=PW;"`, password.InSettings},
		{"appsettings.json", `"Rates": "Server=db;Uid=rates;Pwd=PW"`, password.InSettings},
		{"run.sh", "PGPASSWORD=PW psql -h db", password.InSettings},
		{".env", "POSTGRES_PASSWORD=PW", password.InSettings},
		{"compose.yaml", "      POSTGRES_PASSWORD: PW", password.InSettings},
		{"compose.yaml", "      - POSTGRES_PASSWORD=PW", password.InSettings},
		{"compose.yaml", "      POSTGRES_PASSWORD: postgres", password.InSettings},
		{"compose.yaml", "      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:-PW}", password.InSettings},
		{"a.yaml", `password: "changeme-not"`, password.InSettings},
		{"a.yaml", "password: hunter2", password.InSettings},
		{"a.yaml", `  - {user: rates, password: "PW"}`, password.InSettings},
		{"a.yaml", `password: !!str "PW"`, password.InSettings},
		{"Dockerfile", "ARG DB_PASSWORD=PW", password.InSettings},
		{"Dockerfile", "ENV PGPASSWORD PW", password.InSettings},
		{"main.tf", `  administrator_password = "PW"`, password.InSettings},
		{"a.tfvars", `database_administrator_password = "PW"`, password.InSettings},
		{"a.py", `connect(host="db", password="PW")`, password.InSettings},
		{"a.go", "	cfg := pgx.ConnConfig{Password: \"PW\"}", password.InSettings},
		{"pg_service.conf", "[rates]\nhost=db\npassword=PW", password.InSettings},
		{"a.properties", "spring.datasource.password = PW", password.InSettings},
		{"a.md", "```yaml\npassword: PW\n```", password.InSettings},
		{".npmrc", "//npm.example.com/:_password=PW", password.InLoginFile},
		{"roles.sql", "CREATE ROLE rates LOGIN PASSWORD 'PW';", password.InSQL},
		{"roles.sql", "ALTER USER rates WITH ENCRYPTED PASSWORD 'PW';", password.InSQL},
		{"roles.sql", "create user mapping for x server y options (user 'a', password 'PW');", password.InSQL},
		{"roles.sql", "ALTER ROLE rates PASSWORD $$PW$$;", password.InSQL},
		{"roles.sql", "CREATE USER rates IDENTIFIED BY 'PW';", password.InSQL},
		{"run.sh", `psql -c "ALTER ROLE rates PASSWORD E'PW'"`, password.InSQL},
		{"a.go", "	_, err := conn.Exec(ctx, `ALTER ROLE rates PASSWORD 'PW'`)", password.InSQL},
		{".pgpass", "db:5432:rates:rates:PW", password.InPassfile},
		{"deploy/pgpass.conf", "*:*:*:rates:PW", password.InPassfile},
		{"home/.pgpass", `db:5432:rates:rates:a\:PW`, password.InPassfile},
		{"run.sh", `echo "db:5432:rates:rates:PW" > ~/.pgpass`, password.InPassfile},
		{"run.sh", "docker login -u ci -p PW registry.example.com", password.InCommand},
		{"run.sh", "docker login \\\n  --username ci \\\n  --password PW registry.example.com", password.InCommand},
		{"a.yaml", "- run: docker login --password=PW -u ci", password.InCommand},
		{"a.json", `["docker", "login", "-u", "ci", "-p", "PW"]`, password.InCommand},
		{"run.sh", "echo PW | docker login -u ci --password-stdin registry.example.com", password.InCommand},
		{"run.sh", "docker login -u ci --password-stdin <<< 'PW'", password.InCommand},
		{"a.feature", "      | password | PW |", password.InSettings},
		{"run.sh", "ITS -fsS -u ci:PW https://example.com", password.InCommand},
		{"run.sh", `ITS --user "ci:PW" https://example.com`, password.InCommand},
		{"run.sh", "skopeo copy --dest-creds ci:PW a b", password.InCommand},
		{"run.sh", "mysql -u root -pPW rates", password.InCommand},
		{"run.sh", "redis-cli -h cache -a PW ping", password.InCommand},
		{"run.sh", "sshpass -p PW ssh db", password.InCommand},
		{".netrc", "machine example.com login ci password PW", password.InLoginFile},
		{".netrc", "machine example.com\n  login ci\n  password PW", password.InLoginFile},
		{".npmrc", "//npm.example.com/:_authToken=PW", password.InLoginFile},
		{"config.json", `{"auths": {"a.example.com": {"auth": "BASE64"}}}`, password.InLoginFile},
		{"run.sh", `ITS -H "Authorization: Basic BASE64"`, password.InBasicLogin},
		{"min.js", strings.Repeat("x=1;", 9000) + `u="postgres://rates:PW@db/x"`, password.InURL},
	} {
		text := planted(test.text)
		found := rules(password.Find(test.file, []byte(text)))
		if !strings.Contains(found, test.rule+":") {
			t.Errorf("%s: %.120q has %q, want %s", test.file, test.text, found, test.rule)
		}
	}
}

// Whatever only stands for a password is none.
func TestPlaceholders(t *testing.T) {
	for _, test := range []struct{ file, text string }{
		{"README.md", "Try postgres://rates@localhost/rates or postgres://user:password@localhost/rates."},
		{"README.md", "postgres://rates:hunter2@db, postgres://rates:open-sesame@db, https://user:***@example.org"},
		{"README.md", "| `password` | the one of the role | and | password | required | and | `pwd` | `password` |"},
		{"run.sh", "echo \"$TOKEN\" | docker login -u ci --password-stdin; printf '%s' \"$TOKEN\" | docker login --password-stdin"},
		{"README.md", "The password: it is never shown. Password: see below. A password - any - is refused."},
		{"a.yaml", "url: postgres://rates:${PASSWORD}@db/rates"},
		{"a.yaml", "url: postgres://rates:$PASSWORD@db/rates"},
		{"a.yaml", "url: postgres://rates:${PASSWORD:?is not set}@db/rates"},
		{"a.yaml", "url: postgres://rates:${PASSWORD:-}@db/rates"},
		{"a.yaml", "url: postgres://rates:<password>@db/rates"},
		{"a.yaml", "url: postgres://rates:{{ .Values.password }}@db/rates"},
		{"a.yaml", "url: postgres://rates:****@db, postgres://rates:xxx@db, postgres://rates:XXXXXX@db, postgres://rates:…@db"},
		{"a.yaml", "# url: postgres://user:password@localhost/rates"},
		{"a.yaml", "url: http://localhost:8080/a@b and mailto:a@b and ssh://git@github.com:22/a"},
		{"a.yaml", "image: registry.example.com:5000/rates@sha256:0123456789abcdef"},
		{"a.go", `fmt.Sprintf("postgres://%s:%s@%s/%s?password=%s", user, pw, host, name, pw)`},
		{"a.go", `	Help: "postgres://user:password@host/database"`},
		{"a.go", `	password := os.Getenv("PASSWORD"); cfg.Password = password`},
		{"a.go", `"ALTER ROLE x PASSWORD '" + secret + "'"`},
		{"a.go", "`ALTER ROLE x PASSWORD '` + secret + `'`"},
		{"a.go", `	if name == "password" { return }`},
		{"a.py", "connect(host=host, password=pw)"},
		{"main.tf", "  password = random_password.db.result\n  administrator_password = null\n  password = var.password"},
		{"main.tf", `  password = "${var.password}"`},
		{"a.yaml", "password: ${{ secrets.PASSWORD }}\npassword: ${{ github.token }}\npassword: null\npassword: ''\npassword:\n"},
		{"a.yaml", "POSTGRES_PASSWORD_FILE: /run/secrets/owner_password\npassword: /run/secrets/password\npassword: {file: a}"},
		{"run.sh", "PGPASSWORD=$(cat file) PGPASSWORD=$1 PWD=/tmp/abc123 psql"},
		{"run.sh", "docker login --password-stdin -u ci <file; docker login -p \"$TOKEN\" -u ci; docker run -p 8080:80 login"},
		{"run.sh", "curl -u \"$USER:$PASSWORD\" https://example.com; curl -u ci: https://example.com"},
		{"run.sh", "pg_isready --no-password --dbname=rates; pg_isready -w --password -d x"},
		{"roles.sql", "ALTER ROLE rates PASSWORD NULL; ALTER ROLE rates PASSWORD :'password';"},
		{"a.sql", "format('ALTER ROLE %I PASSWORD %L', name, secret)"},
		{"a.tftest.hcl", `    database_administrator_password = "not-a-real-password-but-long"`},
		{"a_test.go", "environment: {PGPASSWORD: '${A:-${B:-hunter2}}'}, [mysqladmin, --password=hunter2]"},
		{"security/canaries/checkov/compose/stack.yaml", `environment: ["POSTGRES_PASSWORD=rates"]`},
		{"a_test.go", `"postgres://a:p@h/d", "*:*:*:*:hunter2\n", "h:5432:d:a:one\n", "LOGIN PASSWORD 'reader'"`},
		{".npmrc", "//npm.example.com/:_authToken=${NPM_TOKEN}"},
		{"a.txt", "2026-01-01T12:30:45:10:20 and main.go:1234:56: a:b"},
		{"a.yaml", "compass: north\nbypass: always"},
		{"Dockerfile", "ARG DB_PASSWORD\nRUN --mount=type=secret,id=password cat /run/secrets/password"},
	} {
		if found := rules(password.Find(test.file, []byte(test.text))); found != "" {
			t.Errorf("%s: %q has %s", test.file, test.text, found)
		}
	}
}

// A word or the name of the user is a placeholder where nothing runs, and a
// password that anybody guesses elsewhere.
func TestGuessedPasswords(t *testing.T) {
	for file, want := range map[string]bool{
		"README.md": false, "docs/a.md": false, "a_test.go": false, "a.feature": false, "x/testdata/a.yaml": false, "env.example": false,
		"compose.yaml": true, ".env": true, "main.tf": true, "run.sh": true, "Dockerfile": true, "a.json": true, "mytestdata/a.yaml": true,
	} {
		for _, secret := range []string{"password", "postgres", "changeme", "hunter2", "secret"} {
			if found := password.Find(file, []byte("postgres://postgres:"+secret+"@db/rates")); len(found) > 0 != want {
				t.Errorf("%s with %s: %v", file, secret, found)
			}
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("a.yaml", []byte("url: postgres://a:b@c\npassword: x\\\ny"))
	f.Add(".pgpass", []byte("h:5432:d:a:one"))
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		for _, m := range password.Find(name, text) {
			if m.Rule == "" || m.Line < 1 || m.Line > strings.Count(string(text), "\n")+1 {
				t.Errorf("%+v in %q", m, text)
			}
		}
	})
}
