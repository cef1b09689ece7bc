package script

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// expression matches an expression of a workflow.
var expression = regexp.MustCompile(`(?s)\$\{\{.*?\}\}`)

// masked replaces the expressions of workflows with words of the same length, so
// that a shell's parser takes the text and its positions stay true.
func masked(text string) []byte {
	return expression.ReplaceAllFunc([]byte(text), func(m []byte) []byte {
		return slices.Repeat([]byte("x"), len(m))
	})
}

// parse returns the statements of a script. A line at which the parser fails, as in
// PowerShell or JavaScript, is read by plain, and the rest is parsed without it. A
// script whose parentheses are nested deeper than anybody writes is plain as a whole.
func parse(text string) []*syntax.Stmt {
	code := masked(text)
	if nested(text) {
		return everyLine(text, code, nil)
	}
	for _, variant := range []syntax.LangVariant{syntax.LangBash, syntax.LangBats, syntax.LangMirBSDKorn} {
		if file, err := parser(variant).Parse(bytes.NewReader(code), ""); err == nil {
			return file.Stmts
		}
	}
	var found []*syntax.Stmt
	const most = 100 // lines at which the parser fails; what follows is plain
	for range most {
		file, err := parser(syntax.LangBash).Parse(bytes.NewReader(code), "")
		if err == nil {
			return inOrder(append(found, file.Stmts...))
		}
		start, end := lineAt(code, int(failure(err).Offset()))
		if len(bytes.TrimSpace(code[start:end])) == 0 {
			break
		}
		found = append(found, plain(text, start, end)...)
		for i := start; i < end; i++ {
			if code[i] != '\n' {
				code[i] = ' '
			}
		}
	}
	return everyLine(text, code, found)
}

// everyLine reads what is left of a script by plain.
func everyLine(text string, code []byte, found []*syntax.Stmt) []*syntax.Stmt {
	for start := 0; start < len(code); {
		var end int
		start, end = lineAt(code, start)
		if len(bytes.TrimSpace(code[start:end])) > 0 {
			found = append(found, plain(text, start, end)...)
		}
		start = end + 1
	}
	return inOrder(found)
}

func nested(text string) bool {
	const most = 200
	depth := 0
	for _, c := range []byte(text) {
		switch c {
		case '(', '{':
			depth++
		case ')', '}':
			depth = max(depth-1, 0)
		}
		if depth > most {
			return true
		}
	}
	return false
}

func parser(variant syntax.LangVariant) *syntax.Parser {
	return syntax.NewParser(syntax.Variant(variant))
}

func inOrder(all []*syntax.Stmt) []*syntax.Stmt {
	slices.SortStableFunc(all, func(a, b *syntax.Stmt) int { return int(a.Pos().Offset()) - int(b.Pos().Offset()) })
	return all
}

// failure returns where the parser failed.
func failure(err error) syntax.Pos {
	var grammar syntax.ParseError
	var language syntax.LangError
	switch {
	case errors.As(err, &grammar):
		return grammar.Pos
	case errors.As(err, &language):
		return language.Pos
	}
	return syntax.Pos{}
}

// lineAt returns where the line around an offset begins and ends, with the lines
// that continue it.
func lineAt(text []byte, at int) (start, end int) {
	at = min(at, len(text))
	start = bytes.LastIndexByte(text[:at], '\n') + 1
	end = start
	for end < len(text) && (text[end] != '\n' || end > 0 && text[end-1] == '\\') {
		end++
	}
	return start, end
}

var (
	separator = regexp.MustCompile(`[;\n]|&&?|\|\|`)
	opening   = regexp.MustCompile("[(`]")
	token     = regexp.MustCompile(`\d*>+|[^\s>]+`)
)

// plain reads a line that is not a shell's: it takes no notice of quotes, splits
// at every sign that separates commands, and takes what is in parentheses for the
// input of what is before them, so that it sees too much rather than too little.
func plain(text string, start, end int) []*syntax.Stmt {
	var all []*syntax.Stmt
	for _, part := range pieces(separator, text, span{start, end}) {
		inner := pieces(opening, text, part)
		slices.Reverse(inner)
		var whole *syntax.Stmt
		for _, pipeline := range inner {
			for _, stage := range pieces(pipe, text, pipeline) {
				s := plainCommand(text, stage)
				switch {
				case s == nil:
				case whole == nil:
					whole = s
				default:
					whole = &syntax.Stmt{Position: position(part.start), Cmd: &syntax.BinaryCmd{Op: syntax.Pipe, X: whole, Y: s}}
				}
			}
		}
		if whole != nil {
			all = append(all, whole)
		}
	}
	return all
}

var pipe = regexp.MustCompile(`\|&?`)

// span is a part of a text.
type span struct{ start, end int }

func pieces(at *regexp.Regexp, text string, s span) []span {
	var all []span
	from := s.start
	for _, m := range at.FindAllStringIndex(text[s.start:s.end], -1) {
		all = append(all, span{from, s.start + m[0]})
		from = s.start + m[1]
	}
	return append(all, span{from, s.end})
}

func position(offset int) syntax.Pos { return syntax.NewPos(uint(offset), 1, 1) }

func plainCommand(text string, s span) *syntax.Stmt {
	call := &syntax.CallExpr{}
	stmt := &syntax.Stmt{Position: position(s.start), Cmd: call}
	redirected := false
	for _, m := range token.FindAllStringIndex(text[s.start:s.end], -1) {
		first, last := s.start+m[0], s.start+m[1]
		value := strings.Trim(text[first:last], `"'(){}[]$<,\`)
		lit := &syntax.Lit{ValuePos: position(first), ValueEnd: position(last), Value: value}
		word := &syntax.Word{Parts: []syntax.WordPart{lit}}
		switch {
		case strings.HasSuffix(value, ">"):
			redirected = true
		case redirected:
			redirected = false
			stmt.Redirs = append(stmt.Redirs, &syntax.Redirect{OpPos: lit.ValuePos, Op: syntax.RdrOut, Word: word})
		case value != "" && (len(call.Args) > 0 || !syntax.IsKeyword(value)):
			call.Args = append(call.Args, word)
		}
	}
	if len(call.Args) == 0 {
		return nil
	}
	return stmt
}
