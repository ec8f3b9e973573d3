"""Recomputes with scikit-learn what test_metrics_external.c wrote:

    python3 metrics_sklearn.py rows.csv row_results.csv lists.csv list_results.csv

scikit-learn has no cut-offs for lists shorter than their catalogue; there, and for what it does
not know at all, the definitions of docs/METHODS.md stand written out.
"""

import csv
import sys
from collections import Counter, defaultdict

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

TOLERANCE = 1e-9


def read(path):
    cases = defaultdict(list)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            cases[int(row["case"])].append(row)
    return cases


def column(rows, name):
    return np.array([float(row[name]) for row in rows])


def calibration(y, p, weight):
    """Slope and intercept of y on logit(p); NaN where a threshold on p parts the classes.
    scikit-learn's own solvers stop short of 1e-9: Newton's steps from its solution."""
    counts = weight > 0
    y, p, weight = y[counts], p[counts], weight[counts]
    low, high = p[y == 0], p[y == 1]
    if not len(low) or not len(high) or low.max() <= high.min() or high.max() <= low.min():
        return np.nan, np.nan
    cut = np.clip(p, 1e-15, 1 - 1e-15)
    x = np.log(cut) - np.log1p(-cut)
    mean, sd = x.mean(), x.std()
    design = np.column_stack([np.ones(len(x)), (x - mean) / sd])
    fit = LogisticRegression(penalty=None, tol=1e-6, fit_intercept=False)
    b = fit.fit(design, y, sample_weight=weight).coef_[0]
    for _ in range(5):
        q = 1 / (1 + np.exp(-design @ b))
        curvature = design.T @ (design * (weight * q * (1 - q))[:, None])
        b = b + np.linalg.solve(curvature, design.T @ (weight * (y - q)))
    return b[1] / sd, b[0] - b[1] / sd * mean


def of_rows(figure, at, rows):
    y, p, weight = (column(rows, name) for name in ("y", "p", "weight"))
    number, guess = column(rows, "number"), column(rows, "guess")
    if weight.sum() == 0:
        return np.nan
    if figure == "auc":
        if len(set(y[weight > 0])) < 2:
            return np.nan
        return metrics.roc_auc_score(y, p, sample_weight=weight)
    if figure == "log_loss":
        # Its own cut is the precision of the array, not ours.
        cut = np.clip(p, 1e-15, 1 - 1e-15)
        return metrics.log_loss(y, cut, sample_weight=weight, labels=[0, 1], eps=1e-15)
    if figure == "brier":
        return metrics.brier_score_loss(y, p, sample_weight=weight, pos_label=1)
    if figure == "calibration_slope":
        return calibration(y, p, weight)[0]
    if figure == "calibration_intercept":
        return calibration(y, p, weight)[1]
    if figure == "mean_gap":
        return np.average(p - y, weights=weight)
    if figure == "mae":
        return metrics.mean_absolute_error(number, guess, sample_weight=weight)
    if figure == "rmse":
        return metrics.mean_squared_error(number, guess, sample_weight=weight, squared=False)
    if figure == "pinball":
        return metrics.mean_pinball_loss(number, guess, sample_weight=weight, alpha=at)
    if figure == "quantile_coverage":
        return np.average(number <= guess, weights=weight)
    raise SystemExit(f"unknown figure {figure}")


def of_lists(figure, k, rows):
    """rows: the whole catalogue, rank 0 what is not on the list."""
    rank, relevant = column(rows, "rank").astype(int), column(rows, "relevant").astype(int)
    on_list, found = rank > 0, relevant[np.argsort(rank)][np.sum(rank == 0):]
    n_relevant = relevant.sum()
    if n_relevant == 0:
        return np.nan
    first = found[:k]
    if figure == "ndcg":
        if k <= on_list.sum():
            score = np.where(on_list, -rank, -len(rank) - 1)
            return metrics.ndcg_score([relevant], [score], k=k)
        gain = (first / np.log2(np.arange(len(first)) + 2)).sum()
        return gain / (1 / np.log2(np.arange(min(k, n_relevant)) + 2)).sum()
    if figure == "average_precision":
        if k >= len(rank) and on_list.all():
            return metrics.average_precision_score(relevant, -rank)
        precisions = [first[: j + 1].mean() for j in range(len(first)) if first[j]]
        return sum(precisions) / n_relevant
    if figure == "recall":
        if k >= n_relevant and on_list.all():
            return metrics.recall_score(relevant, rank <= k)
        return first.sum() / min(k, n_relevant)
    if figure == "precision":
        if k <= on_list.sum():
            return metrics.precision_score(relevant, on_list & (rank <= k))
        return first.sum() / k
    if figure == "hit_rate":
        return float(first.any())
    raise SystemExit(f"unknown figure {figure}")


def compare(data, results, value_of):
    compared, apart = Counter(), 0
    for case, rows in read(results).items():
        for row in rows:
            got, at = float(row["value"]), float(row["at"])
            expected = value_of(row["figure"], at, data[case])
            compared[row["figure"]] += not np.isnan(got)
            if np.isnan(got) and np.isnan(expected) or abs(got - expected) <= TOLERANCE:
                continue
            apart += 1
            print(f"case {case}: {row['figure']} at {at:g} is {got!r}, not {expected!r}")
    print(*(f"{figure} {n}" for figure, n in compared.items()), end=" ")
    return apart


def main():
    rows, row_results, lists, list_results = sys.argv[1:]
    apart = compare(read(rows), row_results, of_rows)
    apart += compare(read(lists), list_results, lambda f, k, r: of_lists(f, int(k), r))
    print("compared with scikit-learn", sklearn.__version__)
    sys.exit(apart > 0)


main()
