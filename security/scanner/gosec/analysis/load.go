package analysis

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
)

// module is a Go module with the folders of its packages, as absolute paths.
type module struct {
	root    string
	folders []string
}

// modulesOf groups folders of a tree by the module that they are part of.
func modulesOf(tree string, folders []string) ([]module, error) {
	var modules []module
	for _, folder := range folders {
		at, err := filepath.Abs(filepath.Join(tree, folder))
		if err != nil {
			return nil, fmt.Errorf("find the folder %s: %w", folder, err)
		}
		root := at
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			if root == filepath.Dir(root) {
				return nil, fmt.Errorf("%s is part of no Go module", folder)
			}
			root = filepath.Dir(root)
		}
		i := slices.IndexFunc(modules, func(m module) bool { return m.root == root })
		if i < 0 {
			i = len(modules)
			modules = append(modules, module{root: root})
		}
		modules[i].folders = append(modules[i].folders, at)
	}
	return modules, nil
}

// code is a module that was loaded.
type code struct {
	packages  []*packages.Package
	program   *ssa.Program
	functions []*ssa.Function // of the module, with a body
	// generic are functions that are analysed for each of their types instead.
	generic  map[*ssa.Function]bool
	problems []string
}

// load reads the packages of a module. What they import is known by its types
// alone.
func load(ctx context.Context, m module) (code, error) {
	patterns := make([]string, len(m.folders))
	for i, folder := range m.folders {
		rel, err := filepath.Rel(m.root, folder)
		if err != nil {
			return code{}, fmt.Errorf("find %s in its module: %w", folder, err)
		}
		patterns[i] = "./" + filepath.ToSlash(rel)
	}
	loaded, err := packages.Load(&packages.Config{
		Context: ctx, Dir: m.root,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedExportFile,
	}, patterns...)
	if err != nil {
		return code{}, fmt.Errorf("load the packages of %s: %w", m.root, err)
	}
	c := code{packages: loaded}
	for _, p := range loaded {
		for _, e := range p.Errors {
			c.problems = append(c.problems, e.Error())
		}
		if len(p.Errors) == 0 && (p.Types == nil || p.IllTyped) {
			c.problems = append(c.problems, p.PkgPath+": its types are not known")
		}
	}
	if len(c.problems) > 0 {
		return c, nil
	}
	// GlobalDebug records the names of variables.
	c.program, _ = ssautil.Packages(loaded, ssa.InstantiateGenerics|ssa.GlobalDebug)
	c.program.Build()
	all := c.all()
	c.generic = map[*ssa.Function]bool{}
	for f := range all {
		if f.Origin() != nil && f.Origin() != f {
			c.generic[f.Origin()] = true
		}
	}
	for f := range all {
		if len(f.Blocks) > 0 && !c.generic[outermost(f)] {
			c.functions = append(c.functions, f)
		}
	}
	slices.SortFunc(c.functions, func(a, b *ssa.Function) int { return strings.Compare(a.String(), b.String()) })
	return c, nil
}

// all returns every function: those that something can reach, and those that only
// the source shows, such as methods that nothing calls.
func (c code) all() map[*ssa.Function]bool {
	found := ssautil.AllFunctions(c.program)
	var add func(*ssa.Function)
	add = func(f *ssa.Function) {
		if f == nil || found[f] {
			return
		}
		found[f] = true
		for _, inner := range f.AnonFuncs {
			add(inner)
		}
	}
	for _, p := range c.packages {
		for _, object := range p.TypesInfo.Defs {
			if f, ok := object.(*types.Func); ok {
				add(c.program.FuncValue(f))
			}
		}
	}
	return found
}

// outermost returns the function that a function is written in.
func outermost(f *ssa.Function) *ssa.Function {
	for f.Parent() != nil {
		f = f.Parent()
	}
	return f
}

func (c code) files() []string {
	var names []string
	for _, p := range c.packages {
		names = append(names, p.CompiledGoFiles...)
	}
	return names
}

// excuses are the #nosec comments with a rule and a reason, by their lines.
type excuses map[spot]string

var (
	nosec = regexp.MustCompile(`^(?://|/\*)\s*#\s*nosec\s+(G[0-9]{3}(?:[\s,]+G[0-9]{3})*)\s+--\s*(\S.*)`)
	// equals are the rules of gosec that mean the same as one of ours.
	equals = map[string]string{"G201": SQL, "G202": SQL, "G701": SQL}
)

// excuses reads the comments. A comment is about its line, or about the next if it
// stands alone.
func (c code) excuses() excuses {
	found := excuses{}
	for _, p := range c.packages {
		for _, file := range p.Syntax {
			written := linesOf(p.Fset, file)
			for _, group := range file.Comments {
				for _, comment := range group.List {
					found.add(p.Fset.Position(comment.Pos()), comment.Text, written)
				}
			}
		}
	}
	return found
}

func (e excuses) add(at token.Position, text string, written map[int]bool) {
	m := nosec.FindStringSubmatch(text)
	if m == nil {
		return
	}
	line := at.Line
	if !written[line] {
		line++
	}
	for _, rule := range strings.FieldsFunc(m[1], func(r rune) bool { return strings.ContainsRune(" \t,", r) }) {
		if ours, ok := equals[rule]; ok {
			rule = ours
		}
		e[spot{rule, filepath.Clean(at.Filename), line}] = strings.TrimSpace(m[2])
	}
}

func (e excuses) reason(at spot) string { return e[at] }

// linesOf returns the lines of a file on which code begins or ends.
func linesOf(files *token.FileSet, file *ast.File) map[int]bool {
	lines := map[int]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n.(type) {
		case nil, *ast.Comment, *ast.CommentGroup, *ast.File:
			return n != nil && n == ast.Node(file)
		}
		lines[files.Position(n.Pos()).Line] = true
		lines[files.Position(n.End()).Line] = true
		return true
	})
	return lines
}
