#!/usr/bin/env bash
# Builds the azurerm provider from its Go module, for machines that reach a Go proxy
# but not registry.terraform.io, and keeps the binary in the user's cache folder.
# Prints the path of a CLI configuration that makes Terraform use it:
#
#   export TF_CLI_CONFIG_FILE=$(terraform/provider/install.sh)
#
# Terraform then needs no `init` for the provider, leaves the lock file alone, and
# warns with every command that a development override is in effect.
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
