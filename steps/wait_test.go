package steps_test

import (
	"fmt"
	"time"
)

// patience is how long a step waits for what must come at all. It is never
// spent when the service is right.
const patience = 20 * time.Second

// soon tries until check returns nil, and returns its last error when patience
// is at an end.
func soon(check func() error) error {
	deadline := time.Now().Add(patience)
	pause := 2 * time.Millisecond
	for {
		err := check()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("even after %v: %w", patience, err)
		}
		<-time.After(pause)
		const longest = 50 * time.Millisecond
		pause = min(2*pause, longest)
	}
}
