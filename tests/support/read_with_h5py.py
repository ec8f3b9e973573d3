"""Reads what the program wrote with h5py and nothing of ours, by docs/FORMATS.md alone:
the packed dataset says what the CSV files said, and the model's arrays give, computed
again here, what `predict` answered.

    python3 read_with_h5py.py FOLDER data.h5 model.h5 predictions.h5

FOLDER holds the canonical CSV files of data.h5, none rejected; predictions.h5 is the output
of `predict` for pairs of people and interventions in them.
"""

import csv
import datetime
import math
import os
import re
import sys

import h5py
import numpy

NAME = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")
STORED = {"code": "i4", "real": "f8", "int": "i4", "flag": "i1", "date": "i4", "time": "i8"}
CAUSES = ("proficient", "dropped", "left")  # the first is what a curve is asked for
EPOCH = datetime.date(1970, 1, 1)


def texts(array):
    return [text.decode() for text in array]


# --- every array ------------------------------------------------------------------------


def check_array(array):
    """Plain for any reader, and named in words."""
    assert h5py.check_vlen_dtype(array.dtype) is None, array.name
    plist = array.id.get_create_plist()
    assert plist.get_layout() == h5py.h5d.CONTIGUOUS, array.name
    assert plist.get_nfilters() == 0 and plist.get_external_count() == 0, array.name
    for part in array.name.strip("/").split("/"):
        assert NAME.match(part), array.name


def walk(file):
    """All arrays of a file; links other than hard ones are not followed, but refused."""
    arrays = []

    def visit(group):
        for name in group:
            assert isinstance(group.get(name, getlink=True), h5py.HardLink), name
            if isinstance(group[name], h5py.Group):
                visit(group[name])
            else:
                arrays.append(group[name])

    visit(file)
    assert arrays, file.filename
    for array in arrays:
        check_array(array)
    return arrays


# --- the dataset against its CSV files ----------------------------------------------------


def parse(text, kind, words):
    """What a cell of CSV means; None is missing."""
    if text == "":
        return None
    if kind == "code":
        return words.index(text)
    if kind == "date":
        return (datetime.date.fromisoformat(text) - EPOCH).days
    return float(text) if kind == "real" else int(text)


def words_of(column, data):
    """The dictionary of a column of codes."""
    if "dictionary" not in column.attrs:
        return []
    return texts(data["dictionary"][column.attrs["dictionary"].decode()])


def check_column(column, cells, data):
    kind = column.attrs["type"].decode()
    assert column.dtype == STORED[kind], column.name
    is_feature = os.path.basename(column.name).startswith(("x_", "c_"))
    assert is_feature or len(column.attrs["meaning"]) > 0, column.name
    words = words_of(column, data)
    assert len(set(words)) == len(words), column.name
    missing = float(column.attrs["missing"])
    for value, text in zip(column[...].tolist(), cells):
        is_missing = math.isnan(value) if math.isnan(missing) else value == missing
        assert (None if is_missing else value) == parse(text, kind, words), (column.name, text)


def check_table(table, path, data):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert table.attrs["rows"] == table.attrs["rows_read"] == len(rows), table.name
    assert table.attrs["rows_rejected"] == 0
    assert table.attrs["source"].decode() == os.path.basename(path)
    by_place = sorted(table, key=lambda name: table[name].attrs["position"])
    assert set(by_place) == set(rows[0]), (by_place, list(rows[0]))
    for name in by_place:
        assert table[name].shape == (len(rows),), table[name].name
        check_column(table[name], [row[name] for row in rows], data)


def check_dataset(data, folder):
    assert data.attrs["format"] == b"proficio dataset" and data.attrs["schema_version"] == 2
    files = sorted(name[: -len(".csv")] for name in os.listdir(folder))
    assert sorted(data["tables"]) == files
    for name in files:
        check_table(data["tables"][name], os.path.join(folder, name + ".csv"), data)
    walk(data)


# --- the model, computed again ----------------------------------------------------------------


class World:
    """The dataset, decoded: everything is known, as after the last day in it."""

    def __init__(self, data):
        def table(name):
            columns = {}
            for key, column in data["tables"][name].items():
                words = words_of(column, data)
                columns[key] = [words[code] for code in column] if words else column[...]
            return [dict(zip(columns, row)) for row in zip(*columns.values())]

        self.people = {row["person_id"]: row for row in table("people")}
        self.interventions = {row["intervention_id"]: row for row in table("interventions")}
        self.competency = {
            row["intervention_id"]: row["competency_id"] for row in table("targets")}
        self.enrolments = table("enrolments")

    def starts(self, person, field, intervention):
        """Earlier starts that a count of this field is about."""
        own = [row for row in self.enrolments if row["person_id"] == person]
        if field["scope"] == "cell":
            aim = self.competency[intervention]
            return [row for row in own if self.competency[row["intervention_id"]] == aim]
        if field["scope"] == "pair":
            return [row for row in own if row["intervention_id"] == intervention]
        return own


def value_of(field, world, person, intervention):
    """The raw value of a field: a word or a number."""
    what, table = field["what"], field["table"]
    if what == "id":
        return {"person": person, "intervention": intervention,
                "role": world.people[person]["role_id"] if person else None,
                "competency": world.competency.get(intervention)}[field["dictionary"]]
    if what in ("column", "log column"):
        row = world.people[person] if table == "people" else world.interventions[intervention]
        value = row[field["column"]]
        return math.log1p(value) if what == "log column" else value
    rows = world.starts(person, field, intervention)
    if what == "wins":
        rows = [row for row in rows if row["status"] == "passed"]
    else:
        assert what == "attempts", what
    return math.log1p(len(rows))


def encode(model, features, world, person, intervention):
    """The row of encoded columns of one decision, every scope of it."""
    fields = features["fields"]
    columns = {
        name: texts(array) if array.dtype.kind == "S" else array[...].tolist()
        for name, array in fields.items()
    }
    out = numpy.zeros(features.attrs["n_columns"])
    code_at = 0
    for i in range(features.attrs["n_fields"]):
        field = {name: values[i] for name, values in columns.items()}
        value = value_of(field, world, person, intervention)
        if field["kind"] == "onehot":
            code = texts(model["dictionary"][field["dictionary"]]).index(value)
            column = features["column_of"][code_at + code]
            code_at += field["n_codes"]
            if column >= 0:
                out[column] += 1
        else:
            assert not field["has_missing"], "no value is missing in these data"
            out[field["first_column"]] += (value - field["mean"]) / field["sd"]
    return out


def logistic(eta):
    return 1 / (1 + math.exp(-eta))


def person_factors(model, world, person):
    """The row solve of Hu, Koren and Volinsky with what the header of the group says."""
    group = model["affinity"]
    a = group.attrs
    items = group["items"][...].astype(float)
    ids = texts(model["dictionary/intervention"])
    taken = items[group["item_count"][...] > 0]
    attributes = encode(model, group["person_features"], world, person, None)
    prior = attributes @ group["person_prior"][...]
    left = a["alpha0"] * taken.T @ taken
    right = a["kappa_people"] * prior
    seen = {}
    for row in world.enrolments:
        if row["person_id"] == person:
            weight = a["weight_passed" if row["status"] == "passed" else "weight_started"]
            seen[row["intervention_id"]] = seen.get(row["intervention_id"], 0) + weight
    for name, weight in seen.items():
        y = items[ids.index(name)]
        left += weight * numpy.outer(y, y)
        right = right + weight * y
    ridge = a["lambda"] * (len(seen) + a["alpha0"] * len(taken)) ** a["nu"]
    return numpy.linalg.solve(left + (ridge + a["kappa_people"]) * numpy.eye(len(right)), right)


def success(model, world, person, intervention, x, y):
    group = model["success"]
    a = group.attrs
    row = encode(model, group["features"], world, person, intervention)
    eta = a["intercept"] + group["coefficients"][...] @ row
    eta += group["factor_weights"][...] @ (x[: a["rank"]] * y[: a["rank"]])
    p = logistic(eta)
    odds = math.log(p) * a["calibration_a"] - math.log(1 - p) * a["calibration_b"]
    return logistic(odds + a["calibration_c"])


def odds_until(cause, deviation, row, end):
    """Odds a tick of one cause in the bin that ends at or after that day."""
    assert cause.attrs["clock_column"] == b"", "these data have no milestones"
    n_bins = cause.attrs["n_bins"]
    place = numpy.searchsorted(cause["bin_edges_days"][...], end) - 1
    place = min(max(place, 0), n_bins - 1)
    level = cause["baseline"][place]
    if deviation >= 0:
        level += cause["baseline"][n_bins * (1 + deviation) + place]
    return math.exp(level + cause["coefficients"][...] @ row)


def proficient_by(model, world, person, intervention, day):
    """Cumulative incidence of proficiency. Between two edges the odds a tick of each cause are
    constant; survival falls by the factor 1 / (1 + their sum) a tick."""
    group = model["time"]
    fitted = [group[name] for name in CAUSES if group[name].attrs["fitted"]]
    row = encode(model, group["features"], world, person, intervention)
    competency = texts(model["dictionary/competency"]).index(world.competency[intervention])
    deviation = group["group_of_competency"][competency]
    edges = numpy.concatenate([cause["bin_edges_days"][...] for cause in fitted] + [[day]])
    survival, incidence, begin = 1.0, 0.0, 0.0
    for end in numpy.unique(edges[(edges > 0) & (edges <= day)]):
        odds = [odds_until(cause, deviation, row, end) for cause in fitted]
        after = survival * (1 + sum(odds)) ** (-(end - begin) / group.attrs["tick_days"])
        incidence += (survival - after) * odds[0] / sum(odds)
        survival, begin = after, end
    return incidence


def close(found, told, what):
    assert abs(found - told) <= 1e-5 * max(1, abs(told)), f"{what}: {found} here, {told} told"


def accept(a, score):
    p = logistic(a["accept_slope"] * score + a["accept_intercept"])
    odds = math.log(p) * a["accept_calibration_a"]
    odds -= math.log(1 - p) * a["accept_calibration_b"]
    return logistic(odds + a["accept_calibration_c"])


def check_predictions(model, world, predictions):
    a = model["affinity"].attrs
    ids = texts(model["dictionary/intervention"])
    pairs = zip(texts(predictions["person_id"]), texts(predictions["intervention_id"]))
    for i, (person, intervention) in enumerate(pairs):
        x = person_factors(model, world, person)
        y = model["affinity/items"][ids.index(intervention)].astype(float)
        where = f"{person}, {intervention}"
        close(accept(a, x @ y), predictions["accept"][i], f"{where}: accept")
        chance = success(model, world, person, intervention, x, y)
        close(chance, predictions["p_success"][i], f"{where}: success")
        horizon = model["time"].attrs["horizon_days"]
        assert horizon == predictions["horizon_days"][i]
        incidence = proficient_by(model, world, person, intervention, horizon)
        close(incidence, predictions["p_by_horizon"][i], f"{where}: proficiency")


def main(folder, data_path, model_path, predictions_path):
    paths = (data_path, model_path, predictions_path)
    data, model, predictions = (h5py.File(path, "r") for path in paths)
    with data, model, predictions:
        check_dataset(data, folder)
        for array in walk(model):
            assert len(array.attrs["meaning"]) > 0, array.name
        for array in walk(predictions):
            assert len(array) == predictions.attrs["rows"] > 0, array.name
        check_predictions(model, World(data), predictions)


if __name__ == "__main__":
    main(*sys.argv[1:])
