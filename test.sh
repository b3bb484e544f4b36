#!/usr/bin/env bash
# Restores, builds and runs every test. Ends with one line: "N passed, N failed, N skipped".
exec "$(dirname "$0")/scripts/test" "$@"
