"""EASE computed from the CSV by numpy: the weights in the model, and the values in the lists
that the program served. Arguments: folder, model, lists."""
import csv
import sys

import h5py
import numpy

LAMBDA = 100  # the default


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def take_ups(folder):
    rows = read(f"{folder}/enrolments.csv")
    items = sorted({row["intervention_id"] for row in rows})
    taken = {}
    for row in rows:
        taken.setdefault(row["person_id"], set()).add(items.index(row["intervention_id"]))
    x = numpy.zeros((len(taken), len(items)))
    for line, mine in zip(x, taken.values()):
        line[list(mine)] = 1
    return items, taken, x


def weights(x):
    p = numpy.linalg.inv(x.T @ x + LAMBDA * numpy.eye(x.shape[1]))
    return numpy.eye(x.shape[1]) - p / numpy.diag(p)


def main(folder, model, lists):
    items, taken, x = take_ups(folder)
    b, count = weights(x), x.sum(axis=0)
    with h5py.File(model, "r") as file:
        ids = [name.decode() for name in file["dictionary/intervention"]]
        baseline = file["baseline"]
        order = [items.index(ids[code]) for code in baseline["ease_item"]]
        assert sorted(order) == list(range(len(items)))
        assert numpy.allclose(baseline["ease_weight"], b[numpy.ix_(order, order)], 0, 1e-6)
        assert numpy.array_equal(baseline["count"][...][baseline["ease_item"]], count[order])
    served = read(lists)
    assert len(served) > 100
    for row in served:
        i = items.index(row["intervention_id"])
        mine = sorted(taken.get(row["person_id"], ()))
        value = b[mine, i].sum() + 1e-9 * count[i] / count.max()
        assert abs(value - float(row["value"])) < 1e-5 * abs(value) + 1e-7, row


if __name__ == "__main__":
    main(*sys.argv[1:])
