package analysis

import (
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// secrets says which values are secret, by the names that lead to them and by what
// the standard library and pgx return.
type secrets struct {
	flow  *flow
	lists [][]string // of words
	// types reports whether all values of a type are secret; nil means that none is.
	types func(types.Type) bool
}

// opinion is for walks from a value that is compared or written.
func (s secrets) opinion(v ssa.Value) opinion {
	if !isText(v.Type()) || isTime(v.Type()) || isError(v.Type()) {
		return clean
	}
	if c, ok := v.(*ssa.Const); ok && c.Value == nil {
		return clean
	}
	if s.types != nil && s.types(v.Type()) {
		return guilty
	}
	if made, ok := v.(*ssa.MakeInterface); ok && s.types != nil && printsSecret(made.X.Type(), s.lists...) {
		return guilty
	}
	if extract, ok := v.(*ssa.Extract); ok {
		if call, ok := extract.Tuple.(*ssa.Call); ok {
			return s.ofCall(call.Common(), extract.Index)
		}
	}
	if call, ok := v.(*ssa.Call); ok {
		return s.ofCall(call.Common(), 0)
	}
	for _, name := range s.flow.namesOf(v) {
		if namesSecret(name, s.lists...) && carriesText(v.Type()) {
			return guilty
		}
	}
	if lookup, ok := v.(*ssa.Lookup); ok {
		return s.ofLookup(lookup)
	}
	return follow
}

// ofLookup is the opinion on an element of a map: header["Authorization"] is secret,
// header["Accept"] is not.
func (s secrets) ofLookup(lookup *ssa.Lookup) opinion {
	if _, ok := lookup.Index.(*ssa.Const); !ok {
		return follow
	}
	if s.constant(lookup.Index) {
		return guilty
	}
	if s.types != nil && s.types(lookup.X.Type()) {
		return clean
	}
	return follow
}

// ofCall is the opinion on a result of a call.
func (s secrets) ofCall(call *ssa.CallCommon, index int) opinion {
	if b, ok := call.Value.(*ssa.Builtin); ok && b.Name() != "append" && b.Name() != "min" && b.Name() != "max" {
		return clean // len, cap
	}
	callee := objectOf(call)
	if callee == nil {
		return follow
	}
	result := callee.Signature().Results()
	if index >= result.Len() || !carriesText(result.At(index).Type()) {
		return follow
	}
	switch name := callee.FullName(); {
	case hides(callee.Name()), s.types != nil && hashes(callee):
		return clean
	case name == "(*net/http.Request).BasicAuth":
		if index == 1 {
			return guilty
		}
		return clean
	case name == "crypto/hmac.New", name == "(*net/url.Userinfo).Password":
		return guilty
	case name == "(*net/url.Userinfo).Username", name == "(*net/url.URL).Redacted":
		return clean
	}
	if namesSecret(callee.Name(), s.lists...) {
		return guilty
	}
	// os.Getenv("RATES_TOKEN"), header.Get("Authorization"), r.FormValue("password")
	if _, known := callee.Pkg(), s.flow.hasBody(call); !known && !rearranges(call) {
		for _, arg := range call.Args {
			if s.constant(arg) {
				return guilty
			}
		}
	}
	return follow
}

// constant reports whether a value is a constant text that names a secret.
func (s secrets) constant(v ssa.Value) bool {
	if made, ok := v.(*ssa.MakeInterface); ok {
		v = made.X
	}
	c, ok := v.(*ssa.Const)
	return ok && c.Value != nil && c.Value.Kind() == constant.String && namesSecret(constant.StringVal(c.Value), s.lists...)
}

// hides reports whether a function is one that makes a secret unreadable.
func hides(name string) bool {
	for _, word := range wordsOf(name) {
		switch strings.TrimSuffix(strings.TrimSuffix(word, "ed"), "e") {
		case "redact", "mask", "hid", "hidden", "scrub", "censor", "obscur", "fingerprint", "encrypt":
			return true
		}
	}
	return false
}

// hasBody reports whether a call is of functions of the program.
func (f *flow) hasBody(call *ssa.CallCommon) bool {
	callee := call.StaticCallee()
	return callee != nil && len(callee.Blocks) > 0
}

// namesOf returns the names that the program gives a value.
func (f *flow) namesOf(v ssa.Value) []string {
	names := f.names[v]
	switch w := v.(type) {
	case *ssa.Parameter:
		return append(names, w.Name())
	case *ssa.FreeVar:
		return append(names, w.Name())
	case *ssa.Global:
		return append(names, w.Name())
	case *ssa.Alloc:
		return append(names, w.Comment)
	case *ssa.FieldAddr:
		return append(names, qualified(w, fieldOf(w.X.Type(), w.Field)))
	case *ssa.Field:
		return append(names, qualified(w, fieldOf(w.X.Type(), w.Field)))
	}
	return names
}

// qualified returns the name of a field, with that of its type where the field says
// nothing by itself: Cookie.Value.
func qualified(v ssa.Value, field *types.Var) string {
	if owner, ok := ownerOf(v).(*types.TypeName); ok && field.Name() == "Value" {
		return owner.Name() + "." + field.Name()
	}
	return field.Name()
}

// carriesText reports whether values of a type are text, or lead to it: strings,
// bytes, pointers to them, containers of them, and what is not known to be something
// else.
func carriesText(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0
	case *types.Pointer:
		return carriesText(u.Elem())
	case *types.Slice:
		return isByte(u.Elem()) || carriesText(u.Elem())
	case *types.Array:
		return isByte(u.Elem()) || carriesText(u.Elem())
	case *types.Map:
		return carriesText(u.Elem())
	case *types.Interface:
		return !isError(t) && (u.NumMethods() == 0 || t.String() == "hash.Hash")
	}
	return false
}

func isByte(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.Byte
}

func isError(t types.Type) bool { return types.Implements(t, errorType) }

var errorType = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)
