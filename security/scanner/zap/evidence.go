package zap

import (
	"net/http"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/zap/session"
)

// prove returns an error unless the report shows that ZAP examined every operation
// of the contract. The number of requests proves nothing: ZAP counts those that
// nobody answered.
func prove(r session.Report, c contract) error {
	switch {
	case len(r.Passive) == 0:
		return scanner.Errorf(scanner.NothingExamined, "ZAP has no passive rules that are on")
	case len(r.Warnings) > 0:
		return scanner.Errorf(scanner.BadInput, "ZAP could not ask all that the OpenAPI document names: %s (%d warnings)", r.Warnings[0], len(r.Warnings))
	case len(r.Messages) == 0:
		return scanner.Errorf(scanner.NothingExamined, "ZAP shows no request to %s", r.Base)
	case r.Logged >= 0 && r.Logged < r.Requests:
		return scanner.Errorf(scanner.TooFewExamined, "ZAP shows %d answers, but the log of the service has only %d requests", r.Requests, r.Logged)
	}
	asked := 0
	var missing operation
	for _, o := range c {
		answers := o.answers(r.Messages)
		if len(answers) == 0 {
			missing = o
			continue
		}
		asked++
		succeeded := false
		for status := range answers {
			succeeded = succeeded || o.succeeded(status)
		}
		if !succeeded {
			return scanner.Errorf(scanner.TooFewExamined, "%s was never answered with a success that its contract names, only with %s; a parameter may lack an example", o, statuses(answers))
		}
	}
	if asked < len(c) {
		return scanner.Errorf(scanner.TooFewExamined, "ZAP asked %d of the %d operations of the contract; %s is missing", asked, len(c), missing)
	}
	return nil
}

// failed reports whether an answer says that the service failed.
func failed(m session.Message) bool { return m.Status >= http.StatusInternalServerError }
