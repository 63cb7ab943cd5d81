"""Writes packages/core/test/fixtures/ops/*.json from PyTorch: one file per family of ops, replayed by ops-fixtures.test.ts.

Run: /usr/bin/python3 tools/reference/ops.py [family ...]
Each module of op_cases holds `cases()`, which returns a Recorder. See recorder.py for the form of a row.
"""

import importlib
import pathlib
import sys

FAMILIES = ["creation", "unary", "binary", "ternary", "activations", "reductions", "movement", "indexing", "matmul", "einsum", "sorting", "promotion"]
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages/core/test/fixtures/ops"

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for family in sys.argv[1:] or FAMILIES:
        count, size = importlib.import_module(f"op_cases.{family}").cases().write(FOLDER)
        print(f"{family}: {count} cases, {size} bytes")
