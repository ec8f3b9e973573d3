# labels: golden check
# needs: PFC_SQLITE
# docs/FORMATS.md has every setting, every column of an output and every key of --json.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 120
doc=$SRC/docs/FORMATS.md

# documented NAME WHERE
documented() {
  grep -qF -e "\`$1\`" "$doc" || fail "docs/FORMATS.md does not tell $1 of $2"
}
columns() {
  for name in $(head -n 1 out | tr , ' '); do documented "$name" "the columns of $1"; done
}
# Keys at the top of the last command's object.
keys() {
  for name in $(tail -n 1 out | awk '{
      depth = 0; text = 0; key = ""
      for (i = 1; i <= length($0); i++) {
        c = substr($0, i, 1)
        if (text && c == "\\") { i++; continue }
        if (c == "\"") { text = !text; if (text) key = ""; continue }
        if (text) { key = key c; continue }
        if (c == "{" || c == "[") depth++
        if (c == "}" || c == "]") depth--
        if (c == ":" && depth == 1) print key
      }
    }'); do
    documented "$name" "--json of $1"
  done
}

exits 0 "$PROFICIO" config
columns config
for name in $(awk -F, 'NR > 1 { print $1 }' out); do documented "$name" config; done

exits 0 "$PROFICIO" simulate -o drawn --people 20 --framework "$SRC/datasets/samples/onet29"
columns simulate
exits 0 "$PROFICIO" import org -o data.h5
columns import
exits 0 "$PROFICIO" check data.h5
columns check
exits 99 "$PROFICIO" check data.h5 --drift
columns 'check --drift'
exits 0 "$PROFICIO" split data.h5 --at 2023-04-01
columns split
exits 0 "$PROFICIO" train data.h5 -o m.h5
columns train
exits 0 "$PROFICIO" evaluate m.h5 data.h5 --resamples 0
columns evaluate
for figure in $(awk -F, 'NR > 1 { print $1 }' out); do
  name=$(echo "${figure#*.}" | sed 's/_at_[0-9]*$/_at_K/; s/^recommended\.//; s/^ece_by_day\..*/ece_by_day/')
  documented "$name" "the figures of evaluate"
  documented "${figure%%.*}" "the figures of evaluate"
done
exits 0 "$PROFICIO" recommend m.h5 data.h5 --all
columns recommend
printf 'person_id,intervention_id\nP001,I1\n' >pairs.csv
exits 0 "$PROFICIO" predict m.h5 data.h5 --pairs pairs.csv --curves
columns predict
exits 0 "$PROFICIO" import drawn --scale 0,7 -o drawn.h5
exits 0 "$PROFICIO" train drawn.h5 -o drawn.m.h5 --only profile --set train.profile.rank=1
exits 0 "$PROFICIO" predict drawn.m.h5 drawn.h5 --level --person P000001
columns 'predict --level'
exits 0 "$PROFICIO" import drawn --scale 0,7 -o drawn.h5
exits 0 "$PROFICIO" train drawn.h5 -o drawn.m.h5 --only profile --profile-rank 0
exits 0 "$PROFICIO" gaps drawn.m.h5 drawn.h5 --all
columns gaps
for by in unit,competency role --uncovered; do
  case $by in --*) ;; *) by="--by $by" ;; esac
  exits 0 "$PROFICIO" gaps drawn.m.h5 drawn.h5 $by --affected 1
  columns gaps
done
for what in targets roles; do
  exits 0 "$PROFICIO" suggest $what drawn --scale 0,7 --framework "$SRC/datasets/samples/onet29"
  columns "suggest $what"
done
exits 0 "$PROFICIO" inspect m.h5
columns inspect
# At least the word of each command is there; then every key of its object.
run_json() {
  exits 0 "$PROFICIO" "$@" --json
  says "\"command\":\"$1\"" out
  keys "$1"
}
run_json config
run_json simulate -o drawn --people 20 --framework "$SRC/datasets/samples/onet29"
run_json import org -o data2.h5
run_json check data2.h5
run_json split data2.h5 --by random --fraction 0.2
run_json train data.h5 -o m.h5
run_json evaluate m.h5 data.h5 --resamples 0
run_json recommend m.h5 data.h5 --all -o lists.csv
run_json predict m.h5 data.h5 --pairs pairs.csv -o p.csv
run_json predict drawn.m.h5 drawn.h5 --level --person P000001 -o levels.csv
run_json gaps drawn.m.h5 drawn.h5 --all -o gaps.csv
run_json gaps drawn.m.h5 drawn.h5 --by unit -o gaps.csv
run_json explain drawn.m.h5 drawn.h5 --person P000001 --intervention I0001
run_json suggest targets drawn --scale 0,7 -o proposed.csv
run_json inspect m.h5
run_json inspect data.h5
run_json inspect pairs.csv
run_json inspect lists.csv
exits 0 "$PROFICIO" feedback add --store f.db event_id=e1 person_id=P1 intervention_id=I1 \
  kind=accepted at=2025-04-03 --json
says '"command":"feedback"' out
keys 'feedback add'
exits 0 "$PROFICIO" feedback verify --store f.db --json
keys 'feedback verify'
exits 0 "$PROFICIO" feedback export --store f.db
columns 'feedback export'
exits 0 "$PROFICIO" registry add reg m.h5 --json
says '"command":"registry"' out
keys registry
exits 0 "$PROFICIO" registry list reg
columns 'registry list'
exits 0 "$PROFICIO" refit --registry reg3 --data data.h5 --as-of 2022-12-01 --json
says '"command":"refit"' out
keys refit
"$PROFICIO" refit --registry reg3 --data data.h5 --min-new 20 >out 2>err || [ $? -eq 99 ] || fail "$(cat err)"
grep -q '^all.log_loss,' out || fail "refit: not judged"
columns refit
exits 0 "$PROFICIO" bench --small --only logit
columns bench
run_json bench --small --only logit
loop="bench loop --people 20 --interventions 20 --rounds 2 --resamples 9 --drift"
exits 0 "$PROFICIO" $loop --framework "$SRC/datasets/samples/onet29"
columns "bench loop"
exits 0 "$PROFICIO" $loop --framework "$SRC/datasets/samples/onet29" --json
says '"command":"bench loop"' out
keys "bench loop"
cold="bench cold --people 60 --interventions 20 --months 8 --days 60 --resamples 9"
exits 0 "$PROFICIO" $cold --framework "$SRC/datasets/samples/onet29"
columns "bench cold"
exits 0 "$PROFICIO" $cold --framework "$SRC/datasets/samples/onet29" --json
says '"command":"bench cold"' out
keys "bench cold"
