package steps_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v21"
	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/login/logintest"
)

// world is the state of one scenario. Expensive parts are made when a step first
// needs them.
type world struct {
	*suite
	smoke      bool   // uses the instance that all @smoke scenarios share
	dir        string // for the files of this scenario
	settings   map[string]string
	parameters string // of the connection string of the service, beside its own
	closers    []func(context.Context) error

	db      dbtest.Database
	admin   *pgx.Conn       // with a login that can do everything
	blocker pgx.Tx          // of the other session, which holds locks
	cluster *dbtest.Cluster // with the database; nil if one server has it
	line    *dbtest.Line    // between program and database; nil if they are connected directly
	refusal error           // of the database to the login of the service

	service *instance
	client  *http.Client
	asked   request
	answer  *answer
	before  *answer // the one before answer
	waiting *waiting
	lists   map[string][]place // seen by the scenario

	endpoint *logintest.Endpoint // of the identity of the service; nil without tokens
	login    string              // of the service, if it is in a file
	command  *process            // the program run last, other than serve
	snapshot fingerprint         // of the data before it ran

	logins     [2]string   // that the service uses in turn
	sessionsOf []*pgx.Conn // of a person who was given access
	load       *load       // questions that are asked all the time

	tab *tab // of the browser; nil without one
}

func newWorld(s *suite) *world {
	return &world{suite: s, settings: map[string]string{}, lists: map[string][]place{}, client: newClient()}
}

func (w *world) register(sc *godog.ScenarioContext) {
	sc.Before(w.open)
	w.registerData(sc)
	w.registerRequests(sc)
	w.registerAnswers(sc)
	w.registerLists(sc)
	w.registerHeaders(sc)
	w.registerProblems(sc)
	w.registerChanges(sc)
	w.registerService(sc)
	w.registerDatabase(sc)
	w.registerWaiting(sc)
	w.registerObservation(sc)
	w.registerFiles(sc)
	w.registerCommands(sc)
	w.registerLogins(sc)
	w.registerAccess(sc)
	w.registerLoad(sc)
	w.registerReplicas(sc)
	w.registerPage(sc)
	w.registerLook(sc)
	w.registerMarkup(sc)
	// It must see the state after a failed step.
	sc.StepContext().After(w.explain)
	sc.After(w.close)
}

func (w *world) open(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
	w.smoke = slices.ContainsFunc(scenario.Tags, func(tag *messages.PickleTag) bool { return tag.Name == smokeTag })
	if w.databases == nil && !w.smoke {
		return ctx, errors.New("only @smoke scenarios can run against a deployed instance")
	}
	var err error
	w.dir, err = os.MkdirTemp("", "rates-scenario-*")
	w.atEnd(func(context.Context) error { return os.RemoveAll(w.dir) })
	return ctx, err
}

// atEnd registers a function that undoes something when the scenario ends. The
// last registered runs first.
func (w *world) atEnd(undo func(context.Context) error) {
	w.closers = append(w.closers, undo)
}

func (w *world) close(ctx context.Context, _ *godog.Scenario, _ error) (context.Context, error) {
	w.client.CloseIdleConnections()
	var errs []error
	for _, undo := range slices.Backward(w.closers) {
		errs = append(errs, undo(context.WithoutCancel(ctx)))
	}
	return ctx, errors.Join(errs...)
}

// explain adds the last answer and log of the program to the error of a step.
func (w *world) explain(ctx context.Context, _ *godog.Step, status godog.StepResultStatus, _ error) (context.Context, error) {
	if status != godog.StepFailed {
		return ctx, nil
	}
	var parts []string
	if w.answer != nil {
		parts = append(parts, "the last answer:\n"+w.answer.String())
	}
	if w.service != nil {
		parts = append(parts, "the log of the service:\n"+tail(w.service.proc.stderr.String()))
	}
	if len(parts) == 0 {
		return ctx, nil
	}
	// godog appends the error of the step itself.
	return ctx, errors.New(strings.Join(parts, "\n\n") + "\n\nso the step failed")
}

// tail returns the last lines of a log, and the last warnings and errors before them.
func tail(log string) string {
	const most = 15
	lines := strings.Split(strings.TrimRight(log, "\n"), "\n")
	from := max(0, len(lines)-most)
	bad := slices.DeleteFunc(slices.Clone(lines[:from]), func(line string) bool { return strings.Contains(line, `"level":"INFO"`) })
	return strings.Join(slices.Concat(bad[max(0, len(bad)-most):], lines[from:]), "\n")
}

// path returns the path of a file of the scenario.
func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

// own returns an error if the scenario must not have data or settings of its own.
func (w *world) own() error {
	if w.smoke {
		return fmt.Errorf("a %s scenario must not have data or settings of its own", smokeTag)
	}
	return nil
}

// database returns the database of this scenario, migrated and empty at first.
func (w *world) database(ctx context.Context) (dbtest.Database, error) {
	if w.db.Name != "" {
		return w.db, nil
	}
	if err := w.own(); err != nil {
		return dbtest.Database{}, err
	}
	db, err := w.databases.take(ctx)
	if err != nil {
		return dbtest.Database{}, err
	}
	w.db = db
	w.atEnd(func(ctx context.Context) error { return w.databases.give(ctx, db) })
	return db, nil
}

// connection returns a connection to the database of this scenario with a login
// that can do everything.
func (w *world) connection(ctx context.Context) (*pgx.Conn, error) {
	if w.admin != nil {
		return w.admin, nil
	}
	db, err := w.database(ctx)
	if err != nil {
		return nil, err
	}
	w.admin, err = w.connect(ctx, db.URL)
	return w.admin, err
}

func (w *world) connect(ctx context.Context, url string) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	w.atEnd(func(ctx context.Context) error { return conn.Close(ctx) })
	return conn, nil
}
