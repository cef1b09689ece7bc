//go:build linux

package azure

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"example.com/rates/service/login/logintest"
)

// container is a program that runs as its document says.
type container struct {
	cmd      *exec.Cmd
	endpoint *http.Server  // of its identities
	output   bytes.Buffer  // complete once it has ended
	done     chan struct{} // closed once err is set
	err      error
}

// run starts the container of an app or a job. It gets the environment of the document
// and what Azure adds: the endpoint of its identities. besides are what a container has
// because this machine is not one: its address, and the roots of its image.
func (m *machines) run(d document, besides ...string) (*container, error) {
	spec := containerOf(d)
	image, err := m.pull(d, spec)
	if err != nil {
		return nil, err
	}
	command := texts(spec.at("command"))
	if len(command) == 0 {
		command = image.Command
	}
	args := slices.Concat(command, texts(spec.at("args")))
	c := &container{done: make(chan struct{})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen as the endpoint of identities: %w", err)
	}
	secret := rand.Text()
	c.endpoint = &http.Server{Handler: m.tokensFor(d, secret), ReadHeaderTimeout: time.Minute}
	go func() { _ = c.endpoint.Serve(listener) }() // until the container ends
	c.cmd = exec.Command(args[0], args[1:]...)     // #nosec G204 -- the documents are those of the repository
	c.cmd.Dir = image.Dir
	c.cmd.Env = append(slices.Clone(besides), "PATH=/usr/local/bin:/usr/bin:/bin", "SSL_CERT_FILE="+m.roots,
		"IDENTITY_ENDPOINT=http://"+listener.Addr().String()+"/msi/token", "IDENTITY_HEADER="+secret)
	for _, variable := range spec.objects("env") {
		value, err := m.valueOf(d, variable)
		if err != nil {
			return nil, errors.Join(err, c.endpoint.Close())
		}
		c.cmd.Env = append(c.cmd.Env, variable.text("name")+"="+m.adapt(variable.text("name"), value))
	}
	c.cmd.Stdout, c.cmd.Stderr = &c.output, &c.output
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := c.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", d.text("name"), err), c.endpoint.Close())
	}
	go func() {
		defer close(c.done)
		c.err = c.cmd.Wait()
		_ = c.endpoint.Close() // nobody asks it any more
	}()
	return c, nil
}

// valueOf returns the value of a variable. A secret comes from its vault, as the
// identity that may read it.
func (m *machines) valueOf(d, variable document) (string, error) {
	name := variable.text("secretRef")
	if name == "" {
		return variable.text("value"), nil
	}
	for _, secret := range d.objects("properties", "configuration", "secrets") {
		if secret.text("name") != name {
			continue
		}
		address := secret.text("keyVaultUrl")
		identity, err := m.identity(d, secret.text("identity"))
		if err != nil {
			return "", fmt.Errorf("read the secret %s: %w", name, err)
		}
		vault, _, _ := strings.Cut(strings.TrimPrefix(address, "https://"), ".")
		if !m.cloud.mayAs("Key Vault Secrets User", identity.text("properties", "principalId"), scope(d.text("id"))+"/providers/Microsoft.KeyVault/vaults/"+vault) {
			return "", fmt.Errorf("read the secret %s: the identity %s has no role on the vault", name, identity.text("name"))
		}
		m.mu.Lock()
		value, ok := m.secrets[address]
		m.mu.Unlock()
		if !ok {
			return "", fmt.Errorf("read the secret %s: %s is not in the vault", name, address)
		}
		return value, nil
	}
	return "", fmt.Errorf("there is no secret %s", name)
}

// adapt changes the values that cannot be real here: the roots that signed Azure's
// databases, and an extension that this machine may not have.
func (m *machines) adapt(name, value string) string {
	switch name {
	case "ROOT_CERTIFICATES":
		return value + string(m.ca.PEM())
	case "PRINCIPALS_SQL":
		return strings.Replace(value, "CREATE EXTENSION IF NOT EXISTS pgaudit;", "", 1)
	}
	return value
}

// stop ends the container as Azure does: SIGTERM, and SIGKILL after a while.
func (c *container) stop(grace time.Duration) error {
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-c.done:
		return nil
	case <-time.After(grace):
		_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) // likewise
		<-c.done
		return fmt.Errorf("%s did not end within %s\n%s", c.cmd.Path, grace, c.said())
	}
}

// execute runs a job once.
func (m *machines) execute(ctx context.Context, job document) error {
	c, err := m.run(job)
	if err != nil {
		return err
	}
	const second = 1
	timeout := time.Duration(job.number(second, "properties", "configuration", "replicaTimeout")) * time.Second
	select {
	case <-c.done:
	case <-ctx.Done():
		return c.stop(0)
	case <-time.After(timeout):
		return c.stop(0)
	}
	if c.err != nil {
		return fmt.Errorf("%w\n%s", c.err, c.said())
	}
	return nil
}

// tokensFor hands out tokens of the identities of an app or a job, and of no others.
func (m *machines) tokensFor(d document, secret string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if r.Header.Get("X-Identity-Header") != secret || query.Get("api-version") == "" || query.Get("resource") != logintest.Audience {
			http.Error(w, `{"statusCode":400,"message":"Bad request."}`, http.StatusBadRequest)
			return
		}
		for id := range d.object("identity", "userAssignedIdentities") {
			identity := m.cloud.get(id)
			if identity == nil || identity.text("properties", "clientId") != query.Get("client_id") {
				continue
			}
			token, until, err := m.entra.Token(identity.text("properties", "principalId"), time.Hour)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			_ = json.NewEncoder(w).Encode(map[string]string{"access_token": token, "expires_on": fmt.Sprint(until.Unix()), "token_type": "Bearer"}) // the asker sees half an answer
			return
		}
		http.Error(w, `{"statusCode":400,"message":"No User Assigned or Delegated Managed Identity found for specified ClientId."}`, http.StatusBadRequest)
	})
}

func texts(value any) []string {
	list, _ := value.([]any)
	var all []string
	for _, item := range list {
		all = append(all, fmt.Sprint(item))
	}
	return all
}

// said returns the beginning and the end of what a container wrote before it ended.
func (c *container) said() string {
	const most = 4000
	text := c.output.String()
	if len(text) <= 2*most {
		return text
	}
	return text[:most] + "\n...\n" + text[len(text)-most:]
}
