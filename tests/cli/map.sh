# labels: golden check
# The example of docs/MAPPING.md does what is printed there, every key of a mapping is told
# there, and --map behaves as an option: with proficio.json, against --preset, with faults.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh
doc=$SRC/docs/MAPPING.md
mkdir lms hris

# block START: the fenced block behind the line that begins so.
block() {
  awk -v start="$1" '
    index($0, start) == 1 { found = 1 }
    found && /^```/ { if (inside) exit; inside = 1; next }
    found && inside' "$doc"
}
for file in lms/Teilnahmen.csv hris/skills.txt mapping.json; do
  block "File \`$file\`" >"$file"
  [ -s "$file" ] || fail "docs/MAPPING.md has no $file"
done
command=$(sed -n 's/^Result of `\(.*\)`:$/\1/p' "$doc")
set -- $command
shift
exits 0 "$PROFICIO" "$@"
block 'Result of' >wanted
cmp out wanted || fail "the result: $(cat out)"
block 'Rejects, in' >wanted
sort data.h5.rejects.csv >sorted
sort wanted | cmp - sorted || fail "the rejects: $(cat data.h5.rejects.csv)"
says 'Teilnahmen.csv: 1 skipped, as the mapping says'

# Every key that the program knows is told, and none is told that it does not know.
exits 3 sh -c "sed 's/\"tables\"/\"nonsense\"/' mapping.json >bad.json
  '$PROFICIO' import lms hris --map bad.json -o x.h5"
sed 's/.*there are //; s/, / /g' err >keys
exits 3 sh -c "sed 's/\"skip\"/\"nonsense\"/' mapping.json >bad.json
  '$PROFICIO' import lms hris --map bad.json -o x.h5"
says 'tables.assessments.1.nonsense: unknown key'
sed 's/.*there are //; s/, / /g' err >>keys
exits 3 sh -c "sed 's/\"words\"/\"nonsense\"/' mapping.json >bad.json
  '$PROFICIO' import lms hris --map bad.json -o x.h5"
sed 's/.*there are //; s/, / /g' err >>keys
tr ' ' '\n' <keys | sed '/^$/d' | sort -u >known
sed -n '/^## Keys/,/^\*\*Dates/s/^| \(`[a-z`, ]*`\) |.*/\1/p' "$doc" |
  tr -d '`' | sed 's/, /\n/g' | sort -u >told
cmp known told || fail "keys known: $(cat known); told: $(cat told)"

# In proficio.json; and not beside a preset.
echo '{"import": {"map": "mapping.json", "max_bad": 5}}' >proficio.json
exits 0 "$PROFICIO" import lms hris -o again.h5
cmp -s data.h5 again.h5 || fail "proficio.json and --map differ"
exits 2 "$PROFICIO" import lms hris --preset onet -o x.h5
says 'give one of the two'
exits 0 "$PROFICIO" import lms/Teilnahmen.csv hris/skills.txt -o again.h5
cmp -s data.h5 again.h5 || fail "files and folders differ"
rm proficio.json

# Faults of the mapping, and what is not there.
exits 3 "$PROFICIO" import lms hris --map mapping.json -o x.h5 --max-bad 0
says 'lms/Teilnahmen.csv:5: Ergebnis '
says 'see x.h5.rejects.csv'
exits 4 "$PROFICIO" import lms hris --map nowhere.json -o x.h5
says 'nowhere.json'
exits 3 "$PROFICIO" import lms --map mapping.json -o x.h5
says "mapping.json: table assessments: no file 'skills.txt'"
sed 's/"Ergebnis"/"Ergebniss"/' mapping.json >bad.json
exits 3 "$PROFICIO" import lms hris --map bad.json -o x.h5
says "lms/Teilnahmen.csv:1: no column 'Ergebniss', which bad.json names for table enrolments; did you mean 'Ergebnis'?"
sed 's/"passed"/"pased"/' mapping.json >bad.json
exits 3 "$PROFICIO" import lms hris --map bad.json -o x.h5
says "bad.json: tables.enrolments.columns.status.words.Bestanden: 'pased': expected one of"
head -c 300 mapping.json >bad.json
exits 3 "$PROFICIO" import lms hris --map bad.json -o x.h5
says 'bad.json:'
[ ! -e x.h5 ] || fail "a dataset all the same"
no_leftovers
