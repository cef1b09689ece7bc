package all

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner/scannertest"
)

// Every finding in every recording of every tool says what to do.
func TestEveryFindingSaysWhatToDo(t *testing.T) {
	judged := map[string]int{}
	for _, gate := range withTools() {
		canaries, err := os.ReadDir(filepath.Join("..", "..", "canaries", gate.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, canary := range canaries {
			name := gate.Name() + "/" + canary.Name()
			recorded, err := filepath.Glob("../*/testdata/" + name + "*")
			if err != nil || len(recorded) == 0 || !canary.IsDir() {
				continue
			}
			outcome, err := gate.Scan(t.Context(), scannertest.Replay(t, name))
			if err != nil {
				continue // a recording of input that the gate refuses
			}
			for _, f := range outcome.Findings {
				judged[gate.Name()]++
				mustHelp(t, name, f)
			}
		}
		if judged[gate.Name()] == 0 {
			t.Errorf("no recording of %s has a finding", gate.Name())
		}
	}
}

func mustHelp(t *testing.T, where string, f finding.Finding) {
	t.Helper()
	if help := strings.TrimSpace(f.Help); help == "" || strings.Contains(help, "about  says") {
		t.Errorf("%s: %s at %s says %q to do", where, f.Rule, f.Place(), f.Help)
	}
}
