package zap

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/zap/session"
)

// serverError is the rule of findings about answers that say that the service
// failed.
const serverError = "server-error"

// findings returns a finding for each alert at each place, and for each place that
// failed.
func findings(r session.Report) ([]finding.Finding, error) {
	var found []finding.Finding
	add := func(f finding.Finding) {
		same := func(other finding.Finding) bool { return other.Rule == f.Rule && other.Resource == f.Resource }
		if !slices.ContainsFunc(found, same) {
			found = append(found, f)
		}
	}
	for _, m := range r.Messages {
		if failed(m) {
			add(finding.Finding{
				Rule: serverError, Severity: finding.High, Resource: place(m.Method, m.URL, ""),
				Message: fmt.Sprintf("The service answered with %d.", m.Status),
				Help:    "Find the request in the log of the service; answer what cannot be done with a status below 500.",
			})
		}
	}
	for _, a := range r.Alerts {
		f, err := fromAlert(a)
		if err != nil {
			return nil, err
		}
		add(f)
	}
	return found, nil
}

// risks are the severities by ZAP's word for them.
var risks = map[string]finding.Severity{
	"High": finding.High, "Medium": finding.Medium, "Low": finding.Low, "Informational": finding.Info,
}

func fromAlert(a session.Alert) (finding.Finding, error) {
	severity, known := risks[a.Risk]
	if !known || a.URL == "" || a.Ref == "" && a.Plugin == "" {
		return finding.Finding{}, scanner.Errorf(scanner.BadOutput, "ZAP shows an alert without a rule, a URL or a risk that is known: %+v", a)
	}
	f := finding.Finding{
		Rule: cmp.Or(a.Ref, a.Plugin), Severity: severity, Resource: place(a.Method, a.URL, a.Param),
		Message: sentence(a.Name), Help: cmp.Or(oneLine(a.Solution), "Change the answer as ZAP's page about the alert says."),
	}
	if a.CWE != "" && a.CWE != "-1" && a.CWE != "0" {
		f.Message += " CWE-" + a.CWE + "."
	}
	if a.Evidence != "" {
		const most = 200
		f.Message += " Evidence: " + scanner.Shortened(oneLine(a.Evidence), most)
	}
	// References are addresses, a line each.
	f.URL, _, _ = strings.Cut(strings.TrimSpace(a.Reference), "\n")
	if f.URL == "" && a.Plugin != "" {
		f.URL = "https://www.zaproxy.org/docs/alerts/" + a.Plugin + "/"
	}
	return f, nil
}

// place names where a finding is, as GET /rates (date_from): without the host and
// the query, which differ from run to run.
func place(method, address, param string) string {
	path := address
	if at, err := url.Parse(address); err == nil {
		path = cmp.Or(at.Path, "/")
	}
	where := cmp.Or(method, "GET") + " " + path
	if param != "" {
		where += " (" + param + ")"
	}
	return where
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func sentence(text string) string { return strings.TrimSuffix(oneLine(text), ".") + "." }
