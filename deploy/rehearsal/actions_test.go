package rehearsal

// composite is a composite action with one script.
func composite(inputs, env, script string) string {
	return "name: stand-in\ndescription: of the rehearsal\n" + inputs + `runs:
  using: composite
  steps:
    - shell: bash
` + env + "      run: |\n" + script
}

const nothing = "        echo stand-in\n"

// actions are the stand-ins of the actions, by name. Artifacts are refused when a
// name comes twice, as GitHub does.
var actions = map[string]string{
	"actions/checkout": composite("inputs:\n  sparse-checkout:\n    default: ''\n",
		"      env:\n        ONLY: ${{ inputs.sparse-checkout }}\n", `        git clone --quiet --shared --no-checkout "$REHEARSAL/repository" .
        if [ -n "$ONLY" ]; then git sparse-checkout set "$ONLY"; fi
        git -c advice.detachedHead=false checkout --quiet --detach
`),
	"actions/setup-go":                 composite("", "", "        go version\n"),
	"hashicorp/setup-terraform":        composite("", "", "        terraform version\n"),
	"actions/cache/restore":            composite("", "", nothing),
	"actions/cache/save":               composite("", "", nothing),
	"docker/login-action":              composite("", "", nothing),
	"sigstore/cosign-installer":        composite("", "", nothing),
	"actions/dependency-review-action": composite("", "", nothing),
	"ossf/scorecard-action":            composite("", "", "        echo '{}' >scorecard.sarif\n"),
	"azure/login":                      composite("", "", "        az login\n"),
	"github/codeql-action/upload-sarif": composite("inputs:\n  sarif_file:\n    required: true\n",
		"      env:\n        FILE: ${{ inputs.sarif_file }}\n", `        jq -e '.runs | length == 1' "$FILE"
`),
	"actions/upload-artifact": composite("inputs:\n  name:\n    required: true\n  path:\n    required: true\n",
		"      env:\n        NAME: ${{ inputs.name }}\n        FILES: ${{ inputs.path }}\n", `        mkdir -p "$REHEARSAL/artifacts" && mkdir "$REHEARSAL/artifacts/$NAME"
        for file in $FILES; do
            if [ -d "$file" ]; then file=$file/.; fi
            cp -r "$file" "$REHEARSAL/artifacts/$NAME/"
        done
`),
	"actions/download-artifact": composite("inputs:\n  name:\n    required: true\n  path:\n    default: .\n",
		"      env:\n        NAME: ${{ inputs.name }}\n        INTO: ${{ inputs.path }}\n", `        mkdir -p "$INTO" && cp -r "$REHEARSAL/artifacts/$NAME/." "$INTO/"
`),
}

// configuration has the variables and outputs of terraform/app that a deployment
// uses. Its resources need no provider, and run stand-ins when they are created.
const configuration = `terraform {
  backend "local" {}
}

variable "environment" { type = string }
variable "port" { type = number }
variable "size" { type = string }

variable "commit" {
  type    = string
  default = null
}

variable "migrations_digest" {
  type    = string
  default = null
}

variable "migrations_version" {
  type    = number
  default = null
}

variable "service_digest" {
  type    = string
  default = null
}

variable "smoke_digest" {
  type    = string
  default = null
}

resource "terraform_data" "network" {
  input = var.size
}

resource "terraform_data" "migrate" {
  count            = var.migrations_digest == null ? 0 : 1
  triggers_replace = [var.migrations_digest, var.migrations_version]

  provisioner "local-exec" {
    command = "azure job ${var.environment} ${var.migrations_digest} ${coalesce(var.migrations_version, -1)}"
  }
}

resource "terraform_data" "rates" {
  count            = var.service_digest == null ? 0 : 1
  triggers_replace = [var.service_digest]

  provisioner "local-exec" {
    command = "azure serve ${var.environment} ${var.service_digest}"
  }
}

resource "terraform_data" "smoke" {
  count = var.smoke_digest == null ? 0 : 1
  input = var.smoke_digest
}

output "deployed" {
  value = {
    commit             = var.commit
    migrations_digest  = var.migrations_digest
    migrations_version = var.migrations_version
    service_digest     = var.service_digest
    smoke_digest       = var.smoke_digest
  }
}

output "jobs" { value = { migrate = "${var.environment}-migrate" } }
output "registry" { value = { name = var.environment } }
output "resource_group_name" { value = var.environment }
output "url" { value = "http://127.0.0.1:${var.port}" }
`

// bad is a workflow that runs the title of an issue.
const bad = `name: Bad
on:
  issues:
    types: [opened]
permissions: {}
concurrency:
  group: bad
jobs:
  bad:
    name: Bad
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions: {}
    steps:
      - name: Greet
        run: echo "${{ github.event.issue.title }}"
`
