package analysis

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// logging traces what a call writes to a log, to the streams of the process, or into
// an error.
func (a *auditor) logging(call ssa.CallInstruction) {
	if written := writtenBy(call.Common()); len(written) > 0 {
		a.leak(call.Pos(), written...)
	}
}

// errorField traces the text of an error that is a struct.
func (a *auditor) errorField(store *ssa.Store) {
	at, ok := store.Addr.(*ssa.FieldAddr)
	if ok && isString(store.Val.Type()) && isError(at.X.Type()) {
		a.leak(store.Pos(), store.Val)
	}
}

// errorText traces the text of an error that is a string.
func (a *auditor) errorText(made *ssa.MakeInterface) {
	if isString(made.X.Type()) && isError(made.X.Type()) {
		if text, ok := made.X.(*ssa.ChangeType); ok {
			a.leak(text.Pos(), text.X) // an implicit conversion to error has no place
		}
	}
}

// leak reports the secrets in what is written.
func (a *auditor) leak(at token.Pos, written ...ssa.Value) {
	a.sink()
	s := secrets{flow: a.flow, lists: [][]string{secretWords, connectionWords}, types: holdsSecret}
	w := walk{flow: a.flow, judge: s.opinion, open: follow, seen: map[visited]bool{}}
	w.culprit = func(v ssa.Value, site token.Pos) {
		a.issue(Leak, site, "A secret, %s, is written to a log or into an error.", a.flow.describe(v))
	}
	for _, arg := range written {
		w.from(step{value: arg, site: at})
	}
}

// writtenBy returns the arguments of a call that people may read afterwards.
func writtenBy(call *ssa.CallCommon) []ssa.Value {
	if b, ok := call.Value.(*ssa.Builtin); ok && (b.Name() == "print" || b.Name() == "println") {
		return call.Args
	}
	callee := objectOf(call)
	if callee == nil || callee.Pkg() == nil {
		return nil
	}
	if call.IsInvoke() && callee.Name() == "Write" && inLog(call) {
		return call.Args
	}
	args := call.Args
	if callee.Signature().Recv() != nil && !call.IsInvoke() && len(args) > 0 {
		args = args[1:]
	}
	switch name := callee.Name(); callee.Pkg().Path() {
	case "log":
		if strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "Fatal") || strings.HasPrefix(name, "Panic") || name == "Output" || name == "SetPrefix" {
			return args
		}
	case "log/slog":
		return args
	case "fmt":
		switch {
		case strings.HasPrefix(name, "Print"), name == "Errorf":
			return args
		case strings.HasPrefix(name, "Fprint") && toProcess(args[0]):
			return args[1:]
		}
	case "errors":
		if name == "New" {
			return args
		}
	case "encoding/json":
		if name == "Encode" && toProcess(call.Args[0]) {
			return call.Args[1:]
		}
	case "net/http":
		if name == "Error" {
			return args[1:2]
		}
	case "os", "io":
		if strings.HasPrefix(name, "Write") && len(call.Args) > 1 && toProcess(call.Args[0]) {
			return call.Args[1:]
		}
	case "go.opentelemetry.io/otel/attribute":
		return args
	}
	return nil
}

// inLog reports whether a writer belongs to a log: it is a field of a type that is
// called a logger.
func inLog(call *ssa.CallCommon) bool {
	load, ok := call.Value.(*ssa.UnOp)
	if !ok {
		return false
	}
	owner, ok := ownerOf(load.X).(*types.TypeName)
	return ok && slices.ContainsFunc(wordsOf(owner.Name()), func(word string) bool { return word == "log" || word == "logger" })
}

// toProcess reports whether a writer is standard output or standard error, or writes
// to one.
func toProcess(w ssa.Value) bool {
	for {
		switch v := w.(type) {
		case *ssa.MakeInterface:
			w = v.X
		case *ssa.UnOp:
			w = v.X
		case *ssa.Call:
			callee := objectOf(v.Common())
			if callee == nil || !strings.HasPrefix(callee.Name(), "New") || len(v.Call.Args) == 0 {
				return false
			}
			w = v.Call.Args[0]
		case *ssa.FieldAddr:
			name := fieldOf(v.X.Type(), v.Field).Name()
			return name == "Err" || strings.EqualFold(name, "stderr")
		case *ssa.Field:
			name := fieldOf(v.X.Type(), v.Field).Name()
			return name == "Err" || strings.EqualFold(name, "stderr")
		case *ssa.Global:
			return v.Pkg != nil && v.Pkg.Pkg.Path() == "os" && strings.HasPrefix(v.Name(), "Std")
		default:
			return false
		}
	}
}

// holdsSecret reports whether all values of a type are secret when printed: headers,
// cookies, requests, configurations of pgx, and structs of ours with a field for a
// secret and no method that hides it.
func holdsSecret(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := t.(*types.Named)
	if !ok {
		return false
	}
	switch name := named.Obj().Name(); {
	case named.Obj().Pkg() == nil:
		return false
	case named.Obj().Pkg().Path() == "net/http":
		return name == "Header" || name == "Cookie" || name == "Request"
	case fromDriver(named.Obj()):
		return name == "ConnConfig" || name == "Config"
	}
	return false
}

// printsSecret reports whether a struct shows a secret when it is printed whole: it
// has a field for one, and no method that says how it is printed.
func printsSecret(t types.Type, lists ...[]string) bool {
	s, ok := structOf(t)
	if !ok {
		return false
	}
	methods := types.NewMethodSet(t)
	for _, name := range []string{"String", "LogValue", "Format", "GoString", "MarshalText", "MarshalJSON"} {
		if methods.Lookup(nil, name) != nil {
			return false
		}
	}
	for i := range s.NumFields() {
		if f := s.Field(i); carriesText(f.Type()) && namesSecret(f.Name(), lists...) {
			return true
		}
	}
	return false
}
