package terraform

import (
	"os"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// Block is a block of a Terraform file, such as a resource.
type Block struct {
	Kind   string   // resource, data, module, variable, run and so on
	Labels []string // for a resource its type and its name
	File   string   // in the repository
	Line   int
	Body   *hclsyntax.Body
}

// Type is the first label, "" if there is none: the type of a resource.
func (b Block) Type() string {
	if len(b.Labels) == 0 {
		return ""
	}
	return b.Labels[0]
}

// Name is the labels with dots between them, as in the address of a resource.
func (b Block) Name() string { return strings.Join(b.Labels, ".") }

// Literal returns the value of an attribute that is written as such, or cty.NilVal.
func (b Block) Literal(attribute string) cty.Value { return Literal(b.Body, attribute) }

// Literal returns the value of an attribute that is written as such, or cty.NilVal.
func Literal(body *hclsyntax.Body, attribute string) cty.Value {
	a, ok := body.Attributes[attribute]
	if !ok {
		return cty.NilVal
	}
	value, problems := a.Expr.Value(nil)
	if problems.HasErrors() {
		return cty.NilVal
	}
	return value
}

// Text returns the text of a value, "" if it is not a known one.
func Text(v cty.Value) string {
	if v == cty.NilVal || v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

// ReadFile parses a file of the tree in Terraform's own language.
func ReadFile(t tree.Tree, name string) (*hclsyntax.Body, error) {
	content, err := os.ReadFile(t.Path(name))
	if err != nil {
		return nil, scanner.Errorf(scanner.InputUnavailable, "%w", err)
	}
	file, problems := hclsyntax.ParseConfig(content, name, hcl.InitialPos)
	if problems.HasErrors() {
		return nil, scanner.Errorf(scanner.BadInput, "%s", problems.Errs()[0])
	}
	return file.Body.(*hclsyntax.Body), nil
}

// Blocks returns the outermost blocks of a file.
func Blocks(name string, body *hclsyntax.Body) []Block {
	var blocks []Block
	for _, b := range body.Blocks {
		blocks = append(blocks, Block{Kind: b.Type, Labels: b.Labels, File: name, Line: b.DefRange().Start.Line, Body: b.Body})
	}
	return blocks
}

// ReadModule returns the blocks in the files of a folder. Files in JSON have none.
func ReadModule(t tree.Tree, dir string) ([]Block, error) {
	var blocks []Block
	for _, name := range t.Matching("*.tf") {
		if path.Dir(name) != dir {
			continue
		}
		body, err := ReadFile(t, name)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, Blocks(name, body)...)
	}
	return blocks, nil
}

// Resources returns the resources that a file declares, none if it does not parse.
func Resources(t tree.Tree, file string) []Block {
	if !strings.HasSuffix(file, ".tf") {
		return nil
	}
	body, err := ReadFile(t, file)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(Blocks(file, body), func(b Block) bool { return b.Kind != "resource" })
}

// LocalModule returns the folder that a module block calls, "" if it is not one of
// the repository.
func (b Block) LocalModule() string {
	source := Text(b.Literal("source"))
	if !strings.HasPrefix(source, "./") && !strings.HasPrefix(source, "../") {
		return ""
	}
	if dir := path.Join(path.Dir(b.File), source); dir != ".." && !strings.HasPrefix(dir, "../") {
		return dir
	}
	return ""
}
