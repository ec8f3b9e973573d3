# labels: golden check
# train --baseline: every kind is trained, told by inspect and served by recommend with a reason;
# what cannot be is refused in words; the same bytes for any number of threads.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh && organisation org 120

# Managers, requirements and levels, so that every kind has what it needs.
awk -F, -v OFS=, 'NR == 1 { print $0, "manager_id"; next }
  { print $0, (NR > 4 ? sprintf("P%03d", NR % 3) : "") }' org/people.csv >people.csv
mv people.csv org/people.csv
{
  echo 'role_id,competency_id,level,importance'
  for role in 0 1 2 3; do echo "R$role,C0,4,1"; echo "R$role,C1,3,0.5"; done
} >org/requirements.csv
{
  echo 'person_id,competency_id,level,source,assessed_on'
  awk -F, 'NR > 1 { print $1 ",C0," NR % 4 ",test,2022-02-03" }' org/people.csv
} >org/assessments.csv
printf 'competency_id,name\nC0,Sums\nC1,Words\nC2,Colours\n' >org/competencies.csv
# Titles without a comma: fields can be counted.
sed 's/^\(I[0-9]*\),".*",/\1,Course \1,/' org/interventions.csv >titled.csv
mv titled.csv org/interventions.csv
exits 0 "$PROFICIO" import org -o data.h5
exits 0 "$PROFICIO" split data.h5 --at 2023-04-01

# kind KIND REASON
kind() {
  for threads in 1 2 3; do
    exits 0 "$PROFICIO" train data.h5 -o "$1$threads.h5" --baseline "$1" --threads $threads
    cmp "$1$threads.h5" "$11.h5" || fail "$1: $threads threads give other bytes"
    exits 0 "$PROFICIO" recommend "$1$threads.h5" data.h5 --all --top 3 -o "$1.csv" \
      --threads $threads
    [ $threads -gt 1 ] || cp "$1.csv" one.csv
    cmp "$1.csv" one.csv || fail "$1: $threads threads give other lists"
  done
  exits 0 "$PROFICIO" inspect "$11.h5" --json
  says "\"baseline\":{\"kind\":\"$1\"" out
  # Ordered by value, which alone is told: accept .. gap_closed are empty.
  awk -F, -v kind="$1" 'NR > 1 && $1 == who && $6 > value { print kind ": out of order: " $0; exit 1 }
    { who = $1; value = $6 }' one.csv || fail "$1: lists out of order"
  grep -q "$2" one.csv || fail "$1: nothing tells \"$2\""
}
kind popularity 'taken up by [0-9]* people of the same role'
kind recent 'taken up lately: as good as [0-9.]* starts today by people of the same role'
kind manager 'taken up by [0-9]* people who report to the same manager'
kind itemknn 'goes with Course'
kind ease 'goes with Course'
kind gap 'closes [0-9.]* levels in Sums'
kind random 'drawn by lot'
! cut -d, -f8-19 popularity.csv | tail -n +2 | grep -q '[0-9]' ||
  fail 'popularity tells more than a value'

# Another seed, another lot; what is not drawn stays.
exits 0 "$PROFICIO" train data.h5 -o random2.h5 --baseline random --seed 2
exits 0 "$PROFICIO" recommend random2.h5 data.h5 --all --top 3 -o two.csv
cut -d, -f1-3 random.csv >lots1
cut -d, -f1-3 two.csv >lots2
! cmp -s lots1 lots2 || fail 'the seed has no say in lots'

# A person without history gets the popular ones.
printf 'person_id\nNOBODY\n' >people.csv
exits 0 "$PROFICIO" recommend ease1.h5 data.h5 --people people.csv --top 2 -o cold.csv
grep -q 'no history of this person yet; taken up by' cold.csv || fail 'no list for a stranger'

exits 3 "$PROFICIO" predict ease1.h5 data.h5 --person P001 --intervention I1
says 'ease1.h5 holds the baseline ease'
says 'proficio recommend'
exits 2 "$PROFICIO" recommend ease1.h5 data.h5 --all --rank-by affinity
says 'no affinity model'
exits 2 "$PROFICIO" train data.h5 -o x.h5 --baseline ease --only time
says '--baseline ease trains no model beside it'
exits 2 "$PROFICIO" train data.h5 -o x.h5 --baseline popular
says 'none|popularity|recent|manager|itemknn|ease|gap|random'
exits 2 "$PROFICIO" train data.h5 -o x.h5 --baseline ease --ease-lambda 0
says 'train.baseline.ease_lambda'
rm org/requirements.csv
exits 0 "$PROFICIO" import org -o bare.h5
exits 3 "$PROFICIO" train bare.h5 -o x.h5 --baseline gap
says 'baseline gap cannot be trained: table requirements is empty'
[ ! -e x.h5 ] || fail 'a model was written'
no_leftovers
