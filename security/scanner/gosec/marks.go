package gosec

import (
	goscanner "go/scanner"
	"go/token"
	"path"
	"regexp"
	"strings"

	"example.com/rates/security/scanner"
)

var (
	// The directives that gosec obeys at the beginning of a line of a comment.
	nosec = regexp.MustCompile(`^(#\s*nosec|nosec|gosec:disable)\b(.*)`)
	// The rules and the reason that must follow one.
	justified = regexp.MustCompile(`^\s*G[0-9]{3}([\s,]+G[0-9]{3})*\s+--\s*\S`)
	// The directive of golangci-lint: linters, or all, and a reason.
	nolint = regexp.MustCompile(`^//\s*nolint\b(?::([\w, -]*))?(?:\s*//\s*(\S.*))?`)
	// A list of linters with gosec among them.
	gosecOff = regexp.MustCompile(`\b(gosec|all)\b`)
)

// unjustifiedMarks returns the comments of a Go file that switch gosec off
// without a rule and a reason. Text in a string is not a comment, so a file
// that does not parse is an error.
func unjustifiedMarks(name string, content []byte) ([]scanner.Mark, error) {
	if path.Ext(name) != ".go" {
		return nil, nil
	}
	files := token.NewFileSet()
	file := files.AddFile("", files.Base(), len(content))
	var lex goscanner.Scanner
	var problems goscanner.ErrorList
	lex.Init(file, content, problems.Add, goscanner.ScanComments)
	var found []scanner.Mark
	for {
		pos, tok, text := lex.Scan()
		switch tok {
		case token.EOF:
			if len(problems) > 0 {
				return nil, scanner.Errorf(scanner.BadInput, "%s:%d: %s", name, problems[0].Pos.Line, problems[0].Msg)
			}
			return found, nil
		case token.COMMENT:
			for i, line := range strings.Split(text, "\n") {
				if unjustified(line) {
					found = append(found, scanner.Mark{Line: file.PositionFor(pos, false).Line + i, Text: strings.TrimSpace(line)})
				}
			}
		default:
		}
	}
}

// unjustified reports whether a line of a comment switches gosec off without
// saying for which rule and why.
func unjustified(line string) bool {
	if m := nolint.FindStringSubmatch(line); m != nil {
		return (strings.TrimSpace(m[1]) == "" || gosecOff.MatchString(m[1])) && m[2] == ""
	}
	m := nosec.FindStringSubmatch(strings.TrimLeft(line, "/* \t"))
	return m != nil && !justified.MatchString(m[2])
}
