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
# What was built, kept apart from it, so that whatever changes it does not change this.
readonly record=${RATES_TOOL_RECORDS:-${XDG_CONFIG_HOME:-$HOME/.config}/rates/tools}/terraform-provider-azurerm-$version.sha256

checksum() { sha256sum "$1" 2>/dev/null || shasum -a 256 "$1"; }

if [[ ! -x $binary || ! -f $record || $(<"$record") != "$(checksum "$binary")" ]]; then
    echo "Building $module $version; this takes about ten minutes, once." >&2
    mkdir -p "$folder" "$(dirname "$record")"
    go build -buildvcs=false -trimpath -ldflags "-s -w" -o "$binary.new" "$module"
    mv "$binary.new" "$binary"
    checksum "$binary" >"$record"
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
