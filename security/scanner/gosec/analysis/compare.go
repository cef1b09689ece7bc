package analysis

import (
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// comparers are the functions that compare in variable time. The arguments that they
// compare come first.
var comparers = map[string]bool{
	"bytes.Equal": true, "bytes.EqualFold": true, "bytes.Compare": true, "strings.EqualFold": true, "strings.Compare": true,
	"cmp.Compare": true, "cmp.Less": true, "slices.Equal": true, "slices.Compare": true, "slices.Contains": true, "slices.Index": true,
	"reflect.DeepEqual": true, "strings.HasPrefix": true, "strings.HasSuffix": true, "strings.Contains": true, "maps.Equal": true,
}

func (a *auditor) comparingCall(call ssa.CallInstruction) {
	callee := objectOf(call.Common())
	if callee == nil || !comparers[callee.FullName()] || len(call.Common().Args) < 2 {
		return
	}
	a.comparison(call.Pos(), call.Common().Args[0], call.Common().Args[1])
}

// comparison reports a comparison with a secret. One with a constant is a test for
// nothing, or for a word of a language, unless the secret comes from outside.
func (a *auditor) comparison(at token.Pos, x, y ssa.Value) {
	if from, other := container(x), container(y); from != nil && other != nil {
		x, y = from, other // byte by byte
	}
	if !compares(x.Type()) || !compares(y.Type()) || isEmpty(x) || isEmpty(y) {
		return
	}
	a.sink()
	s := secrets{flow: a.flow, lists: [][]string{secretWords}}
	w := walk{flow: a.flow, judge: s.opinion, open: follow, seen: map[visited]bool{}}
	w.culprit = func(v ssa.Value, site token.Pos) {
		a.issue(Compare, site, "A secret, %s, is compared in a time that depends on how much of it is right.", a.flow.describe(v))
	}
	for _, side := range []ssa.Value{x, y} {
		w.from(step{value: side, site: at})
	}
}

// container returns the text that a byte is an element of, nil for other values.
func container(v ssa.Value) ssa.Value {
	if !isByte(v.Type()) {
		return nil
	}
	switch w := v.(type) {
	case *ssa.UnOp:
		if at, ok := w.X.(*ssa.IndexAddr); ok {
			return at.X
		}
	case *ssa.Index:
		return w.X
	case *ssa.Lookup:
		return w.X
	}
	return nil
}

// compares reports whether values of a type are text when they are compared.
func compares(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0
	case *types.Slice, *types.Array, *types.Interface, *types.Pointer:
		return carriesText(t)
	case *types.Struct:
		return false
	}
	return false
}

// isEmpty reports whether a value is the empty string or nil.
func isEmpty(v ssa.Value) bool {
	if made, ok := v.(*ssa.MakeInterface); ok {
		v = made.X
	}
	c, ok := v.(*ssa.Const)
	return ok && (c.Value == nil || c.Value.Kind() == constant.String && constant.StringVal(c.Value) == "")
}
