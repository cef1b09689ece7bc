package access

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// LongestGrant is the longest time for which a person is given access.
const LongestGrant = 24 * time.Hour

// Grant is what a person gets, and for how long.
type Grant struct {
	Person  string // the login that is made
	Role    string // reader or loader
	For     time.Duration
	Publish Publisher
}

var personName = regexp.MustCompile(`^[a-z][a-z0-9_.-]{0,62}$`)

// Check returns an error unless a and the request are complete.
func (a Grant) Check(request Request) error {
	var errs []error
	switch {
	case !personName.MatchString(a.Person):
		errs = append(errs, fmt.Errorf("the person is %q; expected a lower-case letter and up to 62 letters, digits, '_', '-' or '.'", a.Person))
	case strings.HasPrefix(a.Person, "rates_"), strings.HasPrefix(a.Person, "pg_"):
		errs = append(errs, fmt.Errorf("the person is %q; names that begin with rates_ and pg_ are those of programs and groups", a.Person))
	}
	if a.Role != "reader" && a.Role != "loader" {
		errs = append(errs, fmt.Errorf("the role is %q; expected reader or loader", a.Role))
	}
	if a.For <= 0 || a.For > LongestGrant {
		errs = append(errs, fmt.Errorf("the time is %v; expected more than 0 and at most %v", a.For, LongestGrant))
	}
	if strings.EqualFold(request.ApprovedBy, a.Person) {
		errs = append(errs, fmt.Errorf("%s is to approve their own access; somebody else must", a.Person))
	}
	return errors.Join(errs...)
}

// group returns the group of a role.
func (a Grant) group() string { return "rates_" + a.Role }

// Grant makes a login that ends by itself, and publishes its password. It returns
// when it ends. Sessions go on after that until Sweep ends them.
func (m *Manager) Grant(ctx context.Context, a Grant) (until time.Time, err error) {
	if err := a.Check(m.request); err != nil {
		return until, err
	}
	unlock, err := m.lock(ctx)
	if err != nil {
		return until, err
	}
	defer unlock()
	exists, err := m.mayGrant(ctx, a.Person)
	if err != nil {
		return until, err
	}
	if until, err = m.in(ctx, a.For); err != nil {
		return until, err
	}
	fresh := newCredential(a.Person, until)
	e := event{kind: granted, login: a.Person, detail: a.Role, until: until}
	err = m.change(ctx, e, func(tx pgx.Tx) error { return give(ctx, tx, fresh, a.group(), exists) })
	if err != nil {
		return until, err
	}
	if err := a.Publish.Publish(ctx, fresh); err != nil {
		err = fmt.Errorf("publish the password of %s: %w", a.Person, err)
		return until, errors.Join(err, m.end(context.WithoutCancel(ctx), revoked, a.Person))
	}
	return until, nil
}

// mayGrant refuses a person who has access, and a login that Grant did not make.
func (m *Manager) mayGrant(ctx context.Context, person string) (exists bool, err error) {
	p, err := m.person(ctx, person)
	switch {
	case err != nil:
		return false, err
	case !p.exists:
		return false, nil
	case !p.granted:
		return true, refuse("the login %s exists and was not made by 'rates login grant'; choose another name", person)
	case p.open && !p.over:
		return true, refuse("%s has access already; end it first: rates login revoke %[1]s", person)
	}
	// What an earlier access left is ended, so that this one gives its own role alone.
	return true, m.end(ctx, expired, person)
}

// give makes the login of a person, or opens it again.
func give(ctx context.Context, tx pgx.Tx, c Credential, group string, exists bool) error {
	if !exists {
		if _, err := tx.Exec(ctx, `CREATE ROLE `+name(c.User)+` NOLOGIN`); err != nil {
			return fmt.Errorf("make the login %s: %w", c.User, err)
		}
	}
	if _, err := tx.Exec(ctx, `GRANT `+name(group)+` TO `+name(c.User)); err != nil {
		return fmt.Errorf("make %s a member of %s: %w", c.User, group, err)
	}
	return open(ctx, tx, c)
}
