package access

import (
	"errors"
	"fmt"
	"strings"
)

var errBusy = errors.New("another command changes logins at this moment; run this one again when it has ended")

// RefusedError says why a change of logins was not made, and what to do.
type RefusedError struct{ reason string }

// Error returns the reason.
func (e *RefusedError) Error() string { return e.reason }

func refuse(format string, args ...any) error {
	return &RefusedError{reason: fmt.Sprintf(format, args...)}
}

// LeftError is the error for sessions of a login that should have ended.
type LeftError struct {
	Done     string // what was done nevertheless, if anything
	Login    string
	Sessions []Session
	Advice   string
}

// Error names the login, its sessions and what to do.
func (e *LeftError) Error() string {
	return fmt.Sprintf("%s, but %s has %s; %s", e.Done, e.Login, describe(e.Sessions), e.Advice)
}

// Session is a connection of a login.
type Session struct {
	PID         int32
	Application string
	Client      string // its address; empty for a socket, or if the observer may not know
}

// String names the process and the program.
func (s Session) String() string {
	text := fmt.Sprintf("pid %d", s.PID)
	if s.Application != "" {
		text += fmt.Sprintf(" %q", s.Application)
	}
	if s.Client != "" {
		text += " from " + s.Client
	}
	return text
}

// describe lists the first sessions.
func describe(sessions []Session) string {
	const most = 5
	var list []string
	for _, s := range sessions[:min(len(sessions), most)] {
		list = append(list, s.String())
	}
	if more := len(sessions) - most; more > 0 {
		list = append(list, fmt.Sprintf("%d more", more))
	}
	if len(sessions) == 1 {
		return "1 session: " + list[0]
	}
	return fmt.Sprintf("%d sessions: %s", len(sessions), strings.Join(list, ", "))
}
