#!/bin/sh
# Fails when a C file is not as clang-format would write it (.clang-format).
set -eu
cd "$(dirname "$0")/.."
git ls-files -z -- '*.c' '*.h' | xargs -0 -r clang-format-14 --dry-run -Werror
