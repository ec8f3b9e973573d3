# labels: golden check
# A policy is judged on a log of decisions: a real one, whose truth another log knows; thin support
# is said to be thin; what is wrong with a file is named.
set -eu
. "$SRC/tests/support/organisation.sh"
fresh
samples=$SRC/datasets/samples/open_bandit

# --- Open Bandit: equal chances, out of the log of Thompson sampling -----------------------------
# The click rate of the log of equal chances is in every interval, of all and of each position.
exits 0 "$PROFICIO" evaluate --logged "$samples/thompson.csv.gz" --policy uniform -o thompson.csv
exits 0 "$PROFICIO" evaluate --logged "$samples/uniform.csv.gz" --policy uniform -o uniform.csv
awk -F, 'FNR == NR { if ($3 == "logged") rate[$1] = $4; next }
  FNR > 1 && $3 != "logged" {
    seen++
    if (!($5 <= rate[$1] && rate[$1] <= $6)) { print "beside the truth " rate[$1] ": " $0; bad = 1 }
    if ($12 != "enough") { print "no evidence: " $0; bad = 1 }
  }
  END { exit bad || seen != 12 }' uniform.csv thompson.csv || fail 'Thompson sampling misleads'
# A log of equal chances is worth what it brought, and every decision counts once.
awk -F, '$3 == "logged" { v = $4; lo = $5; hi = $6 }
  $3 == "snips" { n++; if ($4 != v || $5 != lo || $6 != hi || $7 != $2 || $8 != 1) bad = 1 }
  END { exit bad || n != 4 }' uniform.csv || fail 'equal chances are not worth what they brought'

# --- thin support --------------------------------------------------------------------------------
# Always the same action, of 34: on position 1 the log did that too seldom to tell.
printf 'action,probability\n0,1\n' >always.csv
exits 0 "$PROFICIO" evaluate --logged "$samples/thompson.csv.gz" --policy always.csv --json -o t.csv
says '1: not enough evidence: the decisions weigh like'
grep -q '"verdict":"not enough evidence"' out || fail 'the verdict is not in the object'
# Half of what is asked about was never tried.
printf 'action,probability\n0,0.5\nnew,0.5\n' >new.csv
exits 0 "$PROFICIO" evaluate --logged "$samples/uniform.csv.gz" --policy new.csv --least-ess 2 -o t.csv
says 'all: not enough evidence: 50.0 % of what the policy asked about does was never tried'
# Propensities that are half of what they were.
gzip -dc "$samples/uniform.csv.gz" | awk -F, -v OFS=, 'NR > 1 { $4 = $4 / 2 } 1' >half.csv
exits 0 "$PROFICIO" evaluate --logged half.csv --policy uniform -o t.csv
says 'the mean weight is 2.000'

# --- a log of one's own, with a column of the policy asked about ---------------------------------
cat >own.csv <<'END'
person_id,intervention_id,reward,propensity,target
p1,a,1,0.5,0.25
p2,b,0,0.25,0.5
p3,c,1,0.25,0.25
p4,b,0,0.5,0.5
END
exits 0 "$PROFICIO" evaluate --logged own.csv --switch-above 1.5 -o t.csv
[ "$(sed -n 3p t.csv | cut -d, -f1-4)" = all,4,snips,0.333333 ] || fail "$(cat t.csv)"
[ "$(wc -l <t.csv)" -eq 3 ] || fail 'DR without a policy to ask what else it would do'

# --- what is wrong is named ----------------------------------------------------------------------
# refused SED TEXT
refused() {
  sed "$1" own.csv >bad.csv
  exits 3 "$PROFICIO" evaluate --logged bad.csv
  says "bad.csv:$2"
}
refused '3s/0.25/0/' "3: propensity: '0'; expected above 0 and at most 1"
refused '4s/0.25$/1.5/' "4: target: '1.5'; expected 0 to 1"
refused '5s/,0,/,x,/' "5: reward: 'x'; expected a number"
refused '2s/^p1//' "2: context_id: ''; expected an id"
refused '2s/a,//' '2: expected 5 cells as in the header, found 4'
refused '1s/reward/won/' "1: column 'reward' is missing"
refused '1s/target/propensity/' "1: two columns for 'propensity'"
refused '2,$d' ' no decisions'
exits 4 "$PROFICIO" evaluate --logged missing.csv --policy uniform
printf 'action,probability\na,0.5\nb,0.4\n' >short.csv
exits 3 "$PROFICIO" evaluate --logged own.csv --policy short.csv
says 'short.csv: the probabilities sum to 0.9; expected 1'
printf 'action,probability\na,2\n' >more.csv
exits 3 "$PROFICIO" evaluate --logged own.csv --policy more.csv
says "more.csv:2: probability: '2'; expected 0 to 1"
printf 'slot,action,probability\n9,a,1\n' >slot.csv
exits 3 "$PROFICIO" evaluate --logged own.csv --policy slot.csv
says "slot.csv:2: slot: '9'; expected a slot that the log has"
cut -d, -f1-4 own.csv >none.csv
exits 2 "$PROFICIO" evaluate --logged none.csv
says "no policy is given, and the log has no column 'target'"
exits 2 "$PROFICIO" evaluate --policy uniform
says '--logged FILE gives one'
exits 2 "$PROFICIO" evaluate m.h5 d.h5 --logged own.csv
says "without models and data; 'm.h5' is too much"
exits 2 "$PROFICIO" evaluate --logged own.csv --predictions p.csv
says 'without --predictions'
exits 2 "$PROFICIO" evaluate
says 'there is nothing to judge'
exits 2 "$PROFICIO" evaluate --logged own.csv -o own.csv
