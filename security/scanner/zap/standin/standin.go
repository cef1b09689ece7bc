// Package standin stands in for ZAP where ZAP is not. It speaks ZAP's API, asks the
// service as ZAP does, and repeats what ZAP 2.17.0 was recorded to say: for an answer
// like a recorded one, the alerts of that one. It can also tell each of the lies that
// ZAP tells with the status 200. It finds nothing by itself.
package standin

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The behaviours.
const (
	Honest        = "honest"          // as ZAP was recorded
	Core          = "core"            // only the core: no add-on, so no rule
	NoOpenAPI     = "no openapi"      // the add-on that imports is missing
	ReleaseRules  = "release rules"   // as the bundle of 2.17.0: without beta rules
	OldVersion    = "old version"     // another version of the core
	SafeMode      = "safe mode"       // the mode forbids the spider
	ClosedPort    = "closed port"     // the service cannot be reached
	DeadService   = "dead service"    // every message is an exception in an answer with status 400
	BadData       = "bad data"        // the import is refused: bad_external_data
	NotThere      = "does not exist"  // the import is refused: does_not_exist
	BadParameter  = "bad parameter"   // the import is refused: illegal_parameter
	ImportWarns   = "import warnings" // the import succeeds with warnings
	ImportNothing = "import nothing"  // the import succeeds and asks nothing
	OtherBase     = "other base"      // the base URL is unknown: every list is empty
	LostPage      = "lost page"       // a page of alerts comes back without its alerts
	MadeUp        = "made up"         // it shows requests that it never sent
	WrongKey      = "wrong key"       // it closes the connection
	ReportError   = "report error"    // the report is an error
)

// Behaviours returns the names of the behaviours.
func Behaviours() []string {
	return []string{
		Honest, Core, NoOpenAPI, ReleaseRules, OldVersion, SafeMode, ClosedPort, DeadService, BadData, NotThere, BadParameter,
		ImportWarns, ImportNothing, OtherBase, LostPage, MadeUp, WrongKey, ReportError,
	}
}

// ZAP is a stand-in. It is an http.Handler.
type ZAP struct {
	key, behaviour string
	recorded       recording
	client         *http.Client

	mu       sync.Mutex
	perRule  int // most alerts of a rule at a place; 0 means all
	looks    int // how often the passive queue was looked at
	messages []message
}

// New returns a stand-in that takes only this API key.
func New(key, behaviour string) (*ZAP, error) {
	if !slices.Contains(Behaviours(), behaviour) {
		return nil, fmt.Errorf("there is no behaviour %q; there are: %s", behaviour, strings.Join(Behaviours(), ", "))
	}
	recorded, err := readRecording()
	// Like ZAP it accepts any certificate.
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}} // #nosec G402 -- it asks the service of a self-test
	return &ZAP{
		key: key, behaviour: behaviour, recorded: recorded, perRule: 1,
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, err
}

// ServeHTTP implements http.Handler.
func (z *ZAP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if query.Get("apikey") != z.key || z.behaviour == WrongKey {
		panic(http.ErrAbortHandler) // ZAP closes the connection
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	said := z.answer(r.Context(), strings.Trim(path.Clean(r.URL.Path), "/"), query.Get)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(said) // the client has gone
}

// object is an answer.
type object = map[string]any

// refusal is the way of ZAP to say no; the status is 200.
func refusal(code string) object { return object{"code": code, "message": "said by the stand-in"} }

func done() object { return object{"Result": "OK"} }

// answer does what a request asks for.
func (z *ZAP) answer(ctx context.Context, name string, get func(string) string) any {
	group, _, _ := strings.Cut(strings.TrimPrefix(name, "JSON/"), "/")
	addOns := map[string]bool{"pscan": true, "openapi": true, "spider": true}
	switch {
	case z.behaviour == Core && addOns[group], z.behaviour == NoOpenAPI && group == "openapi":
		return refusal("no_implementor")
	case z.behaviour == ReportError && strings.HasPrefix(name, "OTHER/"):
		return refusal("internal_error")
	}
	switch strings.TrimPrefix(name, "JSON/") {
	case "core/view/version":
		return object{"version": z.version()}
	case "core/action/newSession", "core/action/setMode", "pscan/action/enableAllScanners", "pscan/action/disableAllTags":
		return done()
	case "pscan/action/setMaxAlertsPerRule":
		z.perRule, _ = strconv.Atoi(get("maxAlerts"))
		return done()
	case "autoupdate/view/installedAddons":
		return z.recorded.addOns
	case "pscan/view/scanners":
		return object{"scanners": z.rules()}
	case "core/action/accessUrl":
		return z.open(ctx, get("url"))
	case "openapi/action/importUrl":
		return z.importContract(ctx, get("url"), get("hostOverride"))
	case "spider/action/scan":
		return z.spider(ctx, get("url"))
	case "spider/view/status":
		return object{"status": "100"}
	case "pscan/view/recordsToScan":
		return object{"recordsToScan": strconv.Itoa(z.queue())}
	case "core/view/messages":
		return object{"messages": z.shown(get("baseurl"), get("start"))}
	case "alert/view/alerts":
		return object{"alerts": z.page(get("baseurl"), get("start"), get("count"))}
	case "alert/view/alertsSummary":
		return object{"alertsSummary": z.summary(get("baseurl"))}
	default:
		return refusal("bad_view")
	}
}

func (z *ZAP) version() string {
	if z.behaviour == OldVersion {
		return "2.16.1"
	}
	return "2.17.0"
}

// rules returns the recorded rules, without the beta ones if the add-on is missing.
func (z *ZAP) rules() []object {
	return slices.DeleteFunc(slices.Clone(z.recorded.rules), func(rule object) bool {
		return z.behaviour == ReleaseRules && rule["status"] != "release"
	})
}

// queue is the number of answers that no rule has seen yet: the queue is empty for a
// moment before the last ones come.
func (z *ZAP) queue() int {
	z.looks++
	left := []int{0, 1}
	if z.looks > len(left) {
		return 0
	}
	return left[z.looks-1]
}
