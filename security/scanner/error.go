package scanner

import (
	"errors"
	"fmt"
)

// Kind is a way in which a scan can fail.
type Kind string

// The kinds: each is a way in which a tool could pass without checking.
const (
	ToolMissing        Kind = "tool missing"
	WrongVersion       Kind = "wrong version"
	ToolChanged        Kind = "tool changed"
	ToolFailed         Kind = "tool failed"
	Killed             Kind = "killed"
	TimedOut           Kind = "timed out"
	BadInput           Kind = "input not parsed"
	BadOutput          Kind = "output not understood"
	NothingExamined    Kind = "nothing examined"
	TooFewExamined     Kind = "too little examined"
	DatabaseMissing    Kind = "database missing"
	DatabaseTooOld     Kind = "database too old"
	DatabaseIncomplete Kind = "database incomplete"
	ShallowHistory     Kind = "history incomplete"
	AnotherImage       Kind = "another image"
	InputUnavailable   Kind = "input unavailable"
)

// Error says why a scan proves nothing.
type Error struct {
	Kind   Kind
	Detail string // what happened and what to do, one sentence or two
	Err    error  // the cause, or nil
}

// Errorf returns an Error. The operand of %w in format is its cause.
func Errorf(kind Kind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Detail: err.Error(), Err: errors.Unwrap(err)}
}

// Error implements error.
func (e *Error) Error() string { return string(e.Kind) + ": " + e.Detail }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// AsError returns err as an *Error; an error of another type becomes a failure
// of the tool.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: ToolFailed, Detail: err.Error(), Err: err}
}
