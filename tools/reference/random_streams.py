"""Writes packages/core/test/fixtures/random/: sequences of draws from PyTorch and NumPy, with where the stream stands after each.

Run: /usr/bin/python3 tools/reference/random_streams.py

Not named random.py: that would hide the standard library's module from every script of this folder.

A case is a seed and steps; a step is {op, dtype, args, count, values or ends and crc, next, waiting}.
Results of more than 8 elements are given by their first and last three and the CRC-32 of their bytes. float64 results of
logarithms and sines depend in the last bit on the C library, so theirs is the CRC-32 of the values rounded to float32.
`next` is the place in the twister's block of 624, `waiting` the normal that waits for the next call (null if none).
At the end of a case `words` is the CRC-32 of the 624 words.
"""

import base64
import json
import math
import pathlib
import struct
import zlib

import mpmath
import numpy as np
import torch

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages/core/test/fixtures/random"
SEEDS = [0, 1, 42, 2**31, 2**63 + 5, 2**64 - 1, -1]
COUNTS = [0, 1, 7, 15, 16, 17, 31, 32, 100, 1000]
DTYPES = {"float32": torch.float32, "float64": torch.float64, "int32": torch.int32, "uint8": torch.uint8, "bool": torch.bool}
ROUNDED = {"normal", "normalFrom", "exponential"}  # ops whose float64 results end in a logarithm or a sine


def described(op, values):
    """The values, or their ends and checksum."""
    values = np.ascontiguousarray(values).reshape(-1)
    plain = [int(v) if v.dtype == bool else v for v in values] if values.dtype == bool else values.tolist()
    if len(plain) <= 8:
        return {"values": [str(v) if abs(v) > 2**53 else v for v in plain]}
    data = values.astype(np.float32) if values.dtype == np.float64 and op in ROUNDED else values
    ends = plain[:3] + plain[-3:]
    return {"ends": [str(v) if abs(v) > 2**53 else v for v in ends], "crc": zlib.crc32(data.tobytes())}


def torch_state(generator):
    """The fields of get_state's 5056 bytes that move."""
    state = generator.get_state().numpy().tobytes()
    (following,) = struct.unpack_from("<Q", state, 16)
    words = np.frombuffer(state, "<u8", 624, 24).astype("<u4").tobytes()
    normal, _, valid = struct.unpack_from("<ddi", state, 5024)
    return {"next": following, "waiting": normal if valid else None}, zlib.crc32(words)


def inputs(key, count):
    """Numbers in (0, 1) for means, deviations, probabilities and weights."""
    return np.random.RandomState(key).rand(count)


def exact(values, dtype):
    """The values as `dtype` holds them."""
    return [float(v) for v in values.astype(dtype)]


def draw(g, op, dtype, args, count):
    """One call of PyTorch. int64 results are given as int32, which stands for it in Downhill."""
    kind = DTYPES[dtype]
    empty = torch.empty(count, dtype=kind)
    if op == "uniform":
        return empty.uniform_(*args, generator=g)
    if op == "normal":
        return empty.normal_(*args, generator=g)
    if op == "exponential":
        return empty.exponential_(*args, generator=g)
    if op == "randint":
        return torch.randint(*args, (count,), dtype=kind, generator=g)
    if op == "randperm":
        return torch.randperm(count, generator=g).to(torch.int32)
    if op == "bernoulli":
        p = torch.tensor(args[0], dtype=DTYPES[args[1]]) if isinstance(args[0], list) else args[0]
        return empty.bernoulli_(p, generator=g)
    if op == "normalFrom":
        mean, std = (torch.tensor(a, dtype=kind) if isinstance(a, list) else a for a in args)
        return torch.normal(mean, std, generator=g)
    if op == "multinomial":
        weights, rows, samples, replacement = args
        weights = torch.tensor(weights, dtype=kind)
        weights = weights.reshape(rows, -1) if rows > 1 else weights
        return torch.multinomial(weights, samples, replacement, generator=g).to(torch.int32)
    if op == "random63":
        return torch.empty(count, dtype=torch.int64).random_(generator=g)
    raise ValueError(op)


def torch_case(name, seed, calls):
    g = torch.Generator().manual_seed(seed)
    steps = []
    for op, dtype, args, count in calls:
        values = draw(g, op, dtype, args, count).numpy()
        state, words = torch_state(g)
        steps.append({"op": op, "dtype": dtype, "args": args, "count": count, **described(op, values), **state})
    return {"name": name, "seed": str(seed), "steps": steps, "words": words}


def every_length(seed):
    """Each fill at each length, in an order that differs from seed to seed."""
    calls = []
    for count in COUNTS:
        calls += [
            ("uniform", "float32", [0, 1], count),
            ("uniform", "float64", [0, 1], count),
            ("uniform", "float32", [-2.7, 3.9], count),
            ("uniform", "float64", [-2.7, 3.9], count),
            ("normal", "float32", [0, 1], count),
            ("normal", "float64", [0, 1], count),
            ("normal", "float32", [1.3, 2.7], count),
            ("normal", "float64", [1.3, 2.7], count),
            ("randint", "int32", [0, 10], count),
            ("randperm", "int32", [], count),
            ("bernoulli", "float32", [0.3], count),
            ("exponential", "float32", [1.0], count),
            ("exponential", "float64", [2.5], count),
        ]
    order = np.random.RandomState(SEEDS.index(seed)).permutation(len(calls))
    return [calls[i] for i in order]


def ranges():
    """randint of every dtype, to the ends of its range, with ranges about 2^32."""
    table = {
        "int32": [(0, 1), (-5, 5), (0, 2**31 - 1), (-(2**31), 2**31 - 1), (-(2**30), 2**31 - 5)],
        "uint8": [(0, 256), (3, 9), (255, 256)],
        "bool": [(0, 2), (0, 1), (1, 2)],
        "float32": [(0, 10), (0, 2**25), (2**24 + 1, 2**25 + 3), (-(2**26) - 3, 2**27 + 1), (-(2**30) - 7, 2**30 + 11), (0, 2**32 - 1), (0, 2**32), (-(2**45) - 1, 2**45 + 1)],
        "float64": [(0, 10), (0, 2**32 - 1), (0, 2**32), (0, 2**40 + 1), (-(2**52), 2**52), (-(2**53) + 1, 2**53 - 1)],
    }
    return [("randint", dtype, list(bounds), count) for dtype, rows in table.items() for bounds in rows for count in (3, 20)]


def elementwise():
    """Means, deviations and probabilities per element."""
    calls = []
    for count in (3, 15, 16, 21):
        for dtype in ("float32", "float64"):
            values = exact(inputs(count, count), dtype)
            calls += [
                ("normalFrom", dtype, [values, 1.7], count),
                ("normalFrom", dtype, [2.3, values], count),
                ("normalFrom", dtype, [values, values[::-1]], count),
                ("bernoulli", dtype, [values, dtype], count),
                ("bernoulli", "uint8", [values, dtype], count),
            ]
    for dtype in DTYPES:
        calls += [("bernoulli", dtype, [p], 20) for p in (0, 0.5, 1)]
    return calls


def categories():
    calls = []
    for dtype in ("float32", "float64"):
        for rows, n in ((1, 1), (1, 5), (1, 40), (4, 6)):
            weights = inputs(n, rows * n) ** 2
            sparse = np.where(np.arange(rows * n) % 3 == 1, 0, weights) if n > 1 else weights
            some = (n + 1) // 2
            calls += [
                ("multinomial", dtype, [exact(weights, dtype), rows, 1, False], rows),
                ("multinomial", dtype, [exact(weights, dtype), rows, n, False], rows * n),
                ("multinomial", dtype, [exact(sparse, dtype), rows, some, False], rows * some),
                ("multinomial", dtype, [exact(sparse, dtype), rows, 1, True], rows),
                ("multinomial", dtype, [exact(sparse, dtype), rows, 30, True], rows * 30),
            ]
    return calls


# What programs do: small draws and large ones after each other, a loader's seeds, an order of examples.
MIXED = [
    ("normal", "float32", [0, 1], 3),
    ("uniform", "float32", [0, 1], 2),
    ("normal", "float32", [0, 1], 20),
    ("randperm", "int32", [], 13),
    ("randint", "int32", [0, 10], 9),
    ("random63", "int32", [], 2),
    ("normal", "float64", [0, 1], 1),
    ("normal", "float32", [0, 1], 33),
    ("normal", "float32", [0, 1], 2),
    ("bernoulli", "bool", [0.5], 40),
    ("randint", "float64", [0, 2**40], 3),
    ("normal", "float64", [2, 0.5], 16),
    ("exponential", "float64", [1.0], 4),
    ("randperm", "int32", [], 700),
    ("random63", "int32", [], 1),
    ("normal", "float32", [5, 2], 5),
]


def whole_states():
    """get_state as bytes: straight from the seed, within a block, with a normal waiting."""
    rows = []
    for seed in SEEDS:
        for draws, normals in ((0, 0), (1, 0), (623, 0), (624, 0), (625, 0)):
            g = torch.Generator().manual_seed(seed)
            if draws:
                torch.randint(2, (draws,), generator=g)
            rows.append({"seed": str(seed), "draws": draws, "crc": zlib.crc32(g.get_state().numpy().tobytes())})
    g = torch.Generator().manual_seed(42)
    torch.randn(5, generator=g)
    base = base64.b64encode(g.get_state().numpy().tobytes()).decode()
    return {"fresh": rows, "bytes": base, "then": [*torch.randn(3, generator=g).tolist(), *torch.rand(2, generator=g).tolist()]}


def correctly_rounded():
    """Rows of x in (0, 1], its logarithm, an angle t in [0, 2 pi], its sine and cosine, rounded from 60 digits."""
    mpmath.mp.dps = 60
    uniforms = inputs(5, 300)
    xs = [1 - 2.0**-53, 2.0**-53, 0.75, 0.75 - 2.0**-53, 1.0, 0.5, 2.0**-200, *uniforms[:150], *(1 - uniforms[:40] * 2.0**-20), *uniforms[:40] ** 30]
    ts = [0.0, 2.0**-60, math.pi, 2 * math.pi, math.pi / 2, 3 * math.pi / 2, *(2 * math.pi * uniforms[: len(xs) - 6])]
    return [[x, float(mpmath.log(mpmath.mpf(x))), t, float(mpmath.sin(mpmath.mpf(t))), float(mpmath.cos(mpmath.mpf(t)))] for x, t in zip(map(float, xs), map(float, ts))]


def numpy_case(seed, calls):
    r = np.random.RandomState(seed)
    steps = []
    for op, args, count in calls:
        if op == "randint":
            values = r.randint(*args, count)
        elif op == "randint64":
            values = r.randint(*args, count, dtype=np.int64)
        elif op == "shuffle":
            values = np.arange(count) * 1.5
            r.shuffle(values)
        elif op == "choice":
            population, replace, p = args
            values = r.choice(population, count, replace=replace, p=p)
        elif op == "permutation":
            values = r.permutation(count)
        else:
            values = getattr(r, op)(*args, count)
        if op in ("randint", "choice", "permutation"):
            values = values.astype(np.int32)
        _, key, position, has, gauss = r.get_state()
        text = [str(a) for a in args] if op == "randint64" else args
        row = described("normal" if op == "randn" else op, values)
        if op == "randint64" and "values" in row:
            row["values"] = [str(v) for v in values.tolist()]
        steps.append({"op": op, "args": text, "count": count, **row, "next": int(position), "waiting": gauss if has else None})
    return {"seed": seed, "steps": steps, "words": zlib.crc32(key.astype("<u4").tobytes())}


def numpy_calls(seed):
    p = [0.1, 0, 0.25, 0.05, 0.6]
    calls = [(op, args, count) for count in (0, 1, 2, 7, 16, 100, 1000) for op, args in (("rand", []), ("randn", []), ("uniform", [-2.5, 7.25]), ("normal", [3.5, 1.25]), ("randint", [0, 50]), ("permutation", []), ("shuffle", []))]
    calls += [("randint", list(b), 12) for b in ((0, 1), (-5, 5), (0, 2**31 - 1), (-(2**31), 2**31))]
    calls += [("randint64", list(b), 5) for b in ((0, 2**32 - 1), (0, 2**32), (0, 2**32 + 1), (0, 2**53), (-(2**40), 2**41), (0, 2**63 - 1), (-(2**63), 2**63), (5, 6))]
    calls += [("choice", [5, True, None], 9), ("choice", [5, False, None], 3), ("choice", [5, True, p], 40), ("choice", [5, False, p], 4), ("choice", [1, True, None], 2)]
    order = np.random.RandomState(sum(seed) % 1000 if isinstance(seed, list) else seed % 1000).permutation(len(calls))
    return [calls[i] for i in order]


def write(name, head, cases):
    """One line per step."""
    def case(row):
        steps = ",\n".join(json.dumps(s, separators=(",", ":")) for s in row["steps"])
        rest = json.dumps({k: v for k, v in row.items() if k != "steps"}, separators=(",", ":"))
        return f'{rest[:-1]},"steps":[\n{steps}\n]}}'

    fields = "".join(f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))},\n" for k, v in head.items())
    text = "{\n" + fields + '"cases":[\n' + ",\n".join(map(case, cases)) + "\n]\n}\n"
    json.loads(text)
    (FOLDER / name).write_text(text)
    print(name, len(cases), "cases", len(text), "bytes")


if __name__ == "__main__":
    torch.set_num_threads(1)
    cases = [torch_case("every fill at every length", seed, every_length(seed)) for seed in SEEDS]
    cases += [torch_case("as programs draw", seed, MIXED) for seed in SEEDS]
    cases += [torch_case("randint's ranges", 7, ranges()), torch_case("one parameter per element", 7, elementwise()), torch_case("multinomial", 7, categories())]
    long = torch.randn(1000, dtype=torch.float64, generator=torch.Generator().manual_seed(3)).tolist()
    large = zlib.crc32(torch.randperm(100_000, generator=torch.Generator().manual_seed(3)).to(torch.int32).numpy().tobytes())
    million = zlib.crc32(torch.randn(1_000_000, generator=torch.Generator().manual_seed(3)).numpy().tobytes())
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "accurate.json").write_text("[\n" + ",\n".join(json.dumps(row) for row in correctly_rounded()) + "\n]\n")
    write("torch.json", {"states": whole_states(), "float64Normals": long, "permutation100000": large, "normals1000000": million}, cases)
    seeds = [0, 1, 42, 2**31, 2**32 - 1, [1, 2, 3], [2**32 - 1], list(range(700))]
    write("numpy.json", {}, [numpy_case(seed, numpy_calls(seed)) for seed in seeds])
