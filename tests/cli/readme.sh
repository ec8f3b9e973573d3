# labels: golden check
# Every command in README.md's "sh" blocks works, in the order in which a reader meets them.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation exports 120
awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$SRC/README.md" >commands
[ "$(grep -c '^proficio ' commands)" -ge 10 ] || fail "README.md shows too few commands"
while read -r name arguments; do
  [ "$name" = proficio ] || fail "not a command of ours: $name $arguments"
  # shellcheck disable=SC2086
  exits 0 "$PROFICIO" $arguments
done <commands
for file in data.h5 model.h5 lists.csv lists.jsonl figures.csv; do
  [ -s "$file" ] || fail "README.md's commands did not make $file"
done
