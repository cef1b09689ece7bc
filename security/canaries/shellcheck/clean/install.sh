#!/bin/sh
set -eu
rm -rf "$1/old"
curl -fsSL -o /tmp/x https://example.com/x
sha256sum --check x.sum
sh /tmp/x
