package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/rates/internal/cli"
	"example.com/rates/service/access"
)

type statusCommand struct {
	databaseFlag
}

// Validate checks the flags.
func (c *statusCommand) Validate() error { return c.check() }

// Run prints a line for each login.
func (c *statusCommand) Run(ctx context.Context, std cli.Streams) error {
	return c.manage(ctx, std, access.Request{}, func(m *access.Manager) error {
		accounts, err := m.Status(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(std.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "LOGIN\tMAY\tSTATE\tUNTIL\tSESSIONS\tLAST CHANGE")
		for _, a := range accounts {
			fmt.Fprintln(table, strings.Join([]string{
				a.Name, cmp.Or(strings.Join(a.May, ","), "-"), state(a, time.Now()), until(a), programs(a.Sessions), lastChange(a),
			}, "\t"))
		}
		return table.Flush()
	})
}

func state(a access.Account, now time.Time) string {
	switch {
	case !a.Open:
		return "closed"
	case a.Over(now):
		return "over"
	default:
		return "open"
	}
}

func until(a access.Account) string {
	if a.Until == nil {
		return "-"
	}
	return minute(*a.Until)
}

// programs counts sessions by the names of their applications.
func programs(sessions []access.Session) string {
	if len(sessions) == 0 {
		return "-"
	}
	counts := map[string]int{}
	for _, s := range sessions {
		counts[cmp.Or(s.Application, "unnamed")]++
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, fmt.Sprintf("%d %s", counts[name], name))
	}
	return strings.Join(list, ", ")
}

// lastChange says what was recorded last, and the reason that was given.
func lastChange(a access.Account) string {
	if a.Event == "" || a.Since == nil {
		return "-"
	}
	text := fmt.Sprintf("%s %s by %s", a.Event, minute(*a.Since), a.AskedBy)
	if a.ApprovedBy != "" {
		text += ", approved by " + a.ApprovedBy
	}
	if a.Reason != "" {
		text += ": " + a.Reason
	}
	return text
}
