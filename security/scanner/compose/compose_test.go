package compose

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// safe is a service without a fault, to which tests add a line.
const safe = `services:
  db:
    image: postgres:18@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
  app:
    image: a@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    user: "65532:65532"
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    mem_limit: 256m
    pids_limit: 100
`

// rulesOf returns the rules that the service app breaks, and those that are broken
// outside of services.
func rulesOf(t *testing.T, text string) string {
	t.Helper()
	found, err := Check("deploy/compose.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var names []string
	for _, f := range found {
		if f.Message == "" || f.Help == "" || f.Line < 1 {
			t.Errorf("%s: a finding says too little: %+v", text, f)
		}
		if f.Resource != "db" {
			names = append(names, strings.TrimPrefix(f.Rule, "COMPOSE_"))
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

func TestServices(t *testing.T) {
	if got := rulesOf(t, safe); got != "" {
		t.Fatalf("the safe service breaks %s", got)
	}
	for line, want := range map[string]string{
		"environment: {POSTGRES_PASSWORD: hunter2}":                 "PASSWORD",
		`environment: ["POSTGRES_PASSWORD=hunter2"]`:                "PASSWORD",
		"environment: {PGPASSWORD: '${PW:-hunter2}'}":               "PASSWORD",
		"environment: {PGPASSWORD: '${A:-${B:-hunter2}}'}":          "PASSWORD",
		"environment: {PGPASSWORD: '${PW-hunter2}'}":                "PASSWORD",
		"environment: {ADMIN_PASS: 12345}":                          "PASSWORD",
		"environment: {DATABASE_URL: 'postgres://a:hunter2@db/x'}":  "PASSWORD",
		"environment: {DSN: 'postgres://a:${PW:-hunter2}@db/x'}":    "PASSWORD",
		"environment: {DSN: 'host=db password=hunter2'}":            "PASSWORD",
		"command: redis-server --requirepass hunter2":               "PASSWORD",
		"command: [mysqladmin, --password=hunter2]":                 "PASSWORD",
		"build: {context: ., args: {NPM_TOKEN: hunter2}}":           "PASSWORD",
		"environment: {POSTGRES_PASSWORD_FILE: /run/secrets/x}":     "",
		"environment: {POSTGRES_PASSWORD: '${PW:?set it}'}":         "",
		"environment: {POSTGRES_PASSWORD: '${PW}', A: $B}":          "",
		"environment: {POSTGRES_PASSWORD: }":                        "",
		"environment: [POSTGRES_PASSWORD]":                          "",
		"environment: {DATABASE_URL: 'postgres://a:${PW}@db/x'}":    "",
		"environment: {DATABASE_URL: 'postgres://rates@db/x'}":      "",
		"environment: {PASSWORD_MIN_LENGTH: 12, ASK_PASSWORD: yes}": "",

		"environment: {POSTGRES_HOST_AUTH_METHOD: trust}":          "TRUST",
		"environment: ['POSTGRES_HOST_AUTH_METHOD=trust']":         "TRUST",
		"environment: {POSTGRES_HOST_AUTH_METHOD: '${M:-trust}'}":  "TRUST",
		"environment: {POSTGRES_INITDB_ARGS: '--auth-host=trust'}": "TRUST",
		"environment: {MYSQL_ALLOW_EMPTY_PASSWORD: 'yes'}":         "TRUST",
		"command: initdb -A trust":                                 "TRUST",
		"environment: {POSTGRES_HOST_AUTH_METHOD: scram-sha-256}":  "",

		"extends: {file: base.yaml, service: app}": "WHOLE",
		"volumes_from: [container:x]":              "WHOLE",
		"provider: {type: awesome}":                "WHOLE",

		"volumes: ['/etc:/host']":                                            "HOST",
		"volumes: ['/etc/ssl:/etc/ssl:ro']":                                  "HOST",
		"volumes: ['/proc:/p:ro']":                                           "HOST",
		"volumes: ['/sys/fs/cgroup:/sys/fs/cgroup']":                         "HOST",
		"volumes: [{type: bind, source: /etc, target: /x, read_only: true}]": "HOST",
		"volumes: ['${DIR:-/etc}:/x']":                                       "HOST",
		"volumes: ['/etc/../etc/:/x']":                                       "HOST",
		"volumes: ['../..:/x']":                                              "HOST",
		"volumes: ['~/.ssh:/x:ro']":                                          "HOST",
		"volumes: ['${HOME}/.azure:/x']":                                     "HOST",
		"volumes: ['/:/host:ro']":                                            "ENGINE HOST",
		"volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']":          "ENGINE HOST",
		"volumes: [{type: bind, source: /run/podman, target: /x}]":           "ENGINE HOST",
		"volumes: ['/run/user/1000:/x']":                                     "ENGINE HOST",
		"volumes: ['${SOCK:-/var/run/docker.sock}:/x']":                      "ENGINE HOST",
		"use_api_socket: true":                                               "ENGINE",
		"volumes: ['data:/var/lib', './conf:/etc/app:ro', '/etc/localtime:/etc/localtime:ro', '../data:/x']": "",
		"tmpfs: ['/run', '/tmp:mode=1777']": "",

		"environment: {DATABASE_URL: 'postgres://a@db.example.com/x?sslmode=disable'}":     "TLS",
		"environment: {DATABASE_URL: 'postgres://a@db.example.com/x?sslmode=prefer'}":      "TLS",
		"environment: {DSN: 'sslmode=disable host=db.example.com'}":                        "TLS",
		"environment: {PGSSLMODE: disable, PGHOST: db.example.com}":                        "TLS",
		"command: dockerd --tlsverify=false":                                               "TLS",
		"command: [dockerd, -H, 'tcp://0.0.0.0:2375']":                                     "TLS",
		"environment: {DOCKER_TLS_CERTDIR: ''}":                                            "TLS",
		"environment: {DOCKER_TLS_VERIFY: 0}":                                              "TLS",
		"environment: {DOCKER_HOST: 'tcp://build.example.com:2375'}":                       "TLS",
		"environment: {NODE_TLS_REJECT_UNAUTHORIZED: '0'}":                                 "TLS",
		"environment: {GIT_SSL_NO_VERIFY: 'true'}":                                         "TLS",
		"command: curl --insecure https://example.com":                                     "TLS",
		"environment: {DATABASE_URL: 'postgres://a@db/x?sslmode=disable'}":                 "",
		"environment: {DATABASE_URL: 'postgres://a@db,app/x?sslmode=disable'}":             "",
		"environment: {DATABASE_URL: 'postgres://a@db,b.example.com/x?sslmode=disable'}":   "TLS",
		"environment: {DATABASE_URL: 'postgres://a@b.example.com,db/x?sslmode=disable'}":   "TLS",
		"environment: {DSN: 'host=db,app port=1 sslmode=disable'}":                         "",
		"environment: {DSN: 'host=db:1,b.example.com sslmode=disable'}":                    "TLS",
		"environment: {DSN: 'Server=tcp:b.example.com,1433;Encrypt=no'}":                   "TLS",
		"environment: {DSN: 'Server=tcp:db,1433;Encrypt=no'}":                              "",
		"environment: {PGSSLMODE: disable, PGHOST: 'db,b.example.com'}":                    "TLS",
		"environment: {PGSSLMODE: disable, PGHOST: 'db,app'}":                              "",
		"environment: {DATABASE_URL: 'postgres://a@db.example.com/x?sslmode=verify-full'}": "",
		"environment: {DOCKER_TLS_VERIFY: 1, PGSSLMODE: disable, PGHOST: db}":              "",

		"build: https://github.com/acme/x.git":                                  "DOCKERFILE",
		"build: {context: 'git@github.com:acme/x.git#v1'}":                      "DOCKERFILE",
		"build: {context: '${CTX:-https://example.com/x.tar.gz}'}":              "DOCKERFILE",
		"build: {context: ., dockerfile_inline: 'FROM x'}":                      "DOCKERFILE",
		"build: {context: ../..}":                                               "DOCKERFILE",
		"build: {context: ., additional_contexts: {a: 'docker-image://b'}}":     "DOCKERFILE",
		"build: {context: ., additional_contexts: ['a=https://example.com/x']}": "DOCKERFILE",
		"build: .": "",
		"build: {context: .., dockerfile: deploy/Dockerfile, args: {VERSION: '${V:-dev}'}}": "",
		"build: {context: ., privileged: true}":                                             "BUILD",
		"build: {context: ., entitlements: [security.insecure]}":                            "BUILD",
		"build: {context: ., network: host}":                                                "BUILD",

		"privileged: true":                                     "CONFINED",
		"privileged: '${P:-true}'":                             "CONFINED",
		"network_mode: host":                                   "CONFINED",
		"pid: host":                                            "CONFINED",
		"ipc: 'container:x'":                                   "CONFINED",
		"userns_mode: host":                                    "CONFINED",
		"devices: ['/dev/kvm:/dev/kvm']":                       "CONFINED",
		"post_start: [{command: x, privileged: true}]":         "CONFINED",
		"network_mode: none":                                   "",
		"cap_add: [NET_ADMIN]":                                 "CAPABILITIES",
		"ports: ['3000:3000']":                                 "LOCAL_PORTS",
		"ports: ['0.0.0.0:3000:3000']":                         "LOCAL_PORTS",
		"ports: [{target: 3000, published: 3000}]":             "LOCAL_PORTS",
		"ports: ['127.0.0.1:${PORT:-3000}:3000', '[::1]:1:1']": "",
		"group_add: [docker]":                                  "USER",
	} {
		if got := rulesOf(t, safe+"    "+line+"\n"); got != want {
			t.Errorf("%s: breaks %q, want %q", line, got, want)
		}
	}
	for old, tt := range map[string][2]string{
		`user: "65532:65532"`:                        {`user: "0:0"`, "USER"},
		`security_opt: ["no-new-privileges:true"]`:   {`security_opt: ["no-new-privileges:true", "seccomp=unconfined"]`, "NEW_PRIVILEGES"},
		"read_only: true":                            {"read_only: false", "READ_ONLY"},
		"cap_drop: [ALL]":                            {"cap_drop: [NET_RAW]", "CAPABILITIES"},
		"mem_limit: 256m":                            {"labels: {}", "LIMITS"},
		"image: a@sha256:" + strings.Repeat("a", 64): {"image: ${IMAGE:-a:latest}", "PINNED"},
	} {
		if got := rulesOf(t, strings.Replace(safe, old, tt[0], 1)); got != tt[1] {
			t.Errorf("%s: breaks %q, want %q", tt[0], got, tt[1])
		}
	}
}

func TestTopLevel(t *testing.T) {
	for text, want := range map[string]string{
		"include: [other.yaml]":                                            "WHOLE",
		"include: [{path: other.yaml}]":                                    "WHOLE",
		"volumes: {x: {driver_opts: {type: none, o: bind, device: /etc}}}": "HOST",
		"volumes: {x: {driver_opts: {o: bind, device: /var/run}}}":         "ENGINE HOST",
		"volumes: {x: {}}":                                                 "",
		"secrets: {x: {file: /etc/shadow}}":                                "HOST",
		"secrets: {x: {file: ./x}}":                                        "",
		"networks: {x: {name: host, external: true}}":                      "CONFINED",
	} {
		if got := rulesOf(t, safe+text+"\n"); got != want {
			t.Errorf("%s: breaks %q, want %q", text, got, want)
		}
	}
}

// Settings count wherever YAML takes them from, and have the line where they are
// written.
func TestMergedSettings(t *testing.T) {
	text := "x-a: &a\n  privileged: true\n" + strings.Replace(safe, "    image: a@", "    <<: *a\n    image: a@", 1)
	found, err := Check("compose.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(found, func(f finding.Finding) bool {
		return f.Rule == "COMPOSE_CONFINED" && f.Line == 2 && f.Resource == "app"
	}) {
		t.Errorf("findings %+v, want COMPOSE_CONFINED in line 2", found)
	}
}

func TestRefusesWhatItCannotRead(t *testing.T) {
	for _, text := range []string{"", "services: [", "services: []\n", "services: {a: b}\n", "a: b\n", "- a\n", safe + "---\n" + safe, "services: {a: &a {image: b, c: *a}}\n"} {
		if _, err := Check("compose.yaml", []byte(text)); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	contents := map[string]string{
		"compose.yaml": "", "docker-compose.yml": "", "docker-compose.override.yml": "", "a/compose.dev.yaml": "", ".devcontainer/docker-compose.yml": "",
		"stack.yaml": "services: {a: {image: b}}", "docker-compose-ci.yml": "",
		"composer.yaml": "a: b", "workflow.yml": "jobs: {a: {services: {b: {image: c}}}}", "services.yaml": "services: [a]", "other.yaml": "services: {a: {url: b}}",
	}
	made := tree.Tree{Dir: dir}
	for name, text := range contents {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		made.Files = append(made.Files, name)
	}
	got := Files(made)
	slices.Sort(got)
	want := ".devcontainer/docker-compose.yml a/compose.dev.yaml compose.yaml docker-compose-ci.yml docker-compose.override.yml docker-compose.yml stack.yaml"
	if strings.Join(got, " ") != want {
		t.Errorf("files %s, want %s", got, want)
	}
}

// The Compose file of this repository follows the rules.
func TestOwnFile(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	found, err := Check("docker-compose.yml", content)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Errorf("%s: %s", f.Place(), f.Rule)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(safe))
	f.Add([]byte("x: &a {privileged: true}\nservices: {b: {<<: *a, volumes: ['/:/x'], environment: [A=b]}}\ninclude: [c]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		found, err := Check("compose.yaml", text)
		for _, one := range found {
			if err != nil || one.Rule == "" || one.Line < 1 {
				t.Errorf("finding %+v, error %v", one, err)
			}
		}
	})
}
