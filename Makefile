# Each target is one command, so that it can be run without make too.

export GOFLAGS += -trimpath
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
MODULE_NOW = $(shell go list -m)
LINT := bin/tools/golangci-lint
# Built, not run with go run, which ends with 1 whatever the exit code of the program is.
GATES := bin/gates

.DEFAULT_GOAL := help
.PHONY: $(GATES) help run start-app-db rotate-login stop-app-db scale-demo build test test-short bdd picture bench bench-overload bench-memory bench-scale bench-scale-out lint fmt generate check-generated test-bench test-acceptance test-tools rename clean tools security security-selftest terraform-test terraform-azure terraform-provider github-settings zap rehearse-azure rehearse-workflows

##@ Use
run: ## Start a private PostgreSQL and the service on :3000, with data
	go build -o bin/devserver ./service/cmd/devserver && exec bin/devserver
start-app-db: ## The same in containers, through docker compose
	deploy/compose/start.sh
rotate-login: ## Give the service in containers another login, while it runs
	deploy/compose/rotate.sh
stop-app-db: ## Stop the containers; the data stay
	deploy/compose/stop.sh
scale-demo: ## Show read replicas: three instances that ask two of them; Ctrl-C removes all
	deploy/replica/start.sh

##@ Develop
build: ## Build bin/rates
	CGO_ENABLED=0 go build -ldflags "-s -w -X main.version=$(VERSION)" -o bin/rates ./service/cmd/rates
test: ## Run every test; a missing database is a failure
	REQUIRE_DB=1 GORACE=atexit_sleep_ms=10 go test -race ./...
test-short: ## Run the tests that take little time; one package needs a database
	go test -short ./...
bdd: ## Run the specification; BASE_URL=http://host:port checks a deployed service
	REQUIRE_DB=1 BASE_URL=$(BASE_URL) go test ./steps -count=1 -v
picture: ## Draw the picture of the page in the README again; needs Chrome or Chromium
	REQUIRE_DB=1 go test ./steps -count=1 -run TestPicture -args -picture=docs/page.png
test-bench: ## Run the tests of the benchmarks
	cd bench && go test ./...
test-acceptance: ## Compile the test on Azure; it refuses to run without settings
	cd terraform/acceptance && go vet -tags azure ./... && go test ./...
test-tools: ## Run the tests that need the tools of the gates
	REQUIRE_DB=1 REQUIRE_TOOLS=1 go test ./security/... ./terraform/... ./deploy/...
bench: ## Measure the service against a bare handler and a bare database
	cd bench && go run . run $(ARGS)
bench-overload: ## Measure it with more requests than it can answer
	cd bench && go run . overload $(ARGS)
bench-memory: ## Measure it with a full cache and many idle connections
	cd bench && go run . memory $(ARGS)
bench-scale: ## Measure it with growing amounts of data; ARGS=--huge goes to 100 million prices
	cd bench && go run . scale $(ARGS)
bench-scale-out: ## Measure instances with a replica each, beside as many on one server
	cd bench && go run . scale-out $(ARGS)
lint: $(LINT) ## Check style and common mistakes
	$(LINT) run ./... && cd bench && ../$(LINT) run ./... && cd ../terraform/acceptance && ../../$(LINT) run --build-tags azure ./...
fmt: $(LINT) ## Format the code
	$(LINT) fmt ./... && cd bench && ../$(LINT) fmt ./... && cd ../terraform/acceptance && ../../$(LINT) fmt ./...
generate: ## Write the generated files again: db/rates.sql, the list of gates, the reference of the API
	go run ./db/generate && go run ./service/page/reference && go run ./security/scanner/all/generate
check-generated: generate ## Check that generated files are current and each go.mod is tidy
	git diff --exit-code -- db/rates.sql service/page/templates/reference.html security/scanner/all/found.go && go mod tidy -diff && cd bench && go mod tidy -diff && cd ../terraform/acceptance && go mod tidy -diff
rename: ## Give a fork its own module path; MODULE=github.com/acme/rates
	git grep -IlzF '$(MODULE_NOW)' | xargs -0 perl -pi -e 's{\Q$(MODULE_NOW)\E\b}{$(or $(MODULE),$(error name the new path, as in MODULE=github.com/acme/rates))}g'
clean: ## Remove what was built and the private PostgreSQL's data
	go run ./service/cmd/devserver --clean && rm -rf bin reports

##@ Secure
tools: $(GATES) ## Install the pinned tools of the gates that are missing
	$(GATES) tools
security: tools ## Run the security gates; RATES_GATES_PROFILE=ci|offline|release is stricter
	$(GATES) run
security-selftest: tools ## Prove that each gate finds its planted defect and fails when broken
	$(GATES) selftest
zap: $(GATES) ## Run the gate zap only: OWASP ZAP against the running service; ARGS="--active --open"
	$(GATES) tools zap && $(GATES) run --only=zap --reports=reports/zap $(ARGS)

##@ Infrastructure
terraform-test: $(GATES) ## Run the gate that tests terraform/, without a cloud account
	$(GATES) tools terraform && $(GATES) run --only=terraform-test --reports=reports/terraform-test
terraform-azure: ## Apply dev to Azure, check it, remove it; costs money, see docs/deploy.md
	cd terraform/acceptance && go test -tags azure -timeout 3h -count 1 -v -run TestDevWorksAndPlansNoChanges .
rehearse-azure: $(GATES) ## Deploy terraform/ to a stand-in of Azure on this machine, whole
	$(GATES) tools terraform && go test ./deploy/rehearsal/azure -run TestDeployment -count=1 -parallel 5 -v -timeout 40m -args -rehearse
terraform-provider: ## Build azurerm where registry.terraform.io is closed
	@terraform/provider/install.sh

##@ GitHub
github-settings: ## Set up the repository on GitHub; REPOSITORY=OWNER/REPO, ARGS=--check only compares
	go run ./deploy/github $(or $(REPOSITORY),$(error name the repository, as in REPOSITORY=acme/rates)) $(ARGS)

rehearse-workflows: $(GATES) ## Run the workflows on this machine, green and red
	$(GATES) tools act actionlint hadolint shellcheck trivy zizmor && go test ./deploy/rehearsal -count=1 -v -timeout 60m -args -rehearse

##@ Help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Always built: go knows whether it is current.
$(GATES):
	@go build -o $@ ./security/cmd/gates

$(LINT): security/tools/lint/go.mod
	cd security/tools/lint && go build -o $(CURDIR)/$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
