// Package compose holds the scripts that run rates in containers. Its tests cover
// them and docker-compose.yml.
package compose

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

type composeFile struct {
	Services map[string]service
	Networks map[string]struct{ Internal bool }
	Secrets  map[string]map[string]string
}

type service struct {
	Image       string
	Build       any
	Command     []string
	User        string
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	CapAdd      []string `yaml:"cap_add"`
	SecurityOpt []string `yaml:"security_opt"`
	PidsLimit   int      `yaml:"pids_limit"`
	MemLimit    string   `yaml:"mem_limit"`
	Privileged  bool
	Ports       []string
	Networks    []string
	Volumes     []string
	Environment map[string]string
}

func readCompose(t *testing.T) composeFile {
	t.Helper()
	text, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file composeFile
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"db", "migrate", "seed", "rates"} {
		if _, ok := file.Services[name]; !ok {
			t.Errorf("there is no service %s", name)
		}
	}
	return file
}

func TestEveryContainerIsConfined(t *testing.T) {
	notRoot := regexp.MustCompile(`^[1-9][0-9]*:[1-9][0-9]*$`)
	for name, s := range readCompose(t).Services {
		promises := map[string]bool{
			"runs as a number other than 0":       notRoot.MatchString(s.User),
			"has a read-only root file system":    s.ReadOnly,
			"drops all capabilities":              slices.Equal(s.CapDrop, []string{"ALL"}) && s.CapAdd == nil && !s.Privileged,
			"gains no privileges":                 slices.Contains(s.SecurityOpt, "no-new-privileges:true"),
			"has a limit of processes and memory": s.PidsLimit > 0 && s.MemLimit != "",
			"is built here or pinned by digest":   s.Build != nil || strings.Contains(s.Image, "@sha256:"),
		}
		for promise, kept := range promises {
			if !kept {
				t.Errorf("%s: not true that it %s", name, promise)
			}
		}
	}
}

func TestOnlyTheServiceIsReachable(t *testing.T) {
	file := readCompose(t)
	for name, s := range file.Services {
		if name != "rates" && s.Ports != nil {
			t.Errorf("%s publishes %v, expected no port", name, s.Ports)
		}
		for _, network := range s.Networks {
			if name != "rates" && !file.Networks[network].Internal {
				t.Errorf("%s is on the network %s, which is not internal", name, network)
			}
		}
	}
	if ports := file.Services["rates"].Ports; len(ports) != 1 || !strings.HasPrefix(ports[0], "127.0.0.1:") {
		t.Errorf("rates publishes %v, expected one port of 127.0.0.1", ports)
	}
	if admin := file.Services["rates"].Environment["RATES_ADMIN_ADDR"]; !strings.HasPrefix(admin, "127.0.0.1:") {
		t.Errorf("metrics and profiles are served on %q, expected 127.0.0.1 of the container", admin)
	}
}

func TestPasswordsAreInIgnoredFiles(t *testing.T) {
	file := readCompose(t)
	inURL := regexp.MustCompile(`://[^/@]*:[^/@]*@|password=`)
	for name, s := range file.Services {
		for variable, value := range s.Environment {
			if strings.HasSuffix(variable, "PASSWORD") || inURL.MatchString(value) {
				t.Errorf("%s: %s has a password in it", name, variable)
			}
		}
	}
	for name, secret := range file.Secrets {
		if !strings.HasPrefix(secret["file"], "deploy/compose/passwords/") {
			t.Errorf("the secret %s comes from %v, expected a file in deploy/compose/passwords", name, secret)
		}
	}
	if ignored, err := os.ReadFile(".gitignore"); err != nil || !strings.Contains(string(ignored), "/passwords*/\n") {
		t.Errorf("git does not ignore the passwords: %v", err)
	}
}

// The service reads its login from a folder that the container of rotations writes,
// and cannot write there itself.
func TestServiceReadsItsLogin(t *testing.T) {
	file := readCompose(t)
	const folder = "./deploy/compose/passwords/service:/run/service"
	environment := file.Services["rates"].Environment
	if environment["RATES_DATABASE_LOGIN"] != "file" || !strings.Contains(environment["DATABASE_URL"], "servicefile=/run/service/pg_service.conf") {
		t.Errorf("the service logs in with %v", environment)
	}
	for name, want := range map[string]string{"rates": folder + ":ro", "rotate": folder} {
		if got := file.Services[name].Volumes; !slices.Equal(got, []string{want}) {
			t.Errorf("%s has the volumes %v, want %s", name, got, want)
		}
	}
	if login := read(t, "service_login.sql"); !strings.Contains(login, "GRANT rates_reader TO rates_service_a, rates_service_b;") {
		t.Errorf("the logins of the service are made by:\n%s", login)
	}
}
