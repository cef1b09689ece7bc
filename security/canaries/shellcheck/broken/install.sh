#!/bin/sh
if true; then
  echo "$1"
