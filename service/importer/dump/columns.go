package dump

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Ignored is a column of a file that is not imported.
type Ignored struct {
	Table  Kind
	Column string
	Value  string // in all rows, if the column says what a price means
}

// String returns the name, and the value if there is one.
func (i Ignored) String() string {
	if i.Value == "" {
		return i.Column
	}
	return i.Column + " (" + quote([]byte(i.Value)) + " in all rows)"
}

// maxExtras is how many columns beside those of the tables a file may have: as many
// as a sheet of Excel.
const maxExtras = 16_384

// columns are the columns of a file.
type columns struct {
	extras []*extra
	byName map[string]*extra // key: kind and name
	checks []*extra          // whose fields follow those of the table in a row
	fields row               // of the current row
}

// extra is a column beside those of its table.
type extra struct {
	kind  Kind
	name  string
	check check
	value []byte // of the first row
	line  int    // of the first row; 0 before it
}

// check is what must be true of an extra column.
type check uint8

const (
	anything check = iota
	onlyUSD
	oneValue // all rows have the same
)

func newColumns() columns {
	return columns{byName: make(map[string]*extra), fields: make(row, maxColumns)}
}

// layout returns the layout of rows that have the columns names, in which columns
// to be checked follow those of the table. Their names are kept for messages.
func (c *columns) layout(t *table, names []string) (layout, error) {
	l, err := t.layout(names)
	if err != nil {
		return nil, err
	}
	c.checks = c.checks[:0]
	for i, name := range names {
		if l[i] >= 0 || name == "" {
			continue
		}
		x, err := c.extra(t.kind, name)
		if err != nil {
			return nil, err
		}
		if x.check != anything {
			l[i] = maxColumns + len(c.checks)
			c.checks = append(c.checks, x)
		}
	}
	c.fields = make(row, maxColumns+len(c.checks))
	return l, nil
}

// extra returns the column of that name, and adds it when it is new.
func (c *columns) extra(kind Kind, name string) (*extra, error) {
	key := string(rune(kind)) + name
	if x, ok := c.byName[key]; ok {
		return x, nil
	}
	if len(c.extras) == maxExtras {
		return nil, fmt.Errorf("has more than %d columns that are not imported; leave some of them out", maxExtras)
	}
	x := &extra{kind: kind, name: name}
	if kind == Prices {
		x.check = checkOf(name)
	}
	c.byName[key] = x
	c.extras = append(c.extras, x)
	return x, nil
}

// name returns the name of a column in a row of t, or "" for -1.
func (c *columns) name(t *table, column int) string {
	switch {
	case column < 0:
		return ""
	case column < maxColumns:
		return t.columns[column]
	default:
		return show(c.checks[column-maxColumns].name)
	}
}

// verify checks the current row of t, except for what the fields of the table mean.
// With an error it returns the index of the column to blame; the error names it.
func (c *columns) verify(t *table, line int) (column int, err error) {
	for i, field := range c.fields {
		if len(field) > maxField {
			return i, fmt.Errorf("%s %w", c.name(t, i), errTooLong)
		}
	}
	for i, x := range c.checks {
		if err := x.verify(c.fields[maxColumns+i], line); err != nil {
			return maxColumns + i, fmt.Errorf("%s %w", c.name(t, maxColumns+i), err)
		}
	}
	return 0, nil
}

func (x *extra) verify(value []byte, line int) error {
	text := bytes.TrimSpace(value)
	switch {
	case x.check == onlyUSD:
		if !bytes.EqualFold(text, []byte("USD")) {
			return refuse(value, "is not USD, in which all prices must be")
		}
	case x.line == 0:
		x.line, x.value = line, bytes.Clone(text)
	case !bytes.EqualFold(text, x.value):
		return fmt.Errorf("is %s here and %s on line %d, and a mean of both would mislead; "+
			"import the rows of one value, or leave the column out if it makes no difference", quote(text), quote(x.value), x.line)
	}
	return nil
}

// ignored returns the columns seen so far that are not imported. A currency is not
// among them, since it has been checked.
func (c *columns) ignored() []Ignored {
	var all []Ignored
	for _, x := range c.extras {
		if x.check != onlyUSD {
			all = append(all, Ignored{Table: x.kind, Column: show(x.name), Value: string(x.value)})
		}
	}
	return all
}

// The ends of the names of columns that say what a price means, in lower case and
// without punctuation.
const (
	endsOfCurrency = "currency currencyid ccy iso4217 waers währung waehrung wahrung devise divisa moneda valuta monnaie moeda валюта 货币"
	endsOfOneValue = "type typeid kind size sizeid unit unitid units unitofmeasure uom sizeft reefer cntr mode basis category container equipment chargecode " +
		"commodity cargo incoterm incoterms multiplier scale teu feu"
)

// checkOf returns the check of an extra column of prices.
func checkOf(name string) check {
	// "Currency Code", "currency-code" and "currencyCode" are one name.
	name = strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
	stem := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "code"), "iso"), "name")
	ends := func(list string) bool {
		return slices.ContainsFunc(strings.Fields(list), func(end string) bool {
			return strings.HasSuffix(name, end) || strings.HasSuffix(stem, end)
		})
	}
	switch {
	case ends(endsOfCurrency), stem == "cur", stem == "curr":
		return onlyUSD
	case ends(endsOfOneValue), strings.Contains(name, "currency"):
		return oneValue
	default:
		return anything
	}
}
