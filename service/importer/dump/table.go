package dump

import (
	"fmt"
	"slices"
)

// Kind is the table that a record belongs to.
type Kind uint8

// The tables that a Reader reads. It ignores everything else in a file.
const (
	Regions Kind = iota + 1
	Ports
	Prices
)

// String returns the name of the table, or "Kind(n)" for an unknown one.
func (k Kind) String() string {
	switch k {
	case Regions:
		return "regions"
	case Ports:
		return "ports"
	case Prices:
		return "prices"
	default:
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
}

// maxColumns is the number of columns of the widest table.
const maxColumns = 4

// maxField is the length of the longest field that is read, in bytes of the file.
const maxField = 4 << 10

// row holds the fields of one record: maxColumns in the order of table.columns, then
// those of other columns that are checked. nil is NULL.
type row [][]byte

type table struct {
	kind    Kind
	columns []string
}

func tables() []*table {
	return []*table{
		{Prices, []string{"orig_code", "dest_code", "day", "price"}},
		{Ports, []string{"code", "name", "parent_slug"}},
		{Regions, []string{"slug", "name", "parent_slug"}},
	}
}

// tableNamed returns nil if the table is not one of ours.
func tableNamed(name string) *table {
	for i, kind := range [...]Kind{Prices, Ports, Regions} {
		if kind.String() == name {
			return tables()[i]
		}
	}
	return nil
}

// layout holds for each column of a file its index in a row, or -1 if the column is
// ignored.
type layout []int

// column returns the index in a row of the field n of a file, or -1 if it is
// ignored.
func (l layout) column(n int) int {
	if n < len(l) {
		return l[n]
	}
	return -1
}

// layout returns the layout of a file with the columns names. It is an error if a
// column of the table is missing or named twice.
func (t *table) layout(names []string) (layout, error) {
	l := make(layout, len(names))
	for i, name := range names {
		l[i] = slices.Index(t.columns, name)
		if l[i] >= 0 && slices.Index(names, name) != i {
			return nil, fmt.Errorf("names the column %s twice", name)
		}
	}
	for i, name := range t.columns {
		if !slices.Contains(l, i) {
			return nil, fmt.Errorf("lacks the column %s", name)
		}
	}
	return l, nil
}
