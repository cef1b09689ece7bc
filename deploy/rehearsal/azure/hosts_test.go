//go:build linux

package azure

import (
	"fmt"
	"os"
	"sync"
)

// hosts gives each name an address of the loopback interface, in a file that stands in
// for /etc/hosts.
type hosts struct {
	path string

	mu    sync.Mutex
	names []string
}

const mostHosts = 250 // in the last byte of an address

// address returns the address of a name, which it has from then on.
func (h *hosts) address(name string) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, known := range h.names {
		if known == name {
			return nth(i), nil
		}
	}
	h.names = append(h.names, name)
	if len(h.names) > mostHosts {
		return "", fmt.Errorf("there are more than %d hosts", mostHosts)
	}
	text := "127.0.0.1 localhost\n"
	for i, known := range h.names {
		text += nth(i) + " " + known + "\n"
	}
	if err := os.WriteFile(h.path, []byte(text), 0o644); err != nil { // #nosec G306 -- every program looks names up in it
		return "", fmt.Errorf("give %s an address: %w", name, err)
	}
	return nth(len(h.names) - 1), nil
}

func nth(i int) string { return fmt.Sprintf("127.0.1.%d", i+1) }
