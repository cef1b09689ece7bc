package steps_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/cucumber/godog"
	"github.com/google/go-cmp/cmp"

	"example.com/rates/db/dbtest"
)

// temporaryDir holds the temporary files of the programs of a scenario.
const temporaryDir = "tmp"

func (w *world) registerCommands(sc *godog.ScenarioContext) {
	sc.Step(`^I run "rates ([^"]*)"$`, func(ctx context.Context, line string) error {
		return w.runAndWait(ctx, line, "", nil)
	})
	sc.Step(`^I run "rates ([^"]*)" with the file "([^"]*)" as its input$`, w.runWithInput)
	sc.Step(`^I run "rates ([^"]*)" without waiting$`, func(ctx context.Context, line string) error {
		return w.run(ctx, line, "", nil)
	})
	sc.Step(`^the login of the service runs "rates ([^"]*)"$`, func(ctx context.Context, line string) error {
		return w.runAndWait(ctx, line, dbtest.Reader, nil)
	})
	sc.Step(`^it is sent (SIGINT|SIGTERM|SIGKILL)$`, w.itIsSent)
	sc.Step(`^it (?:soon )?succeeds$`, func() error { return w.itEnds(0, nil, nil) })
	sc.Step(`^it succeeds, saying:$`, func(out *godog.DocString) error { return w.itEnds(0, out, nil) })
	sc.Step(`^it (?:soon )?fails, saying:$`, func(message *godog.DocString) error { return w.itEnds(1, nil, message) })
	sc.Step(`^it fails with exit code (\d+), saying:$`, func(code int, message *godog.DocString) error {
		return w.itEnds(code, nil, message)
	})
	sc.Step(`^it soon fails$`, w.itFails)
	sc.Step(`^nothing it wrote holds "([^"]*)"$`, w.nothingItWroteHolds)
	sc.Step(`^nothing has changed$`, w.nothingHasChanged)
}

func (w *world) runAndWait(ctx context.Context, line, login string, stdin io.Reader) error {
	if err := w.run(ctx, line, login, stdin); err != nil {
		return err
	}
	return w.command.wait()
}

func (w *world) runWithInput(ctx context.Context, line, name string) error {
	file, err := os.Open(w.path(name))
	if err != nil {
		return err
	}
	defer file.Close()
	return w.runAndWait(ctx, line, "", file)
}

// run starts the program in the folder of the scenario. Without a login it uses
// the one that the command needs.
func (w *world) run(ctx context.Context, line, login string, stdin io.Reader) error {
	db, err := w.database(ctx)
	if err != nil {
		return err
	}
	conn, err := w.connection(ctx)
	if err != nil {
		return err
	}
	if w.snapshot, err = takeFingerprint(ctx, conn); err != nil {
		return err
	}
	args := words(line)
	url := db.URL
	switch {
	case login != "":
		url = db.As(login)
	case args[0] == "import":
		url = db.As(dbtest.Loader)
	}
	if err := os.MkdirAll(w.path(temporaryDir), 0o700); err != nil {
		return err
	}
	proc, err := w.program.start(launch{
		dir: w.dir, args: args, stdin: stdin,
		env: map[string]string{"DATABASE_URL": url, "TMPDIR": w.path(temporaryDir)},
	})
	if err != nil {
		return err
	}
	w.command = proc
	w.atEnd(func(context.Context) error {
		_ = proc.cmd.Process.Kill() // it has ended, unless a step failed before
		<-proc.ended
		return nil
	})
	return nil
}

// words splits a command line at its spaces, except within single quotes.
func words(line string) []string {
	var list []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			list = append(list, part)
			continue
		}
		list = append(list, strings.Fields(part)...)
	}
	return list
}

func (w *world) itIsSent(name string) error {
	signal := map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM, "SIGKILL": syscall.SIGKILL}[name]
	return w.command.cmd.Process.Signal(signal)
}

// itEnds checks the exit code and, if they are given, the text on standard output
// and in the messages.
func (w *world) itEnds(code int, out, message *godog.DocString) error {
	if w.command == nil {
		return errors.New("nothing was run")
	}
	if err := w.command.wait(); err != nil {
		return err
	}
	wrote := fmt.Sprintf("it wrote:\n%s%s", w.command.stdout.String(), w.command.stderr.String())
	switch {
	case w.command.code != code:
		return fmt.Errorf("the exit code is %d, want %d; %s", w.command.code, code, wrote)
	case out != nil && !strings.Contains(w.command.stdout.String(), out.Content):
		return fmt.Errorf("the text is missing; %s", wrote)
	case message != nil && !strings.Contains(w.command.stderr.String(), message.Content):
		return fmt.Errorf("the text is missing; %s", wrote)
	}
	return nil
}

func (w *world) itFails() error {
	if err := w.command.wait(); err != nil {
		return err
	}
	if w.command.code == 0 {
		return fmt.Errorf("it succeeded and wrote:\n%s", w.command.stdout.String())
	}
	return nil
}

// failure returns an error unless the exit code is 0.
func (p *process) failure() error {
	if p.code != 0 {
		return fmt.Errorf("%s ended with exit code %d:\n%s", strings.Join(p.cmd.Args[1:], " "), p.code, p.stderr.String())
	}
	return nil
}

func (w *world) nothingItWroteHolds(secret string) error {
	if strings.Contains(w.command.stdout.String()+w.command.stderr.String(), secret) {
		return fmt.Errorf("it wrote:\n%s%s", w.command.stdout.String(), w.command.stderr.String())
	}
	return nil
}

func (w *world) nothingHasChanged(ctx context.Context) error {
	conn, err := w.connection(ctx)
	if err != nil {
		return err
	}
	now, err := takeFingerprint(ctx, conn)
	if err != nil {
		return err
	}
	if diff := cmp.Diff(w.snapshot, now); diff != "" {
		return fmt.Errorf("the data have changed (-before +now):\n%s", diff)
	}
	return nil
}
