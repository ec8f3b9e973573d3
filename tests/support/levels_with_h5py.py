"""Computes again, with numpy and by docs/METHODS.md "Profile" alone, the levels that
`predict --level` told of people who kept one role and were taught nothing.

    python3 levels_with_h5py.py FOLDER model.h5 TODAY levels.csv

FOLDER holds the canonical CSV files; TODAY is the decision date. Prints how many levels of
people without, with one and with more ratings it found to be right.
"""

import csv
import datetime
import math
import sys

import h5py
import numpy

Z95 = 1.6448536269514722
TOLERANCE = 2e-5  # six digits are printed, and parameters are float32


def day(text):
    return datetime.date.fromisoformat(text).toordinal()


def table(folder, name):
    with open(f"{folder}/{name}.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Profile:
    def __init__(self, path):
        self.file = h5py.File(path, "r")
        self.at = self.file["profile"]
        self.codes = {
            name: {text.decode(): i for i, text in enumerate(self.file["dictionary"][name])}
            for name in ("competency", "role", "source", "rater")
        }

    def number(self, name):
        return float(self.at.attrs[name])

    def array(self, name):
        return numpy.array(self.at[name], dtype=float)


class Oracle:
    def __init__(self, folder, model):
        self.p = p = Profile(model)
        self.middle = (p.number("scale_min") + p.number("scale_max")) / 2
        self.scale = p.number("scale_min"), p.number("scale_max")
        self.people = {row["person_id"]: row for row in table(folder, "people")}
        self.required = {
            (row["role_id"], row["competency_id"]): float(row["level"])
            for row in table(folder, "requirements")
        }
        self.half_life = {
            row["competency_id"]: float(row["half_life_days"])
            for row in table(folder, "competencies")
        }
        self.ratings = {}
        for row in table(folder, "assessments"):
            key = row["person_id"], row["competency_id"]
            self.ratings.setdefault(key, []).append(row)
        self.rank = int(p.number("rank"))
        k = self.rank
        n = len(p.array("half_life"))
        self.v = p.array("factor").reshape(n, k)
        self.v_cov = p.array("factor_cov").reshape(n, k, k)
        effects = zip(p.array("effect_role"), p.array("effect_competency"), p.array("effect"),
                      p.array("effect_var"))
        self.effects = {(int(r), int(c)): (mean, var) for r, c, mean, var in effects}
        raters = zip(p.array("rater_source"), p.array("rater_code"), p.array("rater"),
                     p.array("rater_var"))
        self.raters = {(int(s), int(r)): (mean, var) for s, r, mean, var in raters}
        self.source = {
            name: p.array(f"source/{name}") for name in ("bias", "slope", "noise", "leniency")
        }

    def likely(self, person, competency, on):
        """M and the variance of b_c and e_rc."""
        p, role = self.p, self.people[person]["role_id"]
        c = p.codes["competency"][competency]
        level = self.required.get((role, competency))
        mean = p.number("intercept") + p.array("competency")[c]
        if level is not None:
            newcomer = math.exp(-(on - day(self.people[person]["hired_on"])) /
                                p.number("newcomer_days"))
            mean += p.number("listed") + p.number("required") * (level - self.middle)
            mean += p.number("newcomer") * newcomer
        effect = self.effects.get((p.codes["role"][role], c), (0, p.number("sd_role") ** 2))
        return mean + effect[0], p.array("competency_var")[c] + effect[1]

    def moving(self, competency, a, b):
        days = numpy.abs(numpy.subtract.outer(a, b))
        return (self.p.number("sd_cell") ** 2 + self.p.number("sd_moving") ** 2 *
                0.5 ** (days / self.half_life[competency]))

    def cell(self, person, competency, before):
        """Days, slopes, residuals at s = 0 and their covariance; None without ratings."""
        rows = [r for r in self.ratings.get((person, competency), ())
                if day(r["assessed_on"]) < before]
        if not rows:
            return None
        days = numpy.array([day(r["assessed_on"]) for r in rows], dtype=float)
        slope, rest, noise = [], [], []
        for row, on in zip(rows, days):
            s = self.p.codes["source"][row["source"]]
            lenient, doubt = 0, 0
            if row["rater_id"]:
                lenient, doubt = self.raters[s, self.p.codes["rater"][row["rater_id"]]]
            else:
                doubt = self.source["leniency"][s] ** 2
            mean = self.likely(person, competency, on)[0]
            slope.append(self.source["slope"][s])
            rest.append(float(row["level"]) - self.middle - self.source["bias"][s] - lenient -
                        slope[-1] * (mean - self.middle))
            noise.append(self.source["noise"][s] ** 2 + doubt)
        slope = numpy.array(slope)
        covariance = (numpy.outer(slope, slope) * self.moving(competency, days, days) +
                      numpy.diag(noise))
        return days, slope, numpy.array(rest), numpy.linalg.inv(covariance)

    def row(self, person, before):
        """Mean and covariance of (a_p, u_p)."""
        k = self.rank
        precision = numpy.diag([self.p.number("sd_person") ** -2] + [1.0] * k)
        pull = numpy.zeros(1 + k)
        for competency, c in self.p.codes["competency"].items():
            found = self.cell(person, competency, before)
            if found is None:
                continue
            _, slope, rest, inverse = found
            z = numpy.concatenate(([1], self.v[c]))
            second = numpy.outer(z, z)
            second[1:, 1:] += self.v_cov[c]
            precision += slope @ inverse @ slope * second
            pull += slope @ inverse @ rest * z
        covariance = numpy.linalg.inv(precision)
        return covariance @ pull, covariance

    def level(self, person, competency, on, before):
        c = self.p.codes["competency"][competency]
        x, cov = self.row(person, before)
        z = numpy.concatenate(([1], self.v[c]))
        mean, doubt = self.likely(person, competency, on)
        doubt += z @ cov @ z + x[1:] @ self.v_cov[c] @ x[1:] + numpy.sum(
            cov[1:, 1:] * self.v_cov[c])
        s = x @ z
        var = self.moving(competency, [on], [on])[0, 0]
        found = self.cell(person, competency, before)
        if found is None:
            return mean + s, math.sqrt(var + doubt)
        days, slope, rest, inverse = found
        k = slope * self.moving(competency, [on], days)[0]
        mean += s + k @ inverse @ (rest - slope * s)
        var += -k @ inverse @ k + (1 - k @ inverse @ slope) ** 2 * doubt
        return mean, math.sqrt(var)

    def check(self, row, today):
        person, competency, on = row["person_id"], row["competency_id"], day(row["on"])
        before = min(on, today)
        mean, sd = self.level(person, competency, on, before)
        role = self.people[person]["role_id"]
        required = self.required.get((role, competency))
        known = [r["assessed_on"] for r in self.ratings.get((person, competency), ())
                 if day(r["assessed_on"]) < before]
        expected = {
            "level": mean, "p05": mean - Z95 * sd, "p95": mean + Z95 * sd,
        }
        expected = {name: min(max(value, self.scale[0]), self.scale[1])
                    for name, value in expected.items()}
        expected["level_sd"] = sd
        if required is not None:
            expected["required"] = required
            expected["p_below"] = math.erfc((mean - required) / sd / math.sqrt(2)) / 2
        else:
            assert row["required"] == row["p_below"] == "", row
        for name, value in expected.items():
            assert abs(float(row[name]) - value) < TOLERANCE, (name, value, row)
        assert int(row["evidence_n"]) == len(known), row
        assert row["latest_on"] == max(known, default=""), row


def main():
    folder, model, today, told = sys.argv[1:]
    oracle = Oracle(folder, model)
    counts = {0: 0, 1: 0, 2: 0}
    with open(told, encoding="utf-8") as file:
        for row in csv.DictReader(file):
            oracle.check(row, day(today))
            of_all = sum(len(rows) for (person, _), rows in oracle.ratings.items()
                         if person == row["person_id"])
            counts[min(of_all, 2)] += 1
    assert all(counts.values()), counts
    print(f"levels of people without ratings {counts[0]}, with one {counts[1]}, "
          f"with more {counts[2]}")


main()
