"""Runs one op in PyTorch and writes down what a TypeScript user types and what must come back.

A case is written once, as the TypeScript call: `r.case("softmax", "negative dim", F([2, 3]), -1)`. The recorder finds the
PyTorch function of that name, calls it with the same positions and keywords (camelCase becomes snake_case), runs backward
with random output gradients, and keeps inputs, outputs and gradients. `fn=` replaces the PyTorch function where the two
calls differ.
"""

import json
import math
import re
import warnings
import zlib

import numpy as np
import torch

warnings.filterwarnings("ignore")
torch.set_num_threads(1)

DTYPES = {"float32": torch.float32, "float64": torch.float64, "int32": torch.int32, "uint8": torch.uint8, "bool": torch.bool}
# PyTorch's int64 is int32 here: every case keeps its int64 results inside the range of int32.
NAMES = {**{v: k for k, v in DTYPES.items()}, torch.int64: "int32"}
ULP32 = 2.0**-23


class In:
    """An input tensor: either given values or random ones in [low, high), never integers, never equal to each other."""

    def __init__(self, shape, values=None, dtype="float32", grad=None, low=-2.0, high=2.0, index=False):
        self.shape, self.values, self.dtype, self.low, self.high = list(shape), values, dtype, low, high
        self.grad = dtype.startswith("float") if grad is None else grad
        self.index = index  # PyTorch wants int64 where Downhill takes int32
        self.views = []

    def view(self, *call):
        """The tensor passed to the op is this view of the leaf: `.view("transpose", 0, 1)`."""
        self.views.append(list(call))
        return self

    def flat(self, rng):
        n = int(np.prod(self.shape))
        if self.values is not None:
            assert len(self.values) == n, (self.shape, self.values)
            return list(self.values)
        if self.dtype == "bool":
            return [int(v) for v in rng.randint(0, 2, n)]
        if not self.dtype.startswith("float"):
            return [int(v) for v in rng.randint(math.ceil(self.low), math.ceil(self.high), n)]
        step = 1 / 32  # odd multiples of 1/32: exact in float32, short in JSON, at no kink
        while (self.high - self.low) / (2 * step) < 2 * n + 2:
            step /= 2
        odd = [k for k in range(math.ceil(self.low / step), math.floor(self.high / step) + 1) if k % 2]
        return [float(k * step) for k in rng.choice(odd, n, replace=False)]


def F(shape, low=-2.0, high=2.0, **more):
    """Random float32 values."""
    return In(shape, None, low=low, high=high, **more)


def D(shape, low=-2.0, high=2.0, **more):
    """Random float64 values."""
    return In(shape, None, "float64", low=low, high=high, **more)


def V(values, dtype="float32", **more):
    """Given values, nested as they lie."""
    array = np.array(values, dtype=object)
    return In(array.shape, list(array.reshape(-1)), dtype, **more)


def empty(shape, dtype="float32", **more):
    return In(shape, [], dtype, **more)


def I(values):
    """An index tensor."""
    return V(values, "int32", index=True)


class Range:
    """A range of `at`: `{ start, stop, step }`."""

    def __init__(self, start=None, stop=None, step=None):
        self.parts = [start, stop, step]


def snake(name):
    return re.sub(r"(?<!^)([A-Z])", lambda m: "_" + m.group(1).lower(), name)


def resolve(op):
    name = snake(op)
    for place in (torch, torch.nn.functional, torch.Tensor):
        if hasattr(place, name):
            return getattr(place, name)
    raise KeyError(op)


def number(value):
    """A number of data: exact, and as short as it goes."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        if value == int(value) and abs(value) < 2**53 and not (value == 0 and math.copysign(1, value) < 0):
            return int(value)
    return value


def flat(tensor):
    return [number(v) for v in tensor.detach().reshape(-1).tolist()]


def written(tensor):
    name = NAMES[tensor.dtype]
    if name == "int32" and tensor.numel():
        assert -(2**31) <= tensor.min().item() and tensor.max().item() < 2**31, "outside int32"
    return {"shape": list(tensor.shape), "dtype": name, "data": flat(tensor)}


def as_list(result):
    if isinstance(result, (tuple, list)):
        return list(result)
    return [result]


def called(op, fn):
    """The PyTorch function, with option names and dtype names turned into Python's."""

    def call(*args, **options):
        options = {snake(k): DTYPES[v] if k == "dtype" else v for k, v in options.items()}
        return fn(*args, **options)

    return call if fn is not None else called(op, resolve(op))


class Recorder:
    """Collects the rows of one family."""

    def __init__(self, family, sign_of_zero=False):
        self.family, self.sign_of_zero = family, sign_of_zero
        self.rows, self.names, self.doubts, self.refusals = [], set(), [], []

    # -- public --------------------------------------------------------------------------------------------------

    def case(self, op, name, *args, fn=None, tol=None, grad_tol=None, method=False, drop=(), zero_sign=None, grad_outputs=None, trust=True, **options):
        """Records a row. `drop`: outputs that PyTorch leaves open (indices of ties). `method`: call it as a method.
        `trust=False`: the result depends on float32's own rounding, so float64 does not check it."""
        row, arguments, opts, inputs = self._row(op, name, args, options, method)
        call = called(op, fn)
        leaves, outputs, seeds, grads = self._run(call, arguments, opts, inputs, row, grad_outputs)
        row["outputs"] = [None if i in drop else written(o) for i, o in enumerate(outputs)]
        if seeds is not None:
            row["gradOutputs"] = [None if s is None else flat(s) for s in seeds]
            row["grads"] = [None if g is None else flat(g) for g in grads]
        if tol is not None:
            row["tol"] = tol
        if grad_tol is not None and "grads" in row:
            row["gradTol"] = grad_tol
        if zero_sign is not None and zero_sign != self.sign_of_zero:
            row["signOfZero"] = zero_sign
        if trust:
            self._trust(call, arguments, opts, inputs, row, outputs, seeds, grads, tol or {}, grad_tol or {})
        self.rows.append(row)

    def error(self, op, name, *args, fn=None, method=False, on_values=False, newer=False, **options):
        """Records a call that PyTorch refuses. `on_values`: the shapes and dtypes are fine, the values are not.
        `newer`: PyTorch 2 refuses it, 1.13 does not yet.
        """
        row, arguments, opts, inputs = self._row(op, name, args, options, method)
        try:
            call = called(op, fn)
            leaves, tensors = self._tensors(inputs, row, torch.float32)
            call(*self._fill(arguments, tensors), **self._fill(opts, tensors))
        except (RuntimeError, IndexError, ValueError, TypeError) as refusal:
            self.refusals.append(f"{op}: {name}: {str(refusal).splitlines()[0]}")
        else:
            assert newer, f"{self.family}: {op}: {name}: PyTorch takes it"
        row["error"] = "values" if on_values else True
        self.rows.append(row)

    def write(self, folder):
        assert not self.doubts, f"{self.family}: needs a stated tolerance:\n" + "\n".join(self.doubts)
        rows = ",\n".join(json.dumps(row, separators=(",", ":"), allow_nan=False) for row in self.rows)
        head = json.dumps({"family": self.family, "signOfZero": self.sign_of_zero})[:-1]
        text = f'{head}, "cases": [\n{rows}\n]}}\n'
        assert len(text) < 500_000, f"{self.family}: {len(text)} bytes"
        (folder / f"{self.family}.json").write_text(text)
        return len(self.rows), len(text)

    # -- how -----------------------------------------------------------------------------------------------------

    def _row(self, op, name, args, options, method):
        assert (op, name) not in self.names, (op, name)
        self.names.add((op, name))
        # One seed per row, from its own words: adding a row leaves the others as they are.
        self.rng = np.random.RandomState(zlib.crc32(f"{self.family}/{op}/{name}".encode()))
        inputs = []
        arguments = [self._take(a, inputs) for a in args]
        opts = {k: self._take(v, inputs) for k, v in options.items()}
        row = {"op": op, "name": name, "inputs": [], "args": [self._json(a) for a in arguments]}
        for spec in inputs:
            item = {"shape": spec.shape, "dtype": spec.dtype, "data": [number(v) for v in spec.flat(self.rng)]}
            if spec.grad:
                item["requiresGrad"] = True
            if spec.views:
                item["views"] = spec.views
            row["inputs"].append(item)
        if opts:
            row["options"] = {k: self._json(v) for k, v in opts.items()}
        if method:
            row["method"] = True
        return row, arguments, opts, inputs

    def _take(self, value, inputs):
        """Replaces each In by its place in the row's inputs; the same In twice is one input."""
        if isinstance(value, In):
            if not any(value is known for known in inputs):
                inputs.append(value)
            return ("t", [value is known for known in inputs].index(True))
        if isinstance(value, list):
            return [self._take(v, inputs) for v in value]
        return value

    def _json(self, value):
        if isinstance(value, tuple):
            return {"t": value[1]}
        if isinstance(value, list):
            return [self._json(v) for v in value]
        if isinstance(value, Range):
            return {"range": value.parts}
        if isinstance(value, bool):
            return value
        if isinstance(value, float):
            short = number(value)
            return {"n": short} if isinstance(short, str) else short
        return value

    def _fill(self, value, tensors):
        if isinstance(value, tuple):
            return tensors[value[1]]
        if isinstance(value, list):
            return [self._fill(v, tensors) for v in value]
        if isinstance(value, dict):
            return {k: self._fill(v, tensors) for k, v in value.items()}
        return value

    def _tensors(self, inputs, row, single):
        """Leaves and the views of them that the op receives; `single` stands in for float32."""
        leaves, tensors = [], []
        for spec, item in zip(inputs, row["inputs"]):
            dtype = torch.int64 if spec.index else DTYPES[spec.dtype]
            dtype = single if dtype == torch.float32 else dtype
            data = [float(v) if isinstance(v, str) else v for v in item["data"]]
            leaf = torch.tensor(data, dtype=dtype).reshape(spec.shape).requires_grad_(spec.grad)
            view = leaf
            for name, *args in spec.views:
                view = getattr(view, snake(name))(*args)
            leaves.append(leaf)
            tensors.append(view)
        return leaves, tensors

    def _run(self, call, arguments, opts, inputs, row, seeds_given, single=torch.float32, seeds=None):
        leaves, tensors = self._tensors(inputs, row, single)
        outputs = as_list(call(*self._fill(arguments, tensors), **self._fill(opts, tensors)))
        wanted = [leaf for leaf in leaves if leaf.requires_grad]
        if not any(o.requires_grad for o in outputs):
            return leaves, outputs, None, None
        if seeds is None:
            seeds = []
            for k, o in enumerate(outputs):
                values = seeds_given[k] if seeds_given else self.rng.choice([-12, -8, -5, -3, 3, 4, 6, 10, 12], o.numel()) / 8
                seeds.append(torch.tensor(np.array(values), dtype=o.dtype).reshape(o.shape) if o.requires_grad else None)
        pairs = [(o, s) for o, s in zip(outputs, seeds) if s is not None]
        got = torch.autograd.grad([o for o, _ in pairs], wanted, [s.to(o.dtype) for o, s in pairs], allow_unused=True)
        got = iter(got)
        return leaves, outputs, seeds, [next(got) if leaf.requires_grad else None for leaf in leaves]

    def _trust(self, call, arguments, opts, inputs, row, outputs, seeds, grads, tol, grad_tol):
        """Refuses a float32 row whose own error, against float64, takes more than half of the row's tolerance."""
        if not any(spec.dtype == "float32" for spec in inputs):
            return
        default = torch.get_default_dtype()
        torch.set_default_dtype(torch.float64)
        try:
            _, better, _, better_grads = self._run(call, arguments, opts, inputs, row, None, torch.float64, seeds)
        finally:
            torch.set_default_dtype(default)
        pairs = [("output", a, b) for a, b in zip(outputs, better)]
        pairs += [("grad", a, b) for a, b in zip(grads or [], better_grads or []) if a is not None]
        for what, single, double in pairs:
            if single.dtype != torch.float32 or double.dtype != torch.float64:
                continue
            worst = excess(single.detach(), double.detach(), tol if what == "output" else grad_tol)
            if worst > 0.5:
                self.doubts.append(f"{row['op']}: {row['name']}: {what} uses {worst:.2f} of its tolerance: {flat(single)} {flat(double)}")


def excess(single, double, tol):
    """The largest error of `single`, in units of the tolerance."""
    expected = double.to(torch.float32).to(torch.float64)
    actual = single.to(torch.float64)
    same = (actual == expected) | (actual.isnan() & expected.isnan())
    size = expected.abs().clamp(min=2.0**-126)
    unit = torch.exp2(torch.floor(torch.log2(size))) * ULP32
    allowed = torch.maximum(tol.get("ulp", 4) * unit, tol.get("rtol", 0) * expected.abs()) + tol.get("atol", 0)
    ratio = torch.where(same, torch.zeros_like(actual), (actual - expected).abs() / allowed)
    ratio = ratio.nan_to_num(nan=1e9, posinf=1e9)
    return ratio.max().item() if ratio.numel() else 0.0
