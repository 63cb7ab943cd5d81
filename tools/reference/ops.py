"""Writes packages/core/test/fixtures/ops/*.json from PyTorch: one file per family of ops, replayed by ops-fixtures.test.ts.

Run: /usr/bin/python3 tools/reference/ops.py [--errors] [family ...]
Each module of op_cases holds `cases()`, which returns a Recorder. See recorder.py for the form of a row.
"""

import importlib
import pathlib
import sys

FAMILIES = ["creation", "unary", "binary", "ternary", "activations", "reductions", "movement", "indexing", "matmul", "einsum", "sorting", "functions", "promotion"]
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages/core/test/fixtures/ops"

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = [a for a in sys.argv[1:] if a != "--errors"]
    for family in chosen or FAMILIES:
        cases = importlib.import_module(f"op_cases.{family}").cases()
        count, size = cases.write(FOLDER)
        print(f"{family}: {count} cases, {size} bytes")
        if "--errors" in sys.argv:  # what PyTorch says: to see that it refuses for the reason meant
            print("\n".join(cases.refusals))
