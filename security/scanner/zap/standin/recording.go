package standin

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

//go:embed recorded/*.json
var recorded embed.FS

// recording is what ZAP 2.17.0 said about a bad server.
type recording struct {
	addOns   object
	rules    []object
	warnings object
	answers  []recordedAnswer
	alerts   []object
}

// recordedAnswer is an answer of that server. Its URL begins with the path.
type recordedAnswer struct {
	Method string            `json:"method"`
	URL    string            `json:"url"`
	Status int               `json:"status"`
	Header map[string]string `json:"header"`
}

func readRecording() (recording, error) {
	var r recording
	var scanners struct {
		Scanners []object `json:"scanners"`
	}
	for name, to := range map[string]any{
		"addons": &r.addOns, "scanners": &scanners, "warnings": &r.warnings, "answers": &r.answers, "alerts": &r.alerts,
	} {
		text, err := recorded.ReadFile("recorded/" + name + ".json")
		if err == nil {
			err = json.Unmarshal(text, to)
		}
		if err != nil {
			return recording{}, fmt.Errorf("read the recording of ZAP: %w", err)
		}
	}
	r.rules = scanners.Scanners
	return r, nil
}

// like reports whether an answer is like the recorded one: its status and its
// headers are the same, except those that differ each time.
func (a recordedAnswer) like(m message, path string) bool {
	if a.Method != m.method || a.URL != path || a.Status != m.status {
		return false
	}
	header := http.Header{}
	for name, value := range a.Header {
		header.Set(name, value)
	}
	seen := m.header.Clone()
	for _, name := range []string{"Date", "Content-Length"} {
		seen.Del(name)
	}
	if len(seen) != len(header) {
		return false
	}
	for name := range header {
		if seen.Get(name) != header.Get(name) {
			return false
		}
	}
	return true
}

// shown is the messages of the base, one page of them.
func (z *ZAP) shown(base, start string) []object {
	shown := []object{}
	if start != "0" && start != "" || z.behaviour == OtherBase {
		return shown
	}
	for _, m := range z.messages {
		if strings.HasPrefix(m.url, base) {
			one := object{
				"requestHeader":  m.method + " " + m.url + " HTTP/1.1\r\nhost: x\r\n\r\n",
				"responseHeader": "HTTP/1.1 " + strconv.Itoa(m.status) + " " + http.StatusText(m.status) + "\r\n\r\n",
			}
			shown = append(shown, one)
			if z.behaviour == MadeUp {
				shown = append(shown, one, one, one)
			}
		}
	}
	return shown
}

// found is the alerts of the base: those that were recorded for a like answer.
func (z *ZAP) found(base string) []object {
	found := []object{}
	if z.behaviour == OtherBase {
		return found
	}
	seen, perRule := map[string]bool{}, map[any]int{}
	for _, m := range z.messages {
		at, err := url.Parse(m.url)
		if err != nil || !strings.HasPrefix(m.url, base) || seen[m.url] {
			continue
		}
		seen[m.url] = true
		for _, answer := range z.recorded.answers {
			if !answer.like(m, at.RequestURI()) || at.Path == "" {
				continue
			}
			for _, alert := range z.recorded.alerts {
				rule := alert["alertRef"]
				if alert["url"] != answer.URL || alert["method"] != answer.Method || z.perRule > 0 && perRule[rule] >= z.perRule {
					continue
				}
				perRule[rule]++
				copied := object{}
				for key, value := range alert {
					copied[key] = value
				}
				copied["url"] = m.url
				found = append(found, copied)
			}
		}
	}
	return found
}

// page is one page of the alerts. They are there once the queue has been empty
// twice.
func (z *ZAP) page(base, start, count string) []object {
	all := z.found(base)
	first, _ := strconv.Atoi(start)
	most, err := strconv.Atoi(count)
	if z.behaviour == LostPage || first >= len(all) {
		return []object{}
	}
	if err != nil || first+most > len(all) {
		most = len(all) - first
	}
	if settled := 3; z.looks < settled {
		return []object{}
	}
	return all[first : first+most]
}

// summary counts the alerts by risk.
func (z *ZAP) summary(base string) object {
	counts := object{"High": 0, "Medium": 0, "Low": 0, "Informational": 0}
	for _, alert := range z.found(base) {
		risk := alert["risk"].(string)
		counts[risk] = counts[risk].(int) + 1
	}
	return counts
}
