package analysis

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/callgraph"
	"golang.org/x/tools/go/callgraph/cha"
	"golang.org/x/tools/go/callgraph/vta"
	"golang.org/x/tools/go/ssa"
)

// flow knows where the values of a program come from.
type flow struct {
	program *ssa.Program
	calls   *callgraph.Graph
	memory  *memory
	generic map[*ssa.Function]bool // they are never called; their instances are
	// names are the variables that hold a value.
	names map[ssa.Value][]string
}

func newFlow(c code) *flow {
	f := &flow{
		program: c.program,
		calls:   vta.CallGraph(c.all(), cha.CallGraph(c.program)),
		generic: c.generic,
		names:   map[ssa.Value][]string{},
	}
	f.memory = newMemory(f, c.functions)
	for _, function := range c.functions {
		for _, block := range function.Blocks {
			for _, instr := range block.Instrs {
				if d, ok := instr.(*ssa.DebugRef); ok && d.Object() != nil && !d.IsAddr {
					f.names[d.X] = append(f.names[d.X], d.Object().Name())
				}
			}
		}
	}
	return f
}

// step is a value and where the walk to it left the function that it began in.
type step struct {
	value ssa.Value
	site  token.Pos
	into  *entry // the calls whose results are being followed
}

// entry is a call that a walk entered by its result, so that it leaves the function
// by the arguments of this call and no other.
type entry struct {
	call  ssa.CallInstruction
	outer *entry
	depth int
}

// deepest bounds the calls within calls that a walk follows.
const deepest = 12

// origins returns the values that a value is made of. open reports whether it may
// also be made of something that this program does not show.
func (f *flow) origins(s step) (from []step, open bool) {
	same := func(values ...ssa.Value) []step {
		steps := make([]step, len(values))
		for i, v := range values {
			steps[i] = step{v, s.site, s.into}
		}
		return steps
	}
	switch v := s.value.(type) {
	case *ssa.Const, *ssa.Builtin, *ssa.Function, *ssa.MakeClosure:
		return nil, false
	case *ssa.Phi:
		return same(v.Edges...), false
	case *ssa.BinOp:
		return same(v.X, v.Y), false
	case *ssa.Convert, *ssa.MultiConvert, *ssa.ChangeType, *ssa.ChangeInterface, *ssa.MakeInterface, *ssa.SliceToArrayPointer,
		*ssa.TypeAssert, *ssa.Slice, *ssa.Index, *ssa.IndexAddr, *ssa.Lookup, *ssa.Range, *ssa.Next, *ssa.UnOp:
		return same(first(v)), false
	case *ssa.Extract:
		if call, ok := v.Tuple.(*ssa.Call); ok {
			return f.results(s, call, v.Index)
		}
		return same(v.Tuple), false
	case *ssa.Call:
		return f.results(s, v, 0)
	case *ssa.Field:
		written, open := f.memory.content(v)
		return same(written...), open
	case *ssa.FieldAddr, *ssa.Global, *ssa.Alloc, *ssa.MakeMap, *ssa.MakeSlice, *ssa.MakeChan:
		written, open := f.memory.content(v)
		return same(written...), open
	case *ssa.FreeVar:
		written, _ := f.memory.content(v)
		bound := f.memory.bindings(v)
		return same(append(written, bound...)...), len(bound) == 0
	case *ssa.Parameter:
		return f.arguments(s, v)
	default:
		return nil, true
	}
}

// first returns the first operand of an instruction: what it converts, or takes a
// part of.
func first(instr ssa.Value) ssa.Value { return *instr.(ssa.Instruction).Operands(nil)[0] }

// results returns what a call returns. The result of a function outside of the
// program is open.
func (f *flow) results(s step, call *ssa.Call, index int) (from []step, open bool) {
	if b, ok := call.Call.Value.(*ssa.Builtin); ok {
		if b.Name() == "append" || b.Name() == "min" || b.Name() == "max" {
			for _, arg := range call.Call.Args {
				from = append(from, step{arg, s.site, s.into})
			}
		}
		return from, false
	}
	if s.into != nil && s.into.depth >= deepest {
		return nil, true
	}
	into := &entry{call: call, outer: s.into}
	if s.into != nil {
		into.depth = s.into.depth + 1
	}
	callees := f.callees(call)
	for _, callee := range callees {
		if len(callee.Blocks) == 0 {
			open = true
		}
		for _, block := range callee.Blocks {
			if ret, ok := block.Instrs[len(block.Instrs)-1].(*ssa.Return); ok {
				from = append(from, step{ret.Results[index], s.site, into})
			}
		}
	}
	return from, open || len(callees) == 0
}

// callees returns the functions that a call may mean.
func (f *flow) callees(call ssa.CallInstruction) []*ssa.Function {
	if callee := call.Common().StaticCallee(); callee != nil {
		return []*ssa.Function{callee}
	}
	var found []*ssa.Function
	if node := f.calls.Nodes[call.Parent()]; node != nil {
		for _, edge := range node.Out {
			if edge.Site == call {
				found = append(found, edge.Callee.Func)
			}
		}
	}
	return found
}

// arguments returns what a parameter is given: by the call through which the walk
// entered the function, or else by every call in the program.
func (f *flow) arguments(s step, p *ssa.Parameter) (from []step, open bool) {
	function := p.Parent()
	index := parameterIndex(p)
	written := f.memory.written(p)
	for _, w := range written {
		from = append(from, step{w, s.site, s.into})
	}
	if s.into != nil {
		if arg := argument(s.into.call, function, index); arg != nil {
			return append(from, step{arg, s.site, s.into.outer}), false
		}
	}
	node := f.calls.Nodes[function]
	if node == nil || len(node.In) == 0 {
		return from, true
	}
	for _, edge := range node.In {
		if f.generic[outermost(edge.Caller.Func)] {
			continue
		}
		arg := argument(edge.Site, function, index)
		if arg == nil {
			open = true
			continue
		}
		site := edge.Site.Pos()
		if !site.IsValid() { // a wrapper that the compiler made
			site = s.site
		}
		from = append(from, step{arg, site, nil})
	}
	return from, open
}

func parameterIndex(p *ssa.Parameter) int {
	for i, q := range p.Parent().Params {
		if p == q {
			return i
		}
	}
	return -1
}

// argument returns the value that a call passes for a parameter of the function, nil
// if the call cannot be matched with it.
func argument(call ssa.CallInstruction, function *ssa.Function, index int) ssa.Value {
	if call == nil {
		return nil
	}
	args := call.Common().Args
	if call.Common().IsInvoke() {
		if index == 0 {
			return call.Common().Value
		}
		index--
	}
	if len(function.Params) != len(args) && !call.Common().IsInvoke() || index < 0 || index >= len(args) {
		return nil
	}
	return args[index]
}

// isText reports whether values of a type can carry text: what else is printed are
// digits and truth values.
func isText(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return !ok || b.Info()&(types.IsNumeric|types.IsBoolean) == 0
}
