package password_test

import (
	"testing"

	"example.com/rates/security/password"
)

func TestNamed(t *testing.T) {
	for setting, want := range map[string]bool{
		"POSTGRES_PASSWORD": true, "PGPASSWORD": true, "DB_PASS": true, "password": true, "GITHUB_TOKEN": true, "API_KEY": true,
		"AWS_SECRET_ACCESS_KEY": true, "SECRET_KEY_BASE": true, "minio-secret": true, "TOKEN_2": true, "AZURE_CLIENT_SECRET": true,
		"POSTGRES_PASSWORD_FILE": false, "PASSWORD_MIN_LENGTH": false, "TOKEN_URL": false, "COMPASS": false, "PWD": false, "KEY": false,
		"PGPASSFILE": false, "VERSION": false,
	} {
		if got := password.Named(setting); got != want {
			t.Errorf("%s is called like a secret: %t, want %t", setting, got, want)
		}
	}
}

func TestInText(t *testing.T) {
	for text, want := range map[string]bool{
		"postgres://rates:hunter2@db:5432/rates":           true,
		"redis://:hunter2@cache":                           true,
		"host=db user=rates password=hunter2":              true,
		"Server=db;Password=hunter2;Database=x":            true,
		"postgres://db/rates?user=rates&password=hunter2":  true,
		"redis-server --requirepass hunter2":               true,
		"mysqladmin ping --password=hunter2":               true,
		"--requirepass hunter2":                            true,
		"app --api-token hunter2":                          true,
		"docker build --secret id=npm,src=npm .":           false,
		"postgres://rates@db:5432/rates":                   false,
		"postgres://rates:@db/rates":                       false,
		"https://example.com/a:b@c":                        false,
		"--password-file=/run/secrets/x":                   false,
		"read --password /run/secrets/password":            false,
		"pg_isready --quiet --no-password --dbname=rates":  false,
		"http://127.0.0.1:3000/readyz":                     false,
		"postgres://rates@db/rates?passfile=/run/x/pgpass": false,
	} {
		if got := password.InText(text); got != want {
			t.Errorf("a password is in %q: %t, want %t", text, got, want)
		}
	}
}
