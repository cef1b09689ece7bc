package govulncheck

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/modfile"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// replacedModules returns a finding for each module that a go.mod of the tree
// replaces with another: vulnerabilities are known by the names of modules, so
// those of a copy or a fork are not recognised. The repository's own modules,
// which have none, may replace each other. The error is a *scanner.Error.
func replacedModules(t tree.Tree) ([]finding.Finding, error) {
	own := ""
	if content, err := os.ReadFile(t.Path("go.mod")); err == nil {
		own = modfile.ModulePath(content)
	}
	var found []finding.Finding
	for _, name := range t.Matching("go.mod") {
		content, err := os.ReadFile(t.Path(name))
		if err != nil {
			return nil, scanner.Errorf(scanner.InputUnavailable, "%w", err)
		}
		file, err := modfile.Parse(name, content, nil)
		if err != nil {
			return nil, scanner.Errorf(scanner.BadInput, "%w", err)
		}
		for _, replace := range file.Replace {
			old, by := replace.Old.Path, replace.New.Path
			if old == by || own != "" && (old == own || strings.HasPrefix(old, own+"/")) {
				continue
			}
			found = append(found, finding.Finding{
				Rule: scanner.NotExamined, Severity: finding.Medium, File: name, Line: replace.Syntax.Start.Line, Package: old,
				Message: fmt.Sprintf("%s replaces %s, whose known vulnerabilities are not recognised in it.", by, old),
				Help:    "Require the module itself, in a suitable version. If a fork is necessary, write a waiver that says who maintains it.",
			})
		}
	}
	return found, nil
}
