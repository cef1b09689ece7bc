package azure

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"example.com/rates/service/login/logintest"
)

// Machines run what the documents of a Cloud describe: a PostgreSQL for each server,
// and a program for each replica and each execution of a job.
type Machines struct {
	cloud  *Cloud
	ca     *Authority
	roots  string // path of the certificate of ca
	hosts  *Hosts
	entra  *logintest.Entra
	images map[string]Image // by digest

	mu      sync.Mutex
	servers map[string]*server  // by name
	apps    map[string]*ingress // by key
}

// Image is the program that a digest stands for.
type Image struct {
	Name    string   // of the repository, such as rates
	Command []string // unless the document has another
	Dir     string   // where it runs
}

// NewMachines lets a cloud run images, by digest. roots is a file with the certificate
// of the authority, which stands for the roots that an image has.
func NewMachines(cloud *Cloud, ca *Authority, roots string, hosts *Hosts, images map[string]Image) (*Machines, error) {
	m := &Machines{cloud: cloud, ca: ca, roots: roots, hosts: hosts, images: images, servers: map[string]*server{}, apps: map[string]*ingress{}}
	var err error
	if m.entra, err = logintest.NewEntra(m.objectID); err != nil {
		return nil, err
	}
	cloud.effects = map[string]effect{
		serverKind:                     {put: m.startServer, remove: m.stopServer},
		serverKind + "/databases":      {put: m.createDatabase},
		serverKind + "/administrators": {put: m.createAdministrator},
		appKind:                        {put: m.release, remove: m.end},
		jobKind:                        {put: m.checkJob},
		jobKind + "/executions":        {put: m.execute},
	}
	return m, nil
}

// Close ends everything that runs.
func (m *Machines) Close() error {
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

// Running returns the names of what runs.
func (m *Machines) Running() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name := range m.servers {
		names = append(names, name)
	}
	for key := range m.apps {
		names = append(names, key)
	}
	return names
}

// image returns the program of a container, if its identity may pull it.
func (m *Machines) image(d, spec document) (Image, error) {
	host, rest, _ := strings.Cut(spec.text("image"), "/")
	name, digest, pinned := strings.Cut(rest, "@")
	if !pinned {
		return Image{}, fmt.Errorf("the image %s has no digest", spec.text("image"))
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
			return Image{}, fmt.Errorf("pull %s: %w", spec.text("image"), err)
		}
		if !m.cloud.mayAs("AcrPull", identity.text("properties", "principalId"), registry.text("id")) {
			return Image{}, fmt.Errorf("pull %s: the identity %s has no role AcrPull on the registry", spec.text("image"), identity.text("name"))
		}
		m.mu.Lock()
		image := m.images[digest]
		m.mu.Unlock()
		if registry.at("imported", digest) == nil || image.Name != name {
			return Image{}, fmt.Errorf("pull %s: MANIFEST_UNKNOWN: the registry has no such image", spec.text("image"))
		}
		return image, nil
	}
	return Image{}, fmt.Errorf("pull %s: no login for the registry", spec.text("image"))
}

// identity returns one of the identities that an app or a job has.
func (m *Machines) identity(d document, id string) (document, error) {
	for own := range d.object("identity", "userAssignedIdentities") {
		if strings.EqualFold(own, id) {
			if identity := m.cloud.get(id); identity != nil {
				return identity, nil
			}
		}
	}
	return nil, fmt.Errorf("%s does not have the identity %s", d.text("name"), id)
}

// checkJob is Azure's refusal of a job whose image cannot be pulled.
func (m *Machines) checkJob(_ context.Context, d document) error {
	_, err := m.image(d, containerOf(d))
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

// Push adds an image that can be imported.
func (m *Machines) Push(digest string, image Image) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.images[digest] = image
}
