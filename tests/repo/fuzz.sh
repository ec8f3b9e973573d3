# labels: fuzz nightly
# Every fuzz target for a minute (FUZZ_SECONDS) under libFuzzer with address and
# undefined-behaviour sanitizers, from a copy of its stored corpus. A finding fails, and its
# input lies where the last lines say: mend what it shows, and keep it in
# tests/fuzz/corpus/TARGET under a name that tells. FUZZ_TARGETS names some targets alone.
set -eu
if [ "${BUILD_TYPE:-Release}" != Release ]; then
  echo "left to the release build, so that it runs once"
  exit 0
fi
seconds=${FUZZ_SECONDS:-60}
[ -n "${FUZZ_TARGETS:-}" ] || for source in "$SRC"/tests/fuzz/fuzz_*.c; do
  name=$(basename "$source" .c)
  FUZZ_TARGETS="${FUZZ_TARGETS:-} ${name#fuzz_}"
done

here=$PWD
cd "$SRC"
if ! { cmake --preset fuzz && cmake --build --preset fuzz; } </dev/null >"$here/build.log" 2>&1; then
  tail -n 40 "$here/build.log"
  exit 1
fi
cd "$here"

findings=
printf '%-10s %12s %10s %10s %8s\n' target executions features inputs seconds
for name in $FUZZ_TARGETS; do
  rm -rf "$name"
  mkdir -p "$name/corpus" "$name/work"
  cp "$SRC/tests/fuzz/corpus/$name"/* "$name/corpus/"
  status=0
  began=$(date +%s)
  (cd "$name/work" && exec "$SRC/build/fuzz/tests/fuzz_$name" ../corpus -max_total_time="$seconds" \
    -rss_limit_mb=2048 -timeout=10 -artifact_prefix=../finding- -print_final_stats=1) \
    </dev/null >"$name/log" 2>&1 || status=$?
  took=$(($(date +%s) - began))
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$name/log")
  features=$(sed -n 's/.* cov: [0-9]* ft: \([0-9]*\) .*/\1/p' "$name/log" | tail -n 1)
  printf '%-10s %12s %10s %10s %8s\n' "$name" "${executions:--}" "${features:--}" \
    "$(find "$name/corpus" -type f | wc -l)" "$took"
  if [ "$status" -ne 0 ] || ! grep -q '^#[0-9]*.DONE' "$name/log"; then
    tail -n 60 "$name/log"
    findings="$findings
  $name: exit status $status, input $(ls "$here/$name"/finding-* 2>/dev/null || echo none), log $here/$name/log"
  fi
done
[ -z "$findings" ] || { echo "FINDINGS:$findings"; exit 1; }
