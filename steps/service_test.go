package steps_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"

	"github.com/cucumber/godog"

	"example.com/rates/internal/testkit"
)

func (w *world) registerService(sc *godog.ScenarioContext) {
	sc.Step(`^the service runs with:$`, w.theServiceRunsWith)
	sc.Step(`^the connection string of the service also has "([^"]*)"$`, w.theConnectionStringAlsoHas)
	sc.Step(`^another program listens on the address of the service$`, w.theAddressIsTaken)
	sc.Step(`^the service is started$`, w.theServiceIsStarted)
	sc.Step(`^the service is started without waiting$`, w.launchService)
	sc.Step(`^the service waits for its database$`, w.theServiceWaits)
	sc.Step(`^the service is soon ready$`, w.theServiceIsSoonReady)
	sc.Step(`^the service is told to stop$`, w.theServiceIsToldToStop)
	sc.Step(`^the service soon ends with exit code (\d+)$`, w.theServiceSoonEnds)
	sc.Step(`^new connections are soon refused$`, w.newConnectionsAreRefused)
}

// theServiceRunsWith takes a table with the names of variables above their values.
func (w *world) theServiceRunsWith(settings *godog.Table) error {
	if w.service != nil {
		return errors.New("the service is running already")
	}
	if len(settings.Rows) != 2 {
		return errors.New("settings need one row below the names of the variables")
	}
	for i, cell := range settings.Rows[1].Cells {
		w.settings[settings.Rows[0].Cells[i].Value] = cell.Value
	}
	return w.own()
}

// theConnectionStringAlsoHas takes parameters of a URL.
func (w *world) theConnectionStringAlsoHas(parameters string) error {
	if w.service != nil {
		return errors.New("the service is running already")
	}
	w.parameters = parameters
	return w.own()
}

func (w *world) theAddressIsTaken() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("take an address: %w", err)
	}
	w.atEnd(func(context.Context) error { return listener.Close() })
	w.settings["RATES_ADDR"] = listener.Addr().String()
	return nil
}

// theServiceIsStarted starts the service at once; the next step says whether it
// must succeed.
func (w *world) theServiceIsStarted(ctx context.Context) error {
	if err := w.startService(ctx); err != nil {
		return err
	}
	w.command = w.service.proc
	if w.service.url == "" {
		w.service = nil // the scenario may try again
	}
	return nil
}

func (w *world) theServiceWaits() error {
	return testkit.Retry(func() error {
		if !strings.Contains(w.service.proc.stderr.String(), "waiting for the database") {
			return errors.New("the service does not say that it waits")
		}
		return nil
	})
}

func (w *world) theServiceIsSoonReady() error {
	if err := w.service.await(); err != nil {
		return err
	}
	if w.service.url == "" {
		return fmt.Errorf("the service ended and wrote:\n%s", w.service.proc.stderr.String())
	}
	return nil
}

func (w *world) theServiceIsToldToStop() error {
	if w.service == nil {
		return errors.New("the service is not running")
	}
	if err := w.service.proc.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("tell the service to stop: %w", err)
	}
	return nil
}

func (w *world) theServiceSoonEnds(code int) error {
	if w.service == nil {
		return errors.New("the service is not running")
	}
	if err := w.service.proc.wait(); err != nil {
		return err
	}
	if got := w.service.proc.code; got != code {
		return fmt.Errorf("the service ended with exit code %d, want %d", got, code)
	}
	return nil
}

func (w *world) newConnectionsAreRefused() error {
	u, err := url.Parse(w.service.url)
	if err != nil {
		return fmt.Errorf("read the URL of the service: %w", err)
	}
	return testkit.Retry(func() error {
		conn, err := net.DialTimeout("tcp", u.Host, testkit.Patience)
		if err != nil {
			return nil //nolint:nilerr // refused, as it must be
		}
		return errors.Join(errors.New("a new connection is accepted"), conn.Close())
	})
}
