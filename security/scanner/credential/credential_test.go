package credential

import "testing"

func TestNamed(t *testing.T) {
	for setting, want := range map[string]bool{
		"POSTGRES_PASSWORD": true, "PGPASSWORD": true, "DB_PASS": true, "password": true, "GITHUB_TOKEN": true, "API_KEY": true,
		"AWS_SECRET_ACCESS_KEY": true, "SECRET_KEY_BASE": true, "minio-secret": true, "TOKEN_2": true, "AZURE_CLIENT_SECRET": true,
		"POSTGRES_PASSWORD_FILE": false, "PASSWORD_MIN_LENGTH": false, "TOKEN_URL": false, "COMPASS": false, "PWD": false, "KEY": false,
		"PGPASSFILE": false, "VERSION": false,
	} {
		if got := Named(setting); got != want {
			t.Errorf("%s is called like a secret: %t, want %t", setting, got, want)
		}
	}
}

func TestWithin(t *testing.T) {
	for text, want := range map[string]string{
		"postgres://rates:hunter2@db:5432/rates":           "hunter2",
		"redis://:hunter2@cache":                           "hunter2",
		"host=db user=rates password=hunter2":              "hunter2",
		"Server=db;Password=hunter2;Database=x":            "hunter2",
		"postgres://db/rates?user=rates&password=hunter2":  "hunter2",
		"redis-server --requirepass hunter2":               "hunter2",
		"mysqladmin ping --password=hunter2":               "hunter2",
		"postgres://rates@db:5432/rates":                   "",
		"postgres://rates:@db/rates":                       "",
		"https://example.com/a:b@c":                        "",
		"--password-file=/run/secrets/x":                   "",
		"read --password /run/secrets/password":            "",
		"pg_isready --quiet --no-password --dbname=rates":  "",
		"http://127.0.0.1:3000/readyz":                     "",
		"postgres://rates@db/rates?passfile=/run/x/pgpass": "",
	} {
		if got := Within(text); got != want {
			t.Errorf("password in %q is %q, want %q", text, got, want)
		}
	}
}
