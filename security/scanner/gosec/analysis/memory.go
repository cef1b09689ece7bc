package analysis

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// place is where values are kept: an allocation, a global variable, or a field of
// all values of a struct type. The elements of a container share its place.
type place any

// memory knows what is written to places, anywhere in a program.
type memory struct {
	flow   *flow
	writes map[place][]ssa.Value
	// shared are places that code outside of the program may write to.
	shared map[place]bool
	// passed are the parameters that a place is handed to by its address.
	passed map[place][]*ssa.Parameter
	made   map[*ssa.Function][]*ssa.MakeClosure
}

func newMemory(f *flow, functions []*ssa.Function) *memory {
	m := &memory{
		flow: f, writes: map[place][]ssa.Value{}, shared: map[place]bool{},
		passed: map[place][]*ssa.Parameter{}, made: map[*ssa.Function][]*ssa.MakeClosure{},
	}
	each := func(visit func(ssa.Instruction)) {
		for _, function := range functions {
			for _, block := range function.Blocks {
				for _, instr := range block.Instrs {
					visit(instr)
				}
			}
		}
	}
	each(func(i ssa.Instruction) {
		if c, ok := i.(*ssa.MakeClosure); ok {
			m.made[c.Fn.(*ssa.Function)] = append(m.made[c.Fn.(*ssa.Function)], c)
		}
	})
	each(m.write)
	each(m.share)
	return m
}

// write records what an instruction writes.
func (m *memory) write(instr ssa.Instruction) {
	switch i := instr.(type) {
	case *ssa.Store:
		m.add(m.place(i.Addr), i.Val)
	case *ssa.MapUpdate:
		m.add(m.place(i.Map), i.Key, i.Value)
	case *ssa.Send:
		m.add(m.place(i.Chan), i.X)
	case ssa.CallInstruction:
		common := i.Common()
		if b, ok := common.Value.(*ssa.Builtin); ok && b.Name() == "copy" {
			m.add(m.place(common.Args[0]), common.Args[1])
		}
		if to, text, ok := appended(common); ok {
			m.add(m.place(to), text...)
		}
	}
}

func (m *memory) add(at place, values ...ssa.Value) { m.writes[at] = append(m.writes[at], values...) }

// appended returns the text that a call adds to a writer, such as a strings.Builder.
func appended(call *ssa.CallCommon) (to ssa.Value, text []ssa.Value, ok bool) {
	callee := objectOf(call)
	if callee == nil {
		return nil, nil, false
	}
	switch name := callee.FullName(); {
	case strings.HasPrefix(name, "fmt.Fprint"), name == "io.WriteString":
		return call.Args[0], call.Args[1:], true
	case strings.HasPrefix(name, "(*strings.Builder).Write"), strings.HasPrefix(name, "(*bytes.Buffer).Write"):
		return call.Args[0], call.Args[1:], true
	case call.IsInvoke() && (callee.Name() == "Write" || callee.Name() == "WriteString"):
		return call.Value, call.Args, true
	}
	return nil, nil, false
}

// share records the addresses that a call hands out: to functions of the program,
// whose writes are known, or to others, which may write anything.
func (m *memory) share(instr ssa.Instruction) {
	call, ok := instr.(ssa.CallInstruction)
	if !ok {
		return
	}
	if _, ok := call.Common().Value.(*ssa.Builtin); ok {
		return
	}
	callees := m.flow.callees(call)
	outside := len(callees) == 0
	for _, callee := range callees {
		if len(callee.Blocks) == 0 {
			outside = true
			continue
		}
		for i, p := range callee.Params {
			if arg := argument(call, callee, i); arg != nil && holds(arg.Type()) {
				m.passed[m.place(arg)] = append(m.passed[m.place(arg)], p)
			}
		}
	}
	if _, _, writes := appended(call.Common()); outside && !writes && !onlyReads(call.Common()) {
		for _, arg := range call.Common().Args {
			m.shareArgument(arg)
		}
	}
}

// shareArgument records that code outside may write to what an argument points to.
// The arguments of a variadic call are elements of an array.
func (m *memory) shareArgument(arg ssa.Value) {
	if slice, ok := arg.(*ssa.Slice); ok {
		if array, ok := slice.X.(*ssa.Alloc); ok && array.Comment == "varargs" {
			for _, element := range m.writes[array] {
				m.shareArgument(element)
			}
			return
		}
	}
	if made, ok := arg.(*ssa.MakeInterface); ok {
		arg = made.X
	}
	pointer, ok := arg.Type().Underlying().(*types.Pointer)
	if !ok {
		return
	}
	m.shared[m.place(arg)] = true
	if named, ok := pointer.Elem().(*types.Named); ok {
		m.shared[named.Obj()] = true
	}
}

// onlyReads reports whether a call reads its arguments and nothing else: it prints
// them.
func onlyReads(call *ssa.CallCommon) bool {
	callee := objectOf(call)
	if callee == nil || callee.Pkg() == nil {
		return false
	}
	switch callee.Pkg().Path() {
	case "fmt":
		return !strings.Contains(callee.Name(), "can") // Sscan and the like write
	case "log", "log/slog", "errors", "strings", "bytes", "context", "sync", "sync/atomic", "time":
		return true
	}
	return false
}

// holds reports whether a value of a type leads to places that others may write to.
func holds(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Slice, *types.Chan, *types.Interface:
		return true
	}
	return false
}

// place returns where the values are that a value is, points to or contains.
func (m *memory) place(v ssa.Value) place {
	const most = 100 // a chain that is longer is a loop
	for range most {
		switch w := v.(type) {
		case *ssa.FieldAddr:
			return fieldOf(w.X.Type(), w.Field)
		case *ssa.Field:
			return fieldOf(w.X.Type(), w.Field)
		case *ssa.IndexAddr, *ssa.UnOp, *ssa.Slice, *ssa.ChangeType, *ssa.MakeInterface, *ssa.ChangeInterface, *ssa.TypeAssert:
			v = first(v)
		case *ssa.FreeVar:
			bound := m.bindings(w)
			if len(bound) != 1 {
				return w
			}
			v = bound[0]
		default:
			return v
		}
	}
	return v
}

// content returns what is written to the place of a value. open reports whether
// something else may be: nothing in the program writes a field, or code outside can.
func (m *memory) content(v ssa.Value) (written []ssa.Value, open bool) {
	at := m.place(v)
	written = m.written(at)
	switch w := at.(type) {
	case *types.Var:
		open = len(written) == 0 || m.shared[ownerOf(v)]
	case *ssa.Global:
		open = w.Pkg == nil || len(w.Pkg.Members) == 0 || w.Pkg.Func("init") == nil || len(w.Pkg.Func("init").Blocks) == 0
	}
	return written, open || m.shared[at]
}

// written returns what is written to a place, by functions that it is passed to
// as well.
func (m *memory) written(at place) []ssa.Value {
	seen := map[place]bool{}
	var all []ssa.Value
	var visit func(place)
	visit = func(p place) {
		if seen[p] {
			return
		}
		seen[p] = true
		all = append(all, m.writes[p]...)
		for _, param := range m.passed[p] {
			visit(param)
		}
	}
	visit(at)
	return all
}

// bindings returns what the closures of a function capture for a variable.
func (m *memory) bindings(v *ssa.FreeVar) []ssa.Value {
	var bound []ssa.Value
	for i, captured := range v.Parent().FreeVars {
		if captured != v {
			continue
		}
		for _, closure := range m.made[v.Parent()] {
			bound = append(bound, closure.Bindings[i])
		}
	}
	return bound
}
