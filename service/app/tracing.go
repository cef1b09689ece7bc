package app

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
)

// tracing sends spans to an OpenTelemetry collector. If nil, it sends nothing and
// costs nothing.
type tracing struct{ provider *trace.TracerProvider }

// startTracing returns nil unless the standard OTEL_* variables ask for traces
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
// The exporter and the sampler read the other variables.
func startTracing(ctx context.Context) (*tracing, error) {
	wanted, err := tracesWanted()
	if err != nil || !wanted {
		return nil, err
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("set up traces from the OTEL_* variables: %w", err)
	}
	// The environment comes last and so wins.
	about, err := resource.New(ctx,
		resource.WithAttributes(semconv.ServiceName("rates")), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("read OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	return &tracing{provider: trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(about))}, nil
}

func tracesWanted() (bool, error) {
	if os.Getenv("OTEL_SDK_DISABLED") == "true" {
		return false, nil
	}
	switch exporter := os.Getenv("OTEL_TRACES_EXPORTER"); exporter {
	case "none":
		return false, nil
	case "":
		if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
			return false, nil
		}
	case "otlp":
	default:
		return false, fmt.Errorf("OTEL_TRACES_EXPORTER is %q; expected otlp or none", exporter)
	}
	for _, variable := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if protocol := os.Getenv(variable); protocol != "" && protocol != "http/protobuf" {
			return false, fmt.Errorf("%s is %q; expected http/protobuf, which collectors accept on port 4318", variable, protocol)
		}
	}
	return true, nil
}

// queryTracer returns nil if tracing is off.
func (t *tracing) queryTracer() pgx.QueryTracer {
	if t == nil {
		return nil
	}
	return otelpgx.NewTracer(otelpgx.WithTracerProvider(t.provider), otelpgx.WithMeterProvider(metricnoop.NewMeterProvider()))
}

// handlerWrapper returns nil if tracing is off.
func (t *tracing) handlerWrapper() func(route string, h http.Handler) http.Handler {
	if t == nil {
		return nil
	}
	return func(route string, h http.Handler) http.Handler {
		return otelhttp.NewHandler(h, route,
			otelhttp.WithTracerProvider(t.provider),
			otelhttp.WithMeterProvider(metricnoop.NewMeterProvider()),
			otelhttp.WithPropagators(propagation.TraceContext{}),
			otelhttp.WithSpanNameFormatter(func(route string, r *http.Request) string { return r.Method + " " + route }))
	}
}

// close sends the remaining spans.
func (t *tracing) close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}
