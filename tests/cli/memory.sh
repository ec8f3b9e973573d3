# labels: property check
# The memory a row costs, as docs/FORMATS.md states it: the peak of two organisations, one
# four times the other, and their difference a row. Sanitizers keep memory of their own, so
# that their build says nothing here.
set -eu
. "$SRC/tests/support/organisation.sh"
if [ "${BUILD_TYPE:-Release}" != Release ]; then
  echo "skipped: for release builds"
  exit 0
fi
fresh
sh "$SRC/tests/support/large_organisation.sh" small 2000
sh "$SRC/tests/support/large_organisation.sh" large 8000

# peak COMMAND...: its largest resident size, bytes.
cat >peak.py <<'EOF'
import resource, subprocess, sys
if subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL):
    sys.exit("failed: " + " ".join(sys.argv[1:]))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
EOF
peak() { python3 peak.py "$PROFICIO" "$@" --quiet; }

# stated COMMAND: bytes an enrolment, from the table of the documentation.
stated() {
  sed -n '/^## Memory/,/^## /s/^| `'"$1"'` | \([0-9]*\) .*/\1/p' "$SRC/docs/FORMATS.md"
}

# costs COMMAND PEAK-OF-SMALL PEAK-OF-LARGE
costs() {
  limit=$(stated "$1")
  [ -n "$limit" ] || fail "docs/FORMATS.md states no memory of $1"
  each=$((($3 - $2) / 60000))
  printf '%s: %d bytes an enrolment, %d stated\n' "$1" "$each" "$limit" >&2
  [ "$each" -le "$limit" ] || fail "$1 takes more than is stated"
}

for size in small large; do
  eval "import_$size=$(peak import $size -o $size.h5)"
  eval "train_$size=$(peak train $size.h5 -o $size-model.h5 --max-sweeps 2)"
  eval "recommend_$size=$(peak recommend $size-model.h5 $size.h5 --all --top 3 -o $size.csv)"
done
costs import "$import_small" "$import_large"
costs train "$train_small" "$train_large"
costs recommend "$recommend_small" "$recommend_large"
