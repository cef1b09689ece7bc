package dump

// qualified is the name of a table with its schema.
type qualified struct{ schema, name string }

// maxPartitions bounds the memory for the names of partitions.
const maxPartitions = 50_000

// alter follows ALTER TABLE … ATTACH PARTITION: pg_dump writes the rows of a
// partitioned table under the names of its partitions.
func (f *sqlFile) alter(s *statement) error {
	i := 2
	if s.identifier(i) == "only" {
		i++
	}
	schema, name, i := s.tableName(i)
	if s.identifier(i) != "attach" || s.identifier(i+1) != "partition" {
		return nil
	}
	if len(f.partitions) == maxPartitions {
		return failf(s.tokens[0].line, "more than %d partitions; dump again with pg_dump --load-via-partition-root", maxPartitions)
	}
	partSchema, partName, _ := s.tableName(i + 2)
	f.partitions[f.qualify(partSchema, partName)] = f.qualify(schema, name)
	return nil
}

func (f *sqlFile) qualify(schema, name string) qualified {
	if schema == "" {
		schema = f.searchPath
	}
	return qualified{schema, name}
}

// find returns the table of ours with that name or that partition, and its schema.
// The table is nil if there is none.
func (f *sqlFile) find(schema, name string) (*table, string) {
	at := f.qualify(schema, name)
	if t := tableNamed(name); t != nil {
		return t, at.schema
	}
	// Partitions may have partitions, and a bad file may put them in a loop.
	const deepest = 16
	for range deepest {
		parent, ok := f.partitions[at]
		if !ok {
			break
		}
		at = parent
	}
	return tableNamed(at.name), at.schema
}

// resembles remembers the first ignored table with all columns of prices.
func (f *sqlFile) resembles(b *block, columns []string) {
	if _, err := tableNamed(Prices.String()).layout(columns); err == nil && f.unclaimed == nil {
		f.unclaimed = b
	}
}

// refuseUnclaimed refuses a file that seems to hold prices only under another
// name, rather than lose them.
func (f *sqlFile) refuseUnclaimed() error {
	if _, ok := f.schemas[Prices]; ok || f.unclaimed == nil {
		return nil
	}
	return failf(f.unclaimed.line, "%s has the columns of prices, and the file has no table prices; "+
		"if it is a partition, dump again with pg_dump --load-via-partition-root, else with --exclude-table", f.unclaimed.name)
}
