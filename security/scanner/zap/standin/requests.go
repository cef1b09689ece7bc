package standin

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// message is a request of the stand-in with the answer to it.
type message struct {
	method, url string
	status      int
	header      http.Header
}

// ask asks the service and keeps the answer, as ZAP keeps it: a service that does
// not answer gives an answer too.
func (z *ZAP) ask(ctx context.Context, address string) string {
	kept := message{method: http.MethodGet, url: address, status: http.StatusBadRequest}
	defer func() { z.messages = append(z.messages, kept) }()
	if z.behaviour == DeadService {
		return "java.net.ConnectException"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err.Error()
	}
	response, err := z.client.Do(request) // #nosec G704 -- the stand-in asks what the gate names
	if err != nil {
		return err.Error()
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	kept.status, kept.header = response.StatusCode, response.Header
	const most = 4 << 20
	body, _ := io.ReadAll(io.LimitReader(response.Body, most)) // as much as came
	return string(body)
}

func (z *ZAP) open(ctx context.Context, address string) object {
	if z.behaviour == ClosedPort {
		return refusal("internal_error")
	}
	z.ask(ctx, address)
	return object{"accessUrl": []any{}}
}

// importContract asks every operation with the examples of its parameters. Like ZAP
// it says nothing about a document that it does not understand.
func (z *ZAP) importContract(ctx context.Context, address, base string) object {
	for behaviour, code := range map[string]string{
		BadData: "bad_external_data", NotThere: "does_not_exist", BadParameter: "illegal_parameter",
	} {
		if z.behaviour == behaviour {
			return refusal(code)
		}
	}
	text := z.ask(ctx, address)
	document, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil || z.behaviour == ImportNothing {
		return object{"importUrl": []string{}}
	}
	for path, item := range document.Paths.Map() {
		if item.Get != nil {
			z.ask(ctx, base+path+query(item.Get.Parameters))
		}
	}
	if z.behaviour == ImportWarns {
		return z.recorded.warnings
	}
	return object{"importUrl": []string{}}
}

// query fills in the examples of the parameters, or their names, as ZAP does.
func query(parameters openapi3.Parameters) string {
	values := url.Values{}
	for _, p := range parameters {
		if p.Value == nil || p.Value.In != openapi3.ParameterInQuery {
			continue
		}
		value := any(p.Value.Name)
		if p.Value.Example != nil {
			value = p.Value.Example
		} else if p.Value.Schema != nil && p.Value.Schema.Value != nil && p.Value.Schema.Value.Example != nil {
			value = p.Value.Schema.Value.Example
		}
		values.Set(p.Value.Name, fmt.Sprint(value))
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

var links = regexp.MustCompile(`href="(/[^"]*)"`)

// spider follows the links of the first page. Like ZAP it gives a scan a number even
// if nobody answers.
func (z *ZAP) spider(ctx context.Context, base string) object {
	if z.behaviour == SafeMode {
		return refusal("mode_violation")
	}
	base = strings.TrimSuffix(base, "/")
	z.ask(ctx, base+"/robots.txt")
	for _, found := range links.FindAllStringSubmatch(z.ask(ctx, base+"/"), -1) {
		z.ask(ctx, base+found[1])
	}
	return object{"scan": "0"}
}
