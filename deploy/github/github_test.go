package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/internal/cli"
)

// memory is a repository as GitHub keeps it: rulesets get a number, and their
// parameters get more of them with defaults.
type memory struct {
	objects map[string]object
	sent    []string
}

func (m *memory) get(_ context.Context, path string) (object, error) {
	if found, ok := m.objects[path]; ok {
		return found, nil
	}
	return object{}, nil
}

func (m *memory) list(_ context.Context, path string) (found []object, err error) {
	for at, one := range m.objects {
		if strings.HasPrefix(at, path+"/") {
			found = append(found, one)
		}
	}
	return found, nil
}

func (m *memory) send(_ context.Context, method, path string, body any) error {
	m.sent = append(m.sent, method+" "+path)
	var sent object
	if err := convert(body, &sent); err != nil {
		return err
	}
	switch {
	case method == "POST" && path == "/rulesets":
		id := float64(len(m.sent))
		sent["id"] = id
		path = fmt.Sprintf("/rulesets/%v", id)
		fallthrough
	case method == "PUT" && strings.HasPrefix(path, "/rulesets/"):
		for _, rule := range sent["rules"].([]any) {
			if parameters, ok := rule.(object)["parameters"].(object); ok {
				parameters["added"] = true
			}
		}
		m.objects[path] = sent
	case method == "POST":
		there, _ := m.objects[path]["branch_policies"].([]any)
		sent["id"] = 5
		m.objects[path] = object{"branch_policies": append(there, sent)}
	default:
		there := object{"more": "of it"}
		maps.Copy(there, m.objects[path])
		maps.Copy(there, sent)
		m.objects[path] = there
	}
	return nil
}

func folder(t *testing.T) wanted {
	t.Helper()
	w, err := read(os.DirFS("../../.github"))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// settled sets or checks a repository, and returns what was printed and the exit
// code.
func settled(t *testing.T, on *memory, check bool) (out string, code int) {
	t.Helper()
	var printed bytes.Buffer
	err := settle(t.Context(), folder(t), on, check, cli.Streams{Out: &printed})
	if exit, ok := errors.AsType[*cli.ExitError](err); ok {
		return printed.String(), exit.Code
	}
	if err != nil {
		t.Fatal(err)
	}
	return printed.String(), 0
}

// The settings are found missing, set, and then found as they should be. A check
// changes nothing.
func TestSettle(t *testing.T) {
	on := &memory{objects: map[string]object{}}
	out, code := settled(t, on, true)
	if code != exitDiffers || len(on.sent) > 0 || !strings.Contains(out, "differs: ruleset main\n") {
		t.Errorf("a check of a new repository: %d, sent %q\n%s", code, on.sent, out)
	}
	if out, code := settled(t, on, false); code != 0 || !strings.Contains(out, "set: environment dev: tag v*\n") {
		t.Errorf("setting a new repository: %d\n%s", code, out)
	}
	sent := len(on.sent)
	for _, check := range []bool{true, false} {
		if out, code := settled(t, on, check); code != 0 || out != "everything is as it should be\n" || len(on.sent) > sent {
			t.Errorf("afterwards, with check %t: %d, sent %q\n%s", check, code, on.sent[sent:], out)
		}
	}
}

func TestDifferencesAreNamed(t *testing.T) {
	ruleset := func(on *memory, name string) object {
		for _, o := range on.objects {
			if o["name"] == name {
				return o
			}
		}
		t.Fatalf("there is no ruleset %s", name)
		return nil
	}
	const prod = "/environments/prod/deployment-branch-policies"
	for name, c := range map[string]struct {
		change func(on *memory)
		want   string
	}{
		"a check that is no longer required": {
			func(on *memory) { on.remove(ruleset(on, "main"), "required_status_checks") }, "differs: ruleset main",
		},
		"a ruleset that only reports": {
			func(on *memory) { ruleset(on, "main")["enforcement"] = "evaluate" }, "differs: ruleset main",
		},
		"somebody who may bypass": {
			func(on *memory) { ruleset(on, "releases")["bypass_actors"] = []any{object{"actor_id": 1}} }, "differs: ruleset releases",
		},
		"a token that writes": {
			func(on *memory) {
				on.objects["/actions/permissions/workflow"]["default_workflow_permissions"] = "write"
			}, "differs: a token that reads",
		},
		"any action": {
			func(on *memory) { on.objects["/actions/permissions"]["allowed_actions"] = "all" }, "differs: only named actions",
		},
		"one more action": {
			func(on *memory) {
				allowed := on.objects["/actions/permissions/selected-actions"]
				allowed["patterns_allowed"] = append(allowed["patterns_allowed"].([]any), "*/*")
			}, "differs: the actions that the workflows use",
		},
		"an environment for every branch": {
			func(on *memory) { on.objects["/environments/prod"]["deployment_branch_policy"] = nil }, "differs: environment prod\n",
		},
		"an environment for another branch": {
			func(on *memory) {
				on.objects[prod]["branch_policies"] = append(on.objects[prod]["branch_policies"].([]any), object{"name": "*", "type": "branch"})
			}, "differs: environment prod also lets in branch *",
		},
		"an environment without its tag": {
			func(on *memory) { delete(on.objects, prod) }, "differs: environment prod: tag v*",
		},
	} {
		on := &memory{objects: map[string]object{}}
		settled(t, on, false)
		c.change(on)
		if out, code := settled(t, on, true); code != exitDiffers || !strings.Contains(out, c.want) || strings.Count(out, "\n") != 1 {
			t.Errorf("%s: %d, want %q alone\n%s", name, code, c.want, out)
		}
	}
}

func (m *memory) remove(ruleset object, rule string) {
	var kept []any
	for _, one := range ruleset["rules"].([]any) {
		if one.(object)["type"] != rule {
			kept = append(kept, one)
		}
	}
	ruleset["rules"] = kept
}

// The program asks gh, takes 404 for nothing there, and passes on what else fails.
func TestGh(t *testing.T) {
	bin := t.TempDir()
	text := `#!/bin/sh
case "$*" in
"api repos/o/r/there") echo '{"a": 1}' ;;
"api repos/o/r/none") echo 'gh: Not Found (HTTP 404)' >&2; exit 1 ;;
"api repos/o/r/rulesets --method POST --input -") cat >"$SENT" ;;
*) echo 'gh: Must have admin rights (HTTP 403)' >&2; exit 1 ;;
esac
`
	if err := os.WriteFile(filepath.Join(bin, "gh"), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	sent := filepath.Join(bin, "sent")
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("SENT", sent)
	on := gh{"repos/o/r"}
	if found, err := on.get(t.Context(), "/there"); err != nil || found["a"] != 1.0 {
		t.Errorf("%v, %v", found, err)
	}
	if found, err := on.get(t.Context(), "/none"); err != nil || len(found) > 0 {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := on.list(t.Context(), "/refused"); err == nil || !strings.Contains(err.Error(), "admin rights") {
		t.Errorf("a refusal is %v", err)
	}
	if err := on.send(t.Context(), "POST", "/rulesets", object{"b": 2}); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(sent); err != nil || string(got) != `{"b":2}` {
		t.Errorf("%s, %v", got, err)
	}
}
