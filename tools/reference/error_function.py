"""Writes packages/core/test/fixtures/error-function.json: erf and erfc to the last digit of a double.

Run: /usr/bin/python3 tools/reference/error_function.py (needs mpmath: apt-get install python3-mpmath)
Rows: [x, erf(x), erfc(x)], computed with 60 digits and rounded once.
"""

import json
import pathlib
import random

from mpmath import erf, erfc, mp, mpf

TARGET = pathlib.Path(__file__).resolve().parents[2] / "packages/core/test/fixtures/error-function.json"
mp.dps = 60

if __name__ == "__main__":
    draw = random.Random(1)
    points = [1e-300, 1e-8, 0.25, 0.46875, 0.4687500000000001, 0.5, 1, 2, 3.9999999999999996, 4, 4.000000000000001, 5.9, 6, 10, 26]
    points += [draw.uniform(low, high) for low, high in [(0, 0.47), (0.46, 1), (1, 4), (4, 8), (8, 26)] for _ in range(16)]
    points += [-x for x in points]
    rows = [[x, float(erf(mpf(x))), float(erfc(mpf(x)))] for x in points]
    TARGET.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    print(len(rows), "rows")
