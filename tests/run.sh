#!/bin/sh
# Builds the release and the sanitizer build and runs the tests of both, quick ones
# first. `--all` adds the nightly ones. Logs lie in build/log. The last line is
# "N passed, N failed"; the exit status is 0 only when nothing failed.
set -eu

all=
case "${1:-}" in
  "") ;;
  --all) all=nightly ;;
  *)
    echo "usage: $0 [--all]" >&2
    exit 2
    ;;
esac

cd "$(dirname "$0")/.."
sh tests/setup.sh "${all:-test}"
logs=build/log
mkdir -p "$logs"
jobs=$(getconf _NPROCESSORS_ONLN)
began=$(date +%s)
passed=0
failed=0
failures=

seconds() { echo $(($(date +%s) - began)); }

# build PRESET
build() {
  log=$logs/build-$1.txt
  printf '%4d s  building %s\n' "$(seconds)" "$1"
  if ! { cmake --preset "$1" && cmake --build --preset "$1"; } </dev/null >"$log" 2>&1; then
    tail -n 60 "$log"
    failed=$((failed + 1))
    failures="$failures
  build of $1 (see $log)"
    return 1
  fi
}

# run PRESET NAME CTEST-FILTER...
run() {
  preset=$1
  log=$logs/test-$1-$2.txt
  name="$2 tests of $1"
  shift 2
  status=0
  ctest --test-dir "build/$preset" -j "$jobs" --output-on-failure --no-tests=ignore "$@" \
    </dev/null >"$log" 2>&1 || status=$?
  set -- $(sed -n 's/^.*% tests passed, \([0-9]*\) tests failed out of \([0-9]*\)$/\1 \2/p' "$log")
  bad=${1:-0}
  good=$((${2:-0} - bad))
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  passed=$((passed + good))
  failed=$((failed + bad))
  printf '%4d s  %s: %d passed, %d failed\n' "$(seconds)" "$name" "$good" "$bad"
  [ "$bad" -eq 0 ] && return 0
  tail -n 150 "$log"
  failures="$failures
$(sed -n '/^The following tests FAILED/,$s/^.* - \(.*\)$/  \1/p' "$log" | sed "s|\$| in $preset (see $log)|")"
}

ready=
for preset in debug release; do
  if build "$preset"; then ready="$ready $preset"; fi
done
check='^check$'
if [ -n "$all" ]; then check='^(check|nightly)$'; fi
for preset in $ready; do run "$preset" unit -L '^unit$' -L "$check"; done
for preset in $ready; do run "$preset" other -LE '^unit$' -L "$check"; done

if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
  failed=1
  failures="
  no tests were found"
fi
[ -z "$failures" ] || printf 'FAILED:%s\n' "$failures"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
