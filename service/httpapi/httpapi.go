// Package httpapi answers the questions of package rates over HTTP. Its contract
// is openapi.yaml.
package httpapi

import (
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"example.com/rates/service/accesslog"
	"example.com/rates/service/admission"
	"example.com/rates/service/page"
	"example.com/rates/service/rates"
)

// Config is the configuration of an API.
type Config struct {
	Store   rates.Store
	Log     *accesslog.Logger
	Metrics *Metrics

	// Cache, if not nil, keeps answers for as long as the data have the same
	// version.
	Cache    *Cache
	Versions Versions

	Questions *admission.Queue // before the store
	MaxDays   int              // of one question
	Timeout   time.Duration    // for one question

	// AllowedOrigins are the origins of sites whose scripts may read answers, besides
	// our own. "*" is all of them.
	AllowedOrigins []string

	// Stopping, if not nil, reports whether each answer is to be the last on its
	// connection, so that the next request of the client goes to another instance.
	Stopping func() bool

	// Wrap, if not nil, wraps the handler of each route, for tracing.
	Wrap func(route string, h http.Handler) http.Handler
}

// Versions knows the version of the data without a query.
type Versions interface {
	// Current returns the current version. ok is false while it is unknown.
	Current() (version int64, ok bool)
	// Saw reports a version that a client is told of.
	Saw(version int64)
}

// MaxURL is the length of the longest URL that is accepted, in bytes.
const MaxURL = 4 << 10

// api is the state that the handlers share.
type api struct {
	Config
	compressor compressor
}

// ratesPath is the path of questions.
const ratesPath = "/rates"

// New returns the handler of all routes.
func New(cfg Config) http.Handler {
	a := &api{Config: cfg, compressor: newCompressor()}
	router := mux.NewRouter().SkipClean(true)
	add := func(route string, handle handlerFunc) {
		// Every path is fixed, and comparing is faster than mux's regular expression.
		router.MatcherFunc(func(r *http.Request, _ *mux.RouteMatch) bool { return r.URL.Path == route }).
			Handler(a.endpoint(route, readOnly(handle)))
	}
	add(ratesPath, a.getRates)
	add("/ports", a.getPorts)
	add("/regions", a.getRegions)
	add("/", a.getRoot)
	add("/openapi.yaml", fixed(asYAML, openAPI))
	add("/docs", fixed(asHTML, docs()))
	add("/healthz", a.getHealth)
	add("/readyz", a.getReadiness)
	for _, asset := range page.Assets() {
		add(asset.Path, assetHandler(asset))
	}
	add("*", nothing) // "OPTIONS *" is about the service as a whole
	router.NotFoundHandler = a.endpoint("unmatched", nothing)
	return withoutVars{router}
}

func nothing(*response, *http.Request) error {
	return &rates.Error{Kind: notFound, Message: "There is nothing here. /openapi.yaml lists the paths."}
}

// withoutVars serves like its router, but does not add the variables of the path
// to the request, for which mux copies it twice: no route has any.
type withoutVars struct{ router *mux.Router }

// ServeHTTP implements http.Handler.
func (h withoutVars) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var match mux.RouteMatch
	h.router.Match(r, &match) // also sets the handler for unknown paths
	match.Handler.ServeHTTP(w, r)
}
