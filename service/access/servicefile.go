package access

import (
	"fmt"
	"strings"
)

// withCredential returns a service file of libpq in which the section named service
// has the user and the password of c. Everything else stays as it is: other sections,
// comments, and keys such as host. A section that is missing is added at the end.
func withCredential(file, service string, c Credential) (string, error) {
	ours := "user=" + c.User + "\npassword=" + c.password + "\n"
	var out strings.Builder
	found, within := false, false
	for line := range strings.Lines(file) {
		text := strings.TrimSpace(line)
		if name, ok := sectionName(text); ok {
			if within = name == service; within {
				if found {
					return "", fmt.Errorf("it has the section [%s] twice; keep one", service)
				}
				found = true
				out.WriteString(endLine(line) + ours)
				continue
			}
		}
		if within && isCredential(text) {
			continue
		}
		out.WriteString(endLine(line))
	}
	if !found {
		out.WriteString("[" + service + "]\n" + ours)
	}
	return out.String(), nil
}

func sectionName(text string) (string, bool) {
	if !strings.HasPrefix(text, "[") || !strings.HasSuffix(text, "]") {
		return "", false
	}
	return text[1 : len(text)-1], true
}

func isCredential(text string) bool {
	key, _, ok := strings.Cut(text, "=")
	key = strings.TrimSpace(key)
	return ok && (key == "user" || key == "password")
}

// endLine ends the last line of a file, which may lack its end.
func endLine(line string) string { return strings.TrimSuffix(line, "\n") + "\n" }
