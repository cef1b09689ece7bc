# The same source, VERSION and builder give the same /rates, byte for byte.
FROM golang:1.26.9-alpine3.24@sha256:cdfd4fe2da6b225d8b40c6b7a105736e548e83ff56d5d8f9394446eeb5eb84e0 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY db ./db
COPY internal ./internal
COPY service ./service
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=${VERSION}" -o /rates ./service/cmd/rates

# CA certificates and time zones, but no shell and no package manager.
FROM gcr.io/distroless/static-debian13:nonroot@sha256:e2e927ec666bae08560abb3c55d0659eceabb657f56b6782ab500a9fc7f555e3
ARG VERSION=dev
LABEL org.opencontainers.image.title="rates" \
      org.opencontainers.image.description="What a container cost, on average, per day, between two ports." \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /rates /rates
USER 65532:65532
EXPOSE 3000
# Checks that the process is alive, not that it is ready: an engine that replaces
# unhealthy containers must not do so while the database is unavailable.
HEALTHCHECK --interval=10s --timeout=5s --start-period=40s --retries=3 CMD ["/rates", "health"]
ENTRYPOINT ["/rates"]
CMD ["serve"]
