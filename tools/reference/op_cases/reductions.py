"""Reductions, whole and over dims, and the running ones."""

import torch

from .recorder import D, F, Recorder, V, empty, resolve

INF, NAN = float("inf"), float("nan")

OVER_DIMS = ["sum", "mean", "var", "std", "amax", "amin"]
ARG = ["argmax", "argmin"]
EXTREMES = ["max", "min"]
RUNNING = ["cumsum", "cumprod"]
LOGIC = ["all", "any"]

TOL = {
    "var": {"ulp": 8},  # sums of squares of rounded deviations
    "std": {"ulp": 8},
    "prod": {"ulp": 8},
    "cumprod": {"ulp": 8},
    "norm": {"ulp": 8},
    "mean": None,
}
GRAD_TOL = {
    "var": {"ulp": 8, "atol": 2e-7},  # x - mean, where the mean is rounded
    "std": {"ulp": 16, "atol": 2e-7},
    "prod": {"ulp": 16},
    "cumprod": {"ulp": 16, "atol": 5e-7},  # sums of products of either sign
    "norm": {"ulp": 16},
}
TOL64 = {"var": {"rtol": 1e-12, "atol": 1e-15}, "std": {"rtol": 1e-12, "atol": 1e-15}, "cumprod": {"rtol": 1e-12, "atol": 1e-15}}


def over(op):
    """The PyTorch call with `null` for all dims allowed beside keywords."""
    function = resolve(op)

    def call(x, dim=None, **options):
        if dim is None and options and not set(options) <= {"dtype"}:
            dim = list(range(x.ndim))
        return function(x, **options) if dim is None else function(x, dim, **options)

    return call


def cases():
    r = Recorder("reductions")
    over_dims(r)
    statistics(r)
    extremes(r)
    products(r)
    running(r)
    logic(r)
    norms(r)
    more(r)
    return r


def over_dims(r):
    for op in OVER_DIMS:
        run = lambda name, *args, **more: r.case(op, name, *args, fn=over(op), tol=TOL.get(op), grad_tol=GRAD_TOL.get(op), **more)
        run("whole", F([2, 3]))
        run("first dim", F([2, 3]), 0)
        run("last dim", F([2, 3]), 1)
        run("negative dim", F([2, 3, 2]), -2)
        run("a list of one dim", F([2, 3]), [1])
        run("two dims", F([2, 3, 2]), [0, 2])
        run("dims out of order, negative", F([2, 3, 2]), [-1, 0])
        run("all dims by list", F([2, 3]), [0, 1])
        run("keepdim", F([2, 3]), 1, keepdim=True)
        run("two dims, keepdim", F([2, 3, 2]), [0, 1], keepdim=True)
        run("whole, keepdim", F([2, 3]), None, keepdim=True)
        run("1-d", F([5]))
        run("transposed", F([3, 2]).view("transpose", 0, 1), 1)
        run("expanded", F([3, 1]).view("expand", [3, 4]), 0) if op in ("sum", "mean") else None
        run("empty result", empty([0, 3]), 1)
        run("special values", V([[1.0, INF, 2.0], [-INF, 1.0, 0.0], [INF, -INF, 1.0], [NAN, 1.0, INF]], grad=False), 1)
        r.case(op, "float64", D([2, 3]), 1, fn=over(op), tol=TOL64.get(op), grad_tol=TOL64.get(op))
        if op not in ("var", "std"):
            run("0-d", F([]))
            run("0-d, dim 0", F([]), 0)
            run("0-d, dim -1", F([]), -1)
            run("one element, keepdim", F([1, 1]), 0, keepdim=True)
        r.error(op, "dim out of range", F([2, 3]), 2, fn=over(op))
        r.error(op, "negative dim out of range", F([2, 3]), -3, fn=over(op))
        r.error(op, "a dim twice", F([2, 3]), [0, -2], fn=over(op))
        r.error(op, "0-d, dim 1", F([]), 1, fn=over(op))
    for op in ("sum", "mean"):
        r.case(op, "empty", empty([0]), fn=over(op))
        r.case(op, "empty dim", empty([2, 0]), 1, fn=over(op))
        r.case(op, "empty dims", empty([2, 0, 3]), [0, 1], fn=over(op))
        r.case(op, "dtype", F([2, 3]), 1, fn=over(op), dtype="float64")
        r.case(op, "int32 with dtype", V([[1, 2, 4], [-3, 5, 0]], "int32"), 1, fn=over(op), dtype="float32")
        r.case(op, "whole with dtype", V([1, 2, 4], "int32"), None, fn=over(op), dtype="float64")
    r.case("sum", "int32", V([[1, -2, 3], [4, 5, -6]], "int32"), 0)
    r.case("sum", "uint8 does not wrap", V([200, 100, 250], "uint8"))
    r.case("sum", "bool counts", V([[1, 0, 1], [1, 1, 0]], "bool"), 1)
    r.case("sum", "bool, whole", V([1, 0, 1], "bool"))
    r.case("sum", "int32 to uint8 wraps", V([200, 100], "int32"), None, fn=over("sum"), dtype="uint8")
    r.case("sum", "zeros of both signs", V([0.0, -0.0]))
    for dtype in ("int32", "uint8", "bool"):
        r.error("mean", dtype, V([1, 0, 1], dtype))
        r.error("mean", f"{dtype}, dim", V([[1, 0, 1]], dtype), 1)


def statistics(r):
    for op in ("var", "std"):
        run = lambda name, *args, **more: r.case(op, name, *args, fn=over(op), tol=TOL[op], grad_tol=GRAD_TOL[op], **more)
        function = resolve(op)
        for correction in (0, 1, 2):
            run(f"correction {correction}", F([2, 4]), 1, correction=correction)
        run("whole, correction 0", F([2, 3]), None, correction=0)
        run("two dims, correction 0, keepdim", F([2, 3, 2]), [0, 2], correction=0, keepdim=True)
        run("correction 0 of one element", F([1, 3]), 0, correction=0)
        run("equal elements", V([[2.0, 2.0, 2.0], [1.0, 2.0, 4.0]]), 1)
        run("far from zero", V([1000.0, 1001.0, 1003.0, 1008.0]))
        run("correction as large as the count", V([1.0, 2.0], grad=False), None, correction=2)
        run("one element has none", V([[1.0], [2.0]], grad=False), 1)
        run("one element, whole", V([1.0], grad=False))
        run("0-d", V(1.0, grad=False))
        run("0-d, correction 0", V(1.5, grad=False), None, correction=0)
        run("empty", empty([0], grad=False))
        run("empty dim", empty([2, 0], grad=False), 1)
        for dtype in ("int32", "bool"):
            r.error(op, dtype, V([1, 0, 1], dtype))


def extremes(r):
    for op, sign in (("amax", 1), ("amin", -1)):
        flip = lambda values: [[v * sign for v in row] for row in values]
        r.case(op, "gradient of ties is shared", V(flip([[1.0, 2.0, 2.0], [3.0, 3.0, 3.0]])), 1)
        r.case(op, "gradient of ties, whole", V([4.0 * sign, 1.0, 4.0 * sign, 0.0]))
        r.case(op, "gradient of ties over two dims", V(flip([[1.0, 2.0], [2.0, 0.0]])), [0, 1])
        r.case(op, "gradient of tied infinities", V([INF * sign, 1.0, INF * sign]))
        for dtype in ("int32", "uint8", "bool"):
            r.case(op, dtype, V([[1, 0, 1], [0, 0, 0]] if dtype == "bool" else [[1, 5, 5], [2, 0, 7]], dtype), 1)
        r.error(op, "empty", empty([0]))
        r.error(op, "empty dim", empty([2, 0]), 1)
    for op in EXTREMES:
        s = 1 if op == "max" else -1
        r.case(op, "whole", F([2, 3]))
        r.case(op, "whole, 0-d", F([]))
        r.case(op, "whole, float64", D([2, 3]))
        r.case(op, "whole, gradient of ties is shared", V([3.0 * s, 1.0 * s, 3.0 * s, 0.0]))
        r.case(op, "whole, NaN wins", V([1.0, NAN, INF, -INF]))
        r.case(op, "whole, gradient of several NaN", V([NAN, 1.0, NAN]))
        r.case(op, "whole, infinities", V([INF, -INF, 0.0]))
        r.case(op, "first dim", F([2, 3]), 0)
        r.case(op, "last dim", F([2, 3]), 1)
        r.case(op, "negative dim", F([2, 3, 2]), -2)
        r.case(op, "keepdim", F([2, 3]), 1, keepdim=True)
        r.case(op, "0-d, dim 0", F([]), 0)
        r.case(op, "transposed", F([3, 2]).view("transpose", 0, 1), 1)
        r.case(op, "empty result", empty([0, 3]), 1)
        r.case(op, "ties go to the first index", V([[1.0, 2.0 * s, 2.0 * s], [3.0, 3.0, 3.0]]), 1)
        r.case(op, "NaN goes to its first index", V([[1.0, NAN, INF, NAN], [0.0, 1.0, -INF, INF]]), 1)
        for dtype, values in [("int32", [[1, 5, 5], [2, 0, 7]]), ("uint8", [[1, 5, 250], [2, 0, 7]]), ("bool", [[1, 0, 1], [0, 0, 0]])]:
            r.case(op, f"{dtype}, whole", V(values, dtype))
            r.case(op, f"{dtype}, dim", V(values, dtype), 1)
        r.case(op, "of two tensors", F([2, 3]), F([3]))
        r.error(op, "whole, empty", empty([0]))
        r.error(op, "empty dim", empty([2, 0]), 1)
        r.error(op, "dim out of range", F([2, 3]), 2)
    for op in ARG:
        s = 1 if op == "argmax" else -1
        run = lambda name, *args, **more: r.case(op, name, *args, **more)
        run("whole counts through all elements", F([2, 3]))
        run("0-d", F([]))
        run("first dim", F([2, 3]), 0)
        run("negative dim", F([2, 3, 2]), -1)
        run("keepdim", F([2, 3]), 1, keepdim=True)
        r.case(op, "whole, keepdim", F([2, 3]), None, fn=lambda x, _dim, keepdim, f=resolve(op): f(x, keepdim=keepdim), keepdim=True)
        run("ties go to the first", V([[1.0, 2.0 * s, 2.0 * s], [3.0, 3.0, 3.0]]), 1)
        run("ties, whole", V([[1.0, 2.0 * s], [2.0 * s, 0.0]]))
        run("NaN wins", V([[1.0, NAN, INF, NAN], [0.0, 1.0, -INF, INF]]), 1)
        run("int32", V([[1, 5, 5], [2, 0, 7]], "int32"), 1)
        run("uint8", V([3, 250, 0], "uint8"))
        run("transposed", F([3, 2]).view("transpose", 0, 1))
        run("empty result", empty([0, 3]), 1)
        r.error(op, "empty", empty([0]))
        r.error(op, "empty dim", empty([2, 0]), 1)
        r.error(op, "dim out of range", F([2, 3]), 2)


def products(r):
    run = lambda name, *args, **more: r.case("prod", name, *args, tol=TOL["prod"], grad_tol=GRAD_TOL["prod"], **more)
    run("whole", F([2, 3]))
    run("0-d", F([]))
    run("first dim", F([2, 3]), 0)
    run("negative dim", F([2, 3, 2]), -2)
    run("keepdim", F([2, 3]), 1, keepdim=True)
    run("0-d, dim 0", F([]), 0)
    run("transposed", F([3, 2]).view("transpose", 0, 1), 1)
    run("whole, one zero", V([2.0, 0.0, 3.0, -1.5]))
    run("whole, two zeros", V([2.0, 0.0, 3.0, 0.0]))
    run("dim, rows with no, one and two zeros", V([[2.0, 3.0, 4.0], [2.0, 0.0, 4.0], [0.0, 3.0, 0.0]]), 1)
    run("0-d zero", V(0.0))
    run("empty", empty([0]))
    run("empty dim", empty([2, 0]), 1)
    run("empty result", empty([0, 3]), 1)
    run("special values", V([[INF, 2.0], [INF, -INF], [NAN, 0.0], [INF, 0.0]], grad=False), 1)
    r.case("prod", "float64", D([2, 3]), 1)
    r.case("prod", "int32", V([[1, -2, 3], [4, 5, -6]], "int32"), 0)
    r.case("prod", "uint8 does not wrap", V([20, 30], "uint8"))
    r.case("prod", "bool", V([1, 0, 1], "bool"))
    r.case("prod", "int32 with dtype", V([[1, 2, 4], [-3, 5, 1]], "int32"), 1, dtype="float32")
    r.case("prod", "dtype", F([2, 3]), 1, dtype="float64")
    r.error("prod", "dim out of range", F([2, 3]), 2)


def running(r):
    for op in RUNNING:
        run = lambda name, *args, **more: r.case(op, name, *args, tol=TOL.get(op), grad_tol=GRAD_TOL.get(op), **more)
        run("first dim", F([3, 2]), 0)
        run("last dim", F([2, 3]), 1)
        run("negative dim", F([2, 3, 2]), -2)
        run("1-d", F([5]), 0)
        run("0-d", F([]), 0)
        run("empty", empty([0]), 0)
        run("empty with sizes", empty([2, 0, 3]), 1)
        run("transposed", F([3, 2]).view("transpose", 0, 1), 1)
        run("special values", V([[1.0, INF, -INF, 1.0], [1.0, NAN, 2.0, INF], [0.0, INF, 1.0, 2.0]], grad=False), 1)
        r.case(op, "float64", D([2, 3]), 1, tol=TOL64.get(op), grad_tol=TOL64.get(op))
        r.case(op, "int32", V([[1, -2, 3], [4, 5, -6]], "int32"), 1)
        r.case(op, "uint8 does not wrap", V([200, 100, 3], "uint8"), 0)
        r.case(op, "bool", V([1, 1, 0, 1], "bool"), 0)
        run("dtype", F([2, 3]), 1, dtype="float64")
        r.case(op, "int32 with dtype", V([1, 2, -3], "int32"), 0, dtype="float32")
        r.error(op, "dim out of range", F([2, 3]), 2)
    run = lambda name, *args, **more: r.case("cumprod", name, *args, tol=TOL["cumprod"], grad_tol=GRAD_TOL["cumprod"], **more)
    run("one zero", V([2.0, 0.0, 3.0, -1.5]), 0)
    run("zero first", V([0.0, 2.0, 3.0]), 0)
    run("zero last", V([2.0, 3.0, 0.0]), 0)
    run("two zeros", V([2.0, 0.0, 3.0, 0.0, 4.0]), 0)
    run("rows with no, one and two zeros", V([[2.0, 3.0, 4.0], [2.0, 0.0, 4.0], [0.0, 3.0, 0.0]]), 1)
    run("0-d zero", V(0.0), 0)


def logic(r):
    twice = lambda f: lambda x, dims: f(f(x, dims[1]), dims[0])
    for op in LOGIC:
        run = lambda name, *args, **more: r.case(op, name, *args, **more)
        run("bool, whole", V([[1, 0, 1], [1, 1, 1]], "bool"))
        run("bool, dim", V([[1, 0, 1], [1, 1, 1], [0, 0, 0]], "bool"), 1)
        run("bool, negative dim, keepdim", V([[1, 0, 1], [1, 1, 1], [0, 0, 0]], "bool"), -2, keepdim=True)
        run("0-d", V(1, "bool"))
        run("0-d, dim 0", V(0, "bool"), 0)
        run("float32: NaN is true, both zeros are false", V([[NAN, 1.0], [0.0, -0.0], [0.0, INF]]), 1)
        run("int32", V([[2, 0], [-1, 5], [0, 0]], "int32"), 1)
        run("uint8 stays uint8", V([[2, 0], [1, 5], [0, 0]], "uint8"), 1)
        run("uint8, whole", V([2, 0], "uint8"))
        run("empty", empty([0], "bool"))
        run("empty dim", empty([2, 0], "bool"), 1)
        run("empty result", empty([0, 2], "bool"), 1)
        # A list of dims is PyTorch 2's.
        r.case(op, "two dims", V([[[1, 1], [1, 0]], [[1, 1], [1, 1]]], "bool"), [1, 2], fn=twice(resolve(op)))
        r.error(op, "dim out of range", V([1, 0], "bool"), 1)


def norms(r):
    run = lambda name, *args, **more: r.case("norm", name, *args, tol=TOL["norm"], grad_tol=GRAD_TOL["norm"], **more)
    powers = [("2", 2), ("1", 1), ("Infinity", INF), ("-Infinity", -INF), ("0", 0), ("3", 3), ("0.5", 0.5), ("fro", "fro")]
    run("whole", F([2, 3]))
    run("0-d", F([]))
    run("empty", empty([0]))
    for word, p in powers:
        grad = p != 0  # a count: PyTorch asks for a gradient and then gives none
        run(f"p = {word}", F([2, 3], grad=grad), p)
        run(f"p = {word}, dim", F([2, 3], grad=grad), p, 1)
        run(f"p = {word}, two dims, keepdim", F([2, 3, 2], grad=grad), p, [0, -1], keepdim=True)
        if p != 0.5:  # its gradient at 0 is a matter of rounding
            run(f"p = {word}, at zero", V([0.0, 0.0, 0.0], grad=grad), p)
            run(f"p = {word}, some zeros", V([[0.0, 3.0, -4.0], [0.0, 0.0, 0.0]], grad=grad), p, 1)
    run("p = Infinity, gradient of ties is shared", V([3.0, -3.0, 1.0]), INF)
    run("p = -Infinity, gradient of ties is shared", V([3.0, -1.0, 1.0]), -INF)
    run("special values", V([[INF, 1.0], [-INF, INF], [NAN, 1.0]], grad=False), 2, 1)
    run("p = Infinity, special values", V([[INF, 1.0], [-INF, 2.0], [NAN, 1.0]], grad=False), INF, 1)
    run("p = 1, special values", V([[INF, 1.0], [-INF, INF], [NAN, 1.0]], grad=False), 1, 1)
    run("empty dim", empty([2, 0]), 2, 1)
    run("transposed", F([3, 2]).view("transpose", 0, 1), 2, 1)
    r.case("norm", "float64", D([2, 3]), 2, 1)
    r.error("norm", "int32", V([3, 4], "int32"))
    r.error("norm", "dim out of range", F([2, 3]), 2, 2)
    r.error("norm", "unknown name", F([2, 3]), "max")


def more(r):
    r.case("countNonzero", "whole", V([[1.0, 0.0, -0.0], [NAN, INF, 2.0]], grad=False))
    r.case("countNonzero", "dim", V([[1, 0, 3], [0, 0, 2]], "int32"), 1)
    r.case("countNonzero", "several dims", V([[[1, 0], [1, 1]], [[0, 0], [1, 0]]], "bool"), [0, -1])
    r.case("countNonzero", "0-d", V(2, "uint8"))
    r.case("countNonzero", "empty", empty([0, 2]), 0)
    r.error("countNonzero", "dim out of range", V([1, 0]), 1)
    for op in ("sum", "prod"):
        r.case(op, "dtype bool", V([[2.0, 0.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]], grad=False), 1, fn=over(op), dtype="bool")
        r.case(op, "dtype uint8", V([200, 100, 7], "int32"), 0, fn=over(op), dtype="uint8")
    for op in RUNNING:
        r.case(op, "dtype uint8 wraps", V([200, 100, 7, 3], "int32"), 0, dtype="uint8")
    r.case("norm", "dtype", F([2, 3]), 2, 1, dtype="float64", trust=False)
    r.case("norm", "p = -1", F([2, 3]), -1, 1, tol=TOL["norm"], grad_tol=GRAD_TOL["norm"])
    r.case("norm", "p = -1, some zeros", V([[0.0, 3.0, -4.0]], grad=False), -1, 1)
    r.case("norm", "p = 1.5, some zeros", V([[0.0, 3.0, -4.0], [0.0, 0.0, 0.0]]), 1.5, 1, tol=TOL["norm"], grad_tol=GRAD_TOL["norm"])
    r.case("norm", "p = 2.5, negative numbers", V([[1.0, -3.0, -4.0]]), 2.5, 1, tol=TOL["norm"], grad_tol=GRAD_TOL["norm"])
    for p in (INF, -INF):
        r.error("norm", f"p = {p}, empty", empty([0]), p, 0, newer=True)
    for op in ("var", "std"):
        r.case(op, "unbiased false", F([2, 4]), 1, fn=over(op), tol=TOL[op], grad_tol=GRAD_TOL[op], unbiased=False)
        r.case(op, "unbiased true, whole", F([2, 4]), None, fn=lambda x, _dim, unbiased, f=resolve(op): f(x, unbiased=unbiased), tol=TOL[op], grad_tol=GRAD_TOL[op], unbiased=True)
