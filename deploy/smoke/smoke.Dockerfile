# The smoke features and their runner, to check a deployed service from within
# its network:
#
#   docker build --file deploy/smoke/smoke.Dockerfile --tag rates-smoke .
#   docker run --rm --env BASE_URL=https://rates.example.com rates-smoke
FROM golang:1.26.9-alpine3.24@sha256:cdfd4fe2da6b225d8b40c6b7a105736e548e83ff56d5d8f9394446eeb5eb84e0 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY db ./db
COPY internal ./internal
COPY service ./service
COPY steps ./steps
RUN CGO_ENABLED=0 go test -c -trimpath -buildvcs=false -ldflags "-s -w -buildid=" -o /smoke ./steps

# CA certificates, but no shell and no package manager.
FROM gcr.io/distroless/static-debian13:nonroot@sha256:e2e927ec666bae08560abb3c55d0659eceabb657f56b6782ab500a9fc7f555e3
LABEL org.opencontainers.image.title="rates-smoke" \
      org.opencontainers.image.description="Checks a deployed rates against its features and changes nothing."
COPY features /smoke/features
COPY --from=build /smoke /smoke/steps/smoke
WORKDIR /smoke/steps
USER 65532:65532
# It runs once and exits.
HEALTHCHECK NONE
ENTRYPOINT ["/smoke/steps/smoke"]
CMD ["-test.v"]
