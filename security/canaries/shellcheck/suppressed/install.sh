#!/bin/sh
# shellcheck disable=SC2086
rm -rf $1
