//go:build linux

package azure

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"example.com/rates/service/login/logintest"
)

// machines run what the documents of a Cloud describe: a PostgreSQL for each server,
// and a program for each replica and each execution of a job.
type machines struct {
	cloud  *Cloud
	ca     *Authority
	roots  string // path of the certificate of ca
	hosts  *hosts
	entra  *logintest.Entra
	images map[string]image // by digest

	mu      sync.Mutex
	secrets map[string]string   // of the vaults, by address
	servers map[string]*server  // by name
	apps    map[string]*ingress // by key
}

// image is the program that a digest stands for.
type image struct {
	Name    string   // of the repository, such as rates
	Command []string // unless the document has another
	Dir     string   // where it runs
}

// newMachines lets a cloud run images, by digest. roots is a file with the certificate
// of the authority, which stands for the roots that an image has.
func newMachines(cloud *Cloud, ca *Authority, roots string, hosts *hosts, images map[string]image) (*machines, error) {
	m := &machines{cloud: cloud, ca: ca, roots: roots, hosts: hosts, images: images, secrets: map[string]string{}, servers: map[string]*server{}, apps: map[string]*ingress{}}
	var err error
	if m.entra, err = logintest.NewEntra(m.objectID); err != nil {
		return nil, err
	}
	cloud.effects = map[string]effect{
		serverKind:                     {put: m.changeServer, remove: m.stopServer},
		serverKind + "/databases":      {put: m.createDatabase},
		serverKind + "/administrators": {put: m.createAdministrator},
		appKind:                        {put: m.release, remove: m.end},
		jobKind:                        {put: m.checkJob},
		jobKind + "/executions":        {put: m.execute},
	}
	return m, nil
}

// keep puts a secret into its vault, as a person does.
func (m *machines) keep(address, value string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.secrets[address] = value
}

// close ends everything that runs.
func (m *machines) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	errs := []error{m.entra.Close()}
	for _, app := range m.apps {
		errs = append(errs, app.close())
	}
	for _, s := range m.servers {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// pull returns the program of a container, if its identity may pull it.
func (m *machines) pull(d, spec document) (image, error) {
	host, rest, _ := strings.Cut(spec.text("image"), "/")
	name, digest, pinned := strings.Cut(rest, "@")
	if !pinned {
		return image{}, fmt.Errorf("the image %s has no digest", spec.text("image"))
	}
	var registry document
	m.cloud.mu.Lock()
	m.cloud.each(registryKind, func(candidate document) bool {
		if candidate.text("properties", "loginServer") == host {
			registry = candidate.clone()
		}
		return registry != nil
	})
	m.cloud.mu.Unlock()
	for _, login := range d.objects("properties", "configuration", "registries") {
		if registry == nil || login.text("server") != host {
			continue
		}
		identity, err := m.identity(d, login.text("identity"))
		if err != nil {
			return image{}, fmt.Errorf("pull %s: %w", spec.text("image"), err)
		}
		if !m.cloud.mayAs("AcrPull", identity.text("properties", "principalId"), registry.text("id")) {
			return image{}, fmt.Errorf("pull %s: the identity %s has no role AcrPull on the registry", spec.text("image"), identity.text("name"))
		}
		m.mu.Lock()
		found := m.images[digest]
		m.mu.Unlock()
		if registry.at(own, "imported", digest) == nil || found.Name != name {
			return image{}, fmt.Errorf("pull %s: MANIFEST_UNKNOWN: the registry has no such image", spec.text("image"))
		}
		return found, nil
	}
	return image{}, fmt.Errorf("pull %s: no login for the registry", spec.text("image"))
}

// identity returns one of the identities that an app or a job has.
func (m *machines) identity(d document, id string) (document, error) {
	for has := range d.object("identity", "userAssignedIdentities") {
		if strings.EqualFold(has, id) {
			if identity := m.cloud.get(id); identity != nil {
				return identity, nil
			}
		}
	}
	return nil, fmt.Errorf("%s does not have the identity %s", d.text("name"), id)
}

// checkJob is Azure's refusal of a job whose image cannot be pulled.
func (m *machines) checkJob(_ context.Context, d document) error {
	_, err := m.pull(d, containerOf(d))
	return err
}

// containerOf is the only container of an app or a job.
func containerOf(d document) document {
	containers := d.objects("properties", "template", "containers")
	if len(containers) != 1 {
		return document{}
	}
	return containers[0]
}
