package page

// Places is the tree of regions and ports, to choose one of them without script.
type Places struct {
	Field  string  // the field to fill: orig_code or dest_code
	Others []Input // the other fields of the form, hidden
	Trees  []*Node
}

// Node is a region with what it contains, or a port.
type Node struct {
	Code, Name string
	Below      []*Node
}
