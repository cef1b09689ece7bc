#!/usr/bin/env bash
# Builds the azurerm provider from its Go module, for machines that reach the Go
# proxy but not registry.terraform.io. Once: the binary is kept in the user's
# cache folder. Prints the CLI configuration that makes Terraform use it:
#
#   export TF_CLI_CONFIG_FILE=$(terraform/provider/install.sh)
#
# Terraform then needs no `init` for the provider and leaves the lock file alone,
# and says with every command that a development override is in effect. Without
# the variable it asks the registry, as ever.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly module=github.com/hashicorp/terraform-provider-azurerm
version=$(go list -m -f '{{.Version}}' "$module")
readonly folder=${XDG_CACHE_HOME:-$HOME/.cache}/rates/terraform-provider-azurerm/$version
readonly binary=$folder/terraform-provider-azurerm

if [[ ! -x $binary ]]; then
    echo "Building $module $version; this takes about ten minutes, once." >&2
    mkdir -p "$folder"
    go build -buildvcs=false -trimpath -ldflags "-s -w" -o "$binary.new" "$module"
    mv "$binary.new" "$binary"
fi

cat >"$folder/terraform.tfrc.new.$$" <<EOF
provider_installation {
  dev_overrides {
    "hashicorp/azurerm" = "$folder"
  }
  direct {}
}
EOF
mv "$folder/terraform.tfrc.new.$$" "$folder/terraform.tfrc"
echo "$folder/terraform.tfrc"
