package steps_test

import (
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"github.com/cucumber/godog"
	"github.com/cucumber/godog/colors"
	"github.com/cucumber/godog/formatters"
	messages "github.com/cucumber/messages/go/v21"
)

// titlesFormat is the name of a format that prints a line for each scenario when it
// ends. The built-in "pretty" mixes the lines of concurrent scenarios.
const titlesFormat = "titles"

type titles struct {
	*godog.ProgressFmt // for its summary
	out                io.Writer

	mu   sync.Mutex
	left map[string]int  // steps left of each scenario, by its id
	bad  map[string]bool // scenarios with a step that did not pass
}

func newTitles(suite string, out io.Writer) formatters.Formatter {
	return &titles{ProgressFmt: godog.NewProgressFmt(suite, out), out: out, left: map[string]int{}, bad: map[string]bool{}}
}

// Pickle implements formatters.Formatter.
func (f *titles) Pickle(pickle *messages.Pickle) {
	f.ProgressFmt.Pickle(pickle)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left[pickle.Id] = len(pickle.Steps)
}

// Passed implements formatters.Formatter.
func (f *titles) Passed(pickle *messages.Pickle, step *messages.PickleStep, match *formatters.StepDefinition) {
	f.Base.Passed(pickle, step, match)
	f.ended(pickle, true)
}

// Failed implements formatters.Formatter.
func (f *titles) Failed(pickle *messages.Pickle, step *messages.PickleStep, match *formatters.StepDefinition, err error) {
	f.Base.Failed(pickle, step, match, err)
	f.ended(pickle, false)
}

// Skipped implements formatters.Formatter.
func (f *titles) Skipped(pickle *messages.Pickle, step *messages.PickleStep, match *formatters.StepDefinition) {
	f.Base.Skipped(pickle, step, match)
	f.ended(pickle, false)
}

// Undefined implements formatters.Formatter.
func (f *titles) Undefined(pickle *messages.Pickle, step *messages.PickleStep, match *formatters.StepDefinition) {
	f.Base.Undefined(pickle, step, match)
	f.ended(pickle, false)
}

// Pending implements formatters.Formatter.
func (f *titles) Pending(pickle *messages.Pickle, step *messages.PickleStep, match *formatters.StepDefinition) {
	f.Base.Pending(pickle, step, match)
	f.ended(pickle, false)
}

// Ambiguous implements formatters.Formatter.
func (f *titles) Ambiguous(pickle *messages.Pickle, step *messages.PickleStep, match *formatters.StepDefinition, err error) {
	f.Base.Ambiguous(pickle, step, match, err)
	f.ended(pickle, false)
}

// ended counts a step, and prints the scenario after its last step.
func (f *titles) ended(pickle *messages.Pickle, passed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left[pickle.Id]--
	f.bad[pickle.Id] = f.bad[pickle.Id] || !passed
	if f.left[pickle.Id] > 0 {
		return
	}
	verdict := colors.Green("passed")
	if f.bad[pickle.Id] {
		verdict = colors.Red("FAILED")
	}
	fmt.Fprintf(f.out, "%s  %-20s %s\n", verdict, filepath.Base(pickle.Uri), pickle.Name)
}
