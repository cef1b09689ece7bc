package session

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/rates/security/scanner"
)

// version returns the version of ZAP's core.
func (c *client) version(ctx context.Context) (string, error) {
	return c.text(ctx, "name its version", "version", c.api.Core().Version)
}

// prepare gives ZAP an empty session in which every passive rule sees everything.
// The mode must be standard: the mode safe forbids the spider. 0 alerts per rule
// means all of them.
func (c *client) prepare(ctx context.Context) error {
	for _, one := range []struct {
		step string
		call func() (answer, error)
	}{
		{"begin a session", func() (answer, error) { return c.api.Core().NewSession("", "true") }},
		{"use the mode standard", func() (answer, error) { return c.api.Core().SetMode("standard") }},
		{"turn on the passive rules", c.api.Pscan().EnableAllScanners},
		{"show every alert", func() (answer, error) { return c.api.Pscan().SetMaxAlertsPerRule("0") }},
		{"leave out tags", c.api.Pscan().DisableAllTags},
	} {
		if err := c.do(ctx, one.step, one.call); err != nil {
			return err
		}
	}
	return nil
}

// addOns returns the installed add-ons.
func (c *client) addOns(ctx context.Context) (installed []AddOn, err error) {
	err = c.list(ctx, "list its add-ons", "installedAddons", &installed, c.api.Autoupdate().InstalledAddons)
	return installed, err
}

// rule is a rule of ZAP.
type rule struct {
	ID      string `json:"id"`
	Enabled string `json:"enabled"`
}

// passiveRules returns the ids of the passive rules that are on, sorted.
func (c *client) passiveRules(ctx context.Context) ([]string, error) {
	return c.rules(ctx, "list its passive rules", c.api.Pscan().Scanners)
}

// activeRules turns on all active rules and returns their ids, sorted.
func (c *client) activeRules(ctx context.Context) ([]string, error) {
	if err := c.do(ctx, "turn on the active rules", func() (answer, error) { return c.api.Ascan().EnableAllScanners("") }); err != nil {
		return nil, err
	}
	return c.rules(ctx, "list its active rules", func() (answer, error) { return c.api.Ascan().Scanners("", "") })
}

func (c *client) rules(ctx context.Context, step string, call func() (answer, error)) ([]string, error) {
	var rules []rule
	if err := c.list(ctx, step, "scanners", &rules, call); err != nil {
		return nil, err
	}
	var on []string
	for _, r := range rules {
		if r.Enabled == "true" {
			on = append(on, r.ID)
		}
	}
	slices.Sort(on)
	return on, nil
}

// importContract lets ZAP ask what the OpenAPI document of the service names, and
// returns its warnings.
func (c *client) importContract(ctx context.Context, base string) ([]string, error) {
	if _, err := c.ask(ctx, "open "+base, scanner.InputUnavailable, func() (answer, error) {
		return c.api.Core().AccessUrl(base, "true")
	}); err != nil {
		return nil, err
	}
	const step = "import the OpenAPI document"
	said, err := c.ask(ctx, step, scanner.BadInput, func() (answer, error) {
		return c.api.Openapi().ImportUrl(base+contractPath, base, "")
	})
	if err != nil || said["Result"] == "OK" {
		return nil, err
	}
	var warnings []string
	err = decode(step, "importUrl", said, &warnings)
	return warnings, err
}

// spider follows the links of the service.
func (c *client) spider(ctx context.Context, base string) error {
	const step = "follow the links"
	id, err := c.number(ctx, step, "scan", func() (answer, error) { return c.api.Spider().Scan(base, "", "true", "", "true") })
	if err != nil {
		return err
	}
	return c.ended(ctx, step, func() (answer, error) { return c.api.Spider().Status(strconv.Itoa(id)) })
}

// awaitPassive waits until the passive rules have seen all answers: twice, because
// an answer may be on its way into the queue.
func (c *client) awaitPassive(ctx context.Context) error {
	const step, enough = "apply the passive rules", 2
	empty := 0
	return c.every(ctx, step, func() (bool, error) {
		left, err := c.number(ctx, step, "recordsToScan", c.api.Pscan().RecordsToScan)
		if empty++; left > 0 {
			empty = 0
		}
		return empty == enough, err
	})
}

// attack runs the active rules for at most so long. A scan that uses up its time
// may be incomplete, which is an error.
func (c *client) attack(ctx context.Context, base string, most time.Duration) error {
	const step = "run the active rules"
	minutes := max(int(most/time.Minute), 1)
	if err := c.do(ctx, "bound the active scan", func() (answer, error) {
		return c.api.Ascan().SetOptionMaxScanDurationInMins(minutes)
	}); err != nil {
		return err
	}
	start := time.Now()
	id, err := c.number(ctx, step, "scan", func() (answer, error) {
		return c.api.Ascan().Scan(base, "true", "false", "", "", "", "")
	})
	if err != nil {
		return err
	}
	err = c.ended(ctx, step, func() (answer, error) { return c.api.Ascan().Status(strconv.Itoa(id)) })
	if took := time.Since(start); err == nil && took >= time.Duration(minutes)*time.Minute {
		return scanner.Errorf(scanner.TimedOut, "the active scan used up its %d minutes, so it may be incomplete", minutes)
	}
	return err
}

// pageSize is how many messages or alerts ZAP is asked for at once.
const pageSize = 500

// messages returns what ZAP asked the service.
func (c *client) messages(ctx context.Context, base string) ([]Message, error) {
	type kept struct {
		Request  string `json:"requestHeader"`
		Response string `json:"responseHeader"`
	}
	const step = "show its requests"
	all, err := pages(pageSize, func(start, count string) (page []kept, err error) {
		err = c.list(ctx, step, "messages", &page, func() (answer, error) { return c.api.Core().Messages(base, start, count) })
		return page, err
	})
	if err != nil {
		return nil, err
	}
	var messages []Message
	for _, one := range all {
		line, _, _ := strings.Cut(one.Request, "\r\n")
		words := strings.Fields(line)
		if len(words) < len([]string{"GET", "URL"}) {
			return nil, scanner.Errorf(scanner.BadOutput, "ZAP shows a request without a URL: %q", line)
		}
		code, err := status(one.Response)
		if err != nil {
			return nil, scanner.Errorf(scanner.BadOutput, "ZAP shows an answer to %s: %w", line, err)
		}
		messages = append(messages, Message{Method: words[0], URL: words[1], Status: code})
	}
	return messages, nil
}

// alerts returns every alert, as many as ZAP itself counts.
func (c *client) alerts(ctx context.Context, base string) ([]Alert, error) {
	const step = "show its alerts"
	all, err := pages(pageSize, func(start, count string) (page []Alert, err error) {
		err = c.list(ctx, step, "alerts", &page, func() (answer, error) { return c.api.Alert().Alerts(base, start, count, "") })
		return page, err
	})
	if err != nil {
		return nil, err
	}
	said, err := c.ask(ctx, "count its alerts", scanner.ToolFailed, func() (answer, error) { return c.api.Alert().AlertsSummary(base) })
	if err != nil {
		return nil, err
	}
	counts, ok := said["alertsSummary"].(map[string]any)
	if !ok {
		return nil, scanner.Errorf(scanner.BadOutput, "ZAP was asked to count its alerts and answered %v", said)
	}
	total := 0
	for risk, count := range counts {
		n, ok := count.(float64)
		if !ok {
			return nil, scanner.Errorf(scanner.BadOutput, "ZAP counts its alerts of risk %s as %v", risk, count)
		}
		total += int(n)
	}
	if total != len(all) {
		return nil, scanner.Errorf(scanner.BadOutput, "ZAP counts %d alerts and shows %d", total, len(all))
	}
	return all, nil
}
