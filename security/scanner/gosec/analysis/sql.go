package analysis

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// statements traces the statements that a call hands to a database.
func (a *auditor) statements(call ssa.CallInstruction) {
	for _, arg := range statementsOf(call.Common()) {
		a.statement(arg, call.Pos())
	}
}

// statementField traces a statement that is put into a struct of pgx, to be sent
// later.
func (a *auditor) statementField(store *ssa.Store) {
	at, ok := store.Addr.(*ssa.FieldAddr)
	if !ok {
		return
	}
	field := fieldOf(at.X.Type(), at.Field)
	if field != nil && fromDriver(field) && slices.Contains([]string{"SQL", "Query", "String"}, field.Name()) && isString(field.Type()) {
		a.statement(store.Val, store.Pos())
	}
}

// statement reports what in a statement is neither constant, nor a number, nor a
// quoted identifier.
func (a *auditor) statement(sql ssa.Value, at token.Pos) {
	a.sink()
	w := walk{flow: a.flow, judge: quoted, open: guilty, seen: map[visited]bool{}}
	w.culprit = func(v ssa.Value, site token.Pos) {
		a.issue(SQL, site, "SQL is built from %s, which is not constant.", a.flow.describe(v))
	}
	w.from(step{value: sql, site: at})
}

// quoted is the opinion of the rule SQL.
func quoted(v ssa.Value) opinion {
	if !isText(v.Type()) || isTime(v.Type()) {
		return clean
	}
	if p, ok := v.(*ssa.Parameter); ok && forTests(p.Parent().Signature) {
		return clean // only tests call it
	}
	call, ok := v.(*ssa.Call)
	if !ok {
		return follow
	}
	callee := objectOf(call.Common())
	if callee == nil {
		return follow
	}
	switch name := callee.FullName(); {
	case callee.Name() == "Sanitize" && fromDriver(callee):
		return clean // pgx.Identifier
	case name == "github.com/lib/pq.QuoteIdentifier", name == "github.com/lib/pq.QuoteLiteral",
		name == "(embed.FS).ReadFile", name == "crypto/rand.Text":
		return clean
	case strings.HasPrefix(name, "encoding/hex.Encode"), strings.HasPrefix(name, "(*encoding/base64.Encoding).Encode"),
		strings.HasPrefix(name, "(*encoding/base32.Encoding).Encode"):
		return clean // letters and digits, and no quotes
	case name == "io/fs.ReadFile" && isEmbedded(call.Call.Args[0]):
		return clean
	}
	return follow
}

// isEmbedded reports whether a file system is part of the program.
func isEmbedded(files ssa.Value) bool {
	made, ok := files.(*ssa.MakeInterface)
	return ok && made.X.Type().String() == "embed.FS"
}

// drivers are the modules that send statements to a database.
var drivers = []string{"github.com/jackc/pgx", "github.com/jackc/pgconn", "github.com/jackc/pgproto3", "database/sql"}

func fromDriver(o types.Object) bool {
	if o.Pkg() == nil {
		return false
	}
	for _, driver := range drivers {
		if o.Pkg().Path() == driver || strings.HasPrefix(o.Pkg().Path(), driver+"/") {
			return true
		}
	}
	return false
}

// statementsOf returns the arguments of a call that are statements. A driver calls
// the parameter sql or query. Any other function or method without a body in the
// program is one that runs statements if its results are of a driver: it is behind
// an interface or a variable.
func statementsOf(call *ssa.CallCommon) []ssa.Value {
	callee := objectOf(call)
	signature := call.Signature()
	driver := callee != nil && fromDriver(callee)
	if callee != nil {
		signature = callee.Signature()
	}
	if !driver && (call.StaticCallee() != nil && len(call.StaticCallee().Blocks) > 0 || !returnsRows(signature)) {
		return nil
	}
	params := signature.Params()
	shift := len(call.Args) - params.Len() // a receiver comes first
	var found []ssa.Value
	for i := range params.Len() {
		p := params.At(i)
		if shift+i < 0 || shift+i >= len(call.Args) {
			break
		}
		switch {
		case isString(p.Type()) && (!driver || p.Name() == "sql" || p.Name() == "query"):
			found = append(found, call.Args[shift+i])
		case driver && callee.Name() == "CopyFrom" && (p.Name() == "tableName" || p.Name() == "columnNames"):
			found = append(found, call.Args[shift+i])
		}
	}
	return found
}

// returnsRows reports whether a function returns what a driver makes of a statement.
func returnsRows(signature *types.Signature) bool {
	for i := range signature.Results().Len() {
		t := signature.Results().At(i).Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		named, ok := t.(*types.Named)
		if ok && fromDriver(named.Obj()) && slices.Contains([]string{
			"CommandTag", "Rows", "Row", "StatementDescription", "QueuedQuery", "MultiResultReader", "ResultReader", "Result", "Stmt",
		}, named.Obj().Name()) {
			return true
		}
	}
	return false
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// isTime reports whether values of a type are printed without quotes.
func isTime(t types.Type) bool { return t.String() == "time.Time" || t.String() == "time.Duration" }

// forTests reports whether only a test can call a function.
func forTests(signature *types.Signature) bool {
	for i := range signature.Params().Len() {
		switch signature.Params().At(i).Type().String() {
		case "testing.TB", "*testing.T", "*testing.B", "*testing.F":
			return true
		}
	}
	return false
}

// describe names a value for a message.
func (f *flow) describe(v ssa.Value) string {
	if extract, ok := v.(*ssa.Extract); ok {
		v = extract.Tuple
	}
	switch w := v.(type) {
	case *ssa.Parameter:
		return "the parameter " + w.Name()
	case *ssa.FieldAddr:
		return "the field " + fieldOf(w.X.Type(), w.Field).Name()
	case *ssa.Field:
		return "the field " + fieldOf(w.X.Type(), w.Field).Name()
	case *ssa.Global:
		return "the variable " + w.Name()
	case *ssa.Alloc:
		return "the variable " + w.Comment
	case *ssa.Call:
		if callee := objectOf(w.Common()); callee != nil {
			return "the result of " + callee.Name()
		}
	}
	if names := f.names[v]; len(names) > 0 {
		return "the variable " + names[0]
	}
	return "a value"
}
