package rates

import (
	"errors"
	"strings"
)

// Kind says what went wrong. Its text is stable: it names the problem type that
// clients see.
type Kind string

// The kinds of error. The first six blame the question.
const (
	Missing      Kind = "missing-parameter"
	Repeated     Kind = "repeated-parameter"
	Malformed    Kind = "malformed-parameter"
	OutOfRange   Kind = "parameter-out-of-range"
	UnknownPlace Kind = "unknown-place"
	BadQuery     Kind = "malformed-query"
	Unavailable  Kind = "database-unavailable"
	Timeout      Kind = "timeout"
	Busy         Kind = "too-busy"
	Internal     Kind = "internal-error"
)

// Field names a field of Query.
type Field string

// The fields of a Query.
const (
	FieldFrom        Field = "from"
	FieldTo          Field = "to"
	FieldOrigin      Field = "origin"
	FieldDestination Field = "destination"
)

// Error is the one error type that crosses package borders of the service.
type Error struct {
	Kind    Kind
	Message string   // one or two sentences, safe to show to anybody
	Field   Field    // the field of the question to blame, or ""
	Value   string   // its value as the client sent it; a Store leaves it empty
	Hints   []string // close values that would have been accepted
	Cause   error    // for the log only
}

// Error returns the message and the cause. It is for logs; clients see only
// Message.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Message
	}
	return strings.TrimSuffix(e.Message, ".") + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// AsError returns err as an *Error. An error of any other type becomes an
// Internal one with err as its cause. err must not be nil.
func AsError(err error) *Error {
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	return &Error{Kind: Internal, Message: "The service failed to answer.", Cause: err}
}
