package analysis

import (
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// opinion is what a rule says about a value on a walk.
type opinion int

const (
	follow opinion = iota // its origins decide
	clean                 // whatever it is made of
	guilty                // it breaks the rule
)

// walk follows a value to all of its origins. judge gives the rule's opinion on
// each; open says that a value may have an origin that the program does not show.
// culprit gets each value that breaks the rule, with the place in the outermost
// function: the sink itself, or the call that hands the value on.
type walk struct {
	flow    *flow
	judge   func(ssa.Value) opinion
	open    opinion
	culprit func(ssa.Value, token.Pos)
	seen    map[visited]bool
}

type visited struct {
	value ssa.Value
	call  ssa.CallInstruction
	site  token.Pos
}

func (w *walk) from(s step) {
	at := visited{value: s.value, site: s.site}
	if s.into != nil {
		at.call = s.into.call
	}
	if s.value == nil || w.seen[at] {
		return
	}
	w.seen[at] = true
	switch w.judge(s.value) {
	case clean:
		return
	case guilty:
		w.culprit(s.value, s.site)
		return
	case follow:
	}
	steps, open := w.origins(s)
	if open && w.open == guilty {
		w.culprit(s.value, s.site)
		return
	}
	for _, next := range steps {
		w.from(next)
	}
}

// origins adds to those of the flow the functions of other packages that only
// rearrange text: the result has what the arguments have.
func (w *walk) origins(s step) ([]step, bool) {
	call, ok := s.value.(*ssa.Call)
	if extract, is := s.value.(*ssa.Extract); is {
		call, ok = extract.Tuple.(*ssa.Call)
	}
	if !ok || !rearranges(call.Common()) {
		return w.flow.origins(s)
	}
	args := call.Call.Args
	if call.Call.IsInvoke() {
		args = append([]ssa.Value{call.Call.Value}, args...)
	}
	var steps []step
	for i, arg := range args {
		if i != 1 || !removes(objectOf(call.Common())) {
			steps = append(steps, step{arg, s.site, s.into})
		}
	}
	return steps, false
}

// removes reports whether the second argument of a function is a text that its
// result lacks.
func removes(f *types.Func) bool {
	for _, start := range []string{"Replace", "Trim", "Cut", "Split", "Fields"} {
		if strings.HasPrefix(f.Name(), start) {
			return true
		}
	}
	return false
}

// textual are the packages whose functions make text of their arguments alone.
var textual = map[string]bool{
	"strings": true, "bytes": true, "strconv": true, "slices": true, "maps": true, "path": true, "cmp": true,
	"unicode/utf8": true, "encoding/hex": true, "encoding/base64": true, "html": true, "net/url": true,
}

// rearranges reports whether the result of a call has nothing but what its
// arguments, and what was written to its receiver, have.
func rearranges(call *ssa.CallCommon) bool {
	callee := objectOf(call)
	if callee == nil || callee.Pkg() == nil {
		return false
	}
	switch {
	case textual[callee.Pkg().Path()], hashes(callee):
		return true
	case callee.Pkg().Path() == "fmt":
		return strings.HasPrefix(callee.Name(), "Sprint") || strings.HasPrefix(callee.Name(), "Append")
	case callee.Pkg().Path() == "time":
		return callee.Name() == "Format" || callee.Name() == "String"
	}
	return false
}

// hashes reports whether a function returns a digest.
func hashes(f *types.Func) bool {
	if f.Pkg() == nil || !strings.HasPrefix(f.Name(), "Sum") {
		return false
	}
	return f.Pkg().Path() == "hash" || strings.HasPrefix(f.Pkg().Path(), "crypto/sha") || f.Pkg().Path() == "crypto/md5"
}

// objectOf returns the function or method that a call names, nil if it calls a
// variable. For a method value it is the method.
func objectOf(call *ssa.CallCommon) *types.Func {
	if call.IsInvoke() {
		return call.Method
	}
	callee := call.StaticCallee()
	if callee == nil {
		return nil
	}
	if origin := callee.Origin(); origin != nil {
		callee = origin
	}
	object, _ := callee.Object().(*types.Func)
	return object
}

// fieldOf returns a field of a struct, or of what a pointer points to. Those of a
// generic type are the same for all of its instances.
func fieldOf(t types.Type, index int) *types.Var {
	if s, ok := structOf(t); ok {
		return s.Field(index).Origin()
	}
	return nil
}

func structOf(t types.Type) (*types.Struct, bool) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	return s, ok
}

// ownerOf returns the name of the struct type that a field is read from, nil if it
// has none.
func ownerOf(v ssa.Value) place {
	var t types.Type
	switch f := v.(type) {
	case *ssa.FieldAddr:
		t = f.X.Type()
	case *ssa.Field:
		t = f.X.Type()
	default:
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj()
	}
	return nil
}
