"""Figures of `evaluate` computed a second time, from the tables that were imported and the files of
predictions, by scikit-learn and a few loops: the judge and the export speak of the same rows.

judge_again.py ORGANISATION FILES FIGURES: in a folder with success.csv and lists.csv.
"""
import csv
import math
import sys
from collections import defaultdict

from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

K = 10


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


organisation, files, figures = sys.argv[1:]
told = {}
for row in read(figures):
    told[row["figure"], row["model"]] = row


def same(name, of, value):
    value_there = float(told[name, of]["value"])
    if abs(value_there - value) > 2e-6 * max(1, abs(value)):
        sys.exit(f"{name} of {of} is {value_there}, again {value}")


# --- success: every test start with a result --------------------------------------------------

result, started = {}, defaultdict(set)
for row in read(f"{organisation}/enrolments.csv"):
    if not row["started_on"]:
        continue
    started[row["person_id"], row["started_on"]].add(row["intervention_id"])
    if row["status"] in ("passed", "failed", "dropped"):
        key = row["person_id"], row["intervention_id"], row["started_on"]
        result[key] = row["status"] == "passed"

rows = read("success.csv")
y = [result[row["person_id"], row["intervention_id"], row["date"]] for row in rows]
p = [float(row["p_success"]) for row in rows]
if int(told["success.auc", "success.csv"]["n"]) != len(rows):
    sys.exit("other starts were judged")
same("success.auc", "success.csv", roc_auc_score(y, p))
same("success.log_loss", "success.csv", log_loss(y, p))
same("success.brier", "success.csv", brier_score_loss(y, p))

# --- lists: every candidate of every person and day, best first, equal ones in their order ------

lists = defaultdict(list)
for row in read("lists.csv"):
    lists[row["person_id"], row["date"]].append((float(row["score"]), row["intervention_id"]))
first_start = {}
for person, day in started:
    first_start[person] = min(day, first_start.get(person, day))

recall, ndcg = defaultdict(list), defaultdict(list)
for (person, day), scored in lists.items():
    best = sorted(scored, key=lambda pair: -pair[0])  # stable
    hit = [item in started[person, day] for _, item in best]
    n_relevant = sum(hit)
    if n_relevant == 0:
        sys.exit(f"nothing is relevant to {person} on {day}")
    section = "affinity" if first_start[person] < day else "affinity_new_people"
    gain = sum(h / math.log2(j + 2) for j, h in enumerate(hit[:K]))
    ideal = sum(1 / math.log2(j + 2) for j in range(min(K, n_relevant)))
    recall[section].append(sum(hit[:K]) / min(K, n_relevant))
    ndcg[section].append(gain / ideal)

if len(lists) != len(read(f"{files}/test_queries.csv")):
    sys.exit("other lists were asked for")
for section, values in recall.items():
    if int(told[f"{section}.recall_at_{K}", "lists.csv"]["n"]) != len(values):
        sys.exit(f"other lists were judged in {section}")
    same(f"{section}.recall_at_{K}", "lists.csv", sum(values) / len(values))
    same(f"{section}.ndcg_at_{K}", "lists.csv", sum(ndcg[section]) / len(values))
