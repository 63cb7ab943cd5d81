"""Products of matrices and vectors. Inputs are short binary fractions, so that float32 sums are exact in any order."""

from .recorder import D, F, Recorder, V, empty

INF, NAN = float("inf"), float("nan")


def cases():
    r = Recorder("matmul")
    matmul(r)
    shapes_fixed(r)
    addmm(r)
    return r


def matmul(r):
    pairs = [
        ([3], [3]),
        ([2, 3], [3]),
        ([3], [3, 2]),
        ([2, 3], [3, 4]),
        ([1, 3], [3, 1]),
        ([1, 1], [1, 1]),
        ([2, 1], [1, 3]),
        ([2, 2, 3], [2, 3, 2]),
        ([2, 2, 3], [3, 2]),
        ([2, 3], [2, 3, 2]),
        ([1, 2, 3], [2, 3, 2]),
        ([2, 2, 3], [1, 3, 2]),
        ([2, 2, 3], [3]),
        ([3], [2, 3, 2]),
        ([2, 2, 2, 3], [2, 2, 3, 1]),
        ([2, 1, 2, 3], [2, 3, 2]),
        ([2, 1, 1, 3], [1, 2, 3, 2]),
        ([2, 2, 2, 2], [2]),
        ([2], [2, 2, 2, 2]),
        ([2, 1, 2, 2], [2, 2]),
        ([5, 7], [7, 3]),
    ]
    for a, b in pairs:
        r.case("matmul", f"{a} by {b}", F(a), F(b))
    for a, b in [([2, 0], [0, 3]), ([0], [0]), ([2, 0], [0]), ([0], [0, 2]), ([2, 2, 0], [2, 0, 2]), ([0, 3], [3, 2]), ([2, 3], [3, 0]), ([0, 2, 3], [0, 3, 2]), ([0, 2, 3], [3, 2]), ([2, 0, 3], [3])]:
        f = lambda shape: empty(shape) if 0 in shape else F(shape)
        r.case("matmul", f"empty: {a} by {b}", f(a), f(b))
    r.case("matmul", "left transposed", F([3, 2]).view("transpose", 0, 1), F([3, 2]))
    r.case("matmul", "right transposed", F([2, 3]), F([4, 3]).view("transpose", 0, 1))
    r.case("matmul", "both transposed", F([3, 2]).view("transpose", 0, 1), F([4, 3]).view("transpose", 0, 1))
    r.case("matmul", "batches transposed", F([2, 3, 2]).view("transpose", 1, 2), F([2, 3, 2]))
    r.case("matmul", "batch dim moved", F([2, 2, 3]).view("transpose", 0, 1), F([3, 2]))
    r.case("matmul", "left expanded", F([1, 3]).view("expand", [2, 3]), F([3, 2]))
    r.case("matmul", "right narrowed", F([2, 2]), F([2, 4]).view("narrow", 1, 1, 2))
    x = F([3, 3])
    r.case("matmul", "with itself", x, x)
    for a, b in [([2, 3], [3, 2]), ([2, 2, 3], [3, 2]), ([3], [3])]:
        r.case("matmul", f"float64: {a} by {b}", D(a), D(b))
    r.case("matmul", "int32", V([[1, -2, 3], [4, 5, -6]], "int32"), V([[1, 2], [3, 4], [-5, 6]], "int32"))
    r.case("matmul", "int32 wraps", V([[65536, 2]], "int32"), V([[65537], [3]], "int32"))
    r.case("matmul", "int32 batches", V([[[1, -2]], [[4, 5]]], "int32"), V([[1, 2], [3, 4]], "int32"))
    r.case("matmul", "uint8 wraps", V([[200, 3]], "uint8"), V([[2], [30]], "uint8"))
    r.case("matmul", "NaN and infinities", V([[INF, 0.0], [NAN, 1.0], [1.0, -INF]], grad=False), V([[1.0, 0.0], [2.0, INF]], grad=False))
    r.error("matmul", "inner sizes differ", F([2, 3]), F([2, 3]))
    r.error("matmul", "inner sizes differ, 1-d", F([2]), F([3]))
    r.error("matmul", "inner sizes differ, matrix by vector", F([2, 3]), F([2]))
    r.error("matmul", "inner sizes differ, vector by matrix", F([3]), F([2, 3]))
    r.error("matmul", "batches do not broadcast", F([2, 2, 3]), F([3, 3, 2]))
    r.error("matmul", "0-d on the left", F([]), F([2, 2]))
    r.error("matmul", "0-d on the right", F([2, 2]), F([]))
    r.error("matmul", "bool", V([[1, 0]], "bool"), V([[1], [0]], "bool"))
    r.error("matmul", "float32 by float64", F([2, 2]), D([2, 2]))
    r.error("matmul", "float32 by int32", F([2, 2]), V([[1, 2], [3, 4]], "int32"))


def shapes_fixed(r):
    """The products that take only certain ranks, and do not broadcast."""
    r.case("dot", "vectors", F([4]), F([4]))
    r.case("dot", "one element", F([1]), F([1]))
    r.case("dot", "empty", empty([0]), empty([0]))
    r.case("dot", "float64", D([3]), D([3]))
    r.case("dot", "int32", V([1, -2, 3], "int32"), V([4, 5, 6], "int32"))
    r.case("dot", "with itself", (x := F([3])), x)
    r.error("dot", "sizes differ", F([2]), F([3]))
    r.error("dot", "2-d", F([2, 2]), F([2, 2]))
    r.error("dot", "two dtypes", F([2]), D([2]))

    r.case("mv", "matrix by vector", F([2, 3]), F([3]))
    r.case("mv", "transposed", F([3, 2]).view("transpose", 0, 1), F([3]))
    r.case("mv", "empty inner", empty([2, 0]), empty([0]))
    r.case("mv", "no rows", empty([0, 3]), F([3]))
    r.case("mv", "float64", D([2, 2]), D([2]))
    r.case("mv", "int32", V([[1, -2], [3, 4]], "int32"), V([5, 6], "int32"))
    r.error("mv", "sizes differ", F([2, 3]), F([2]))
    r.error("mv", "vector first", F([3]), F([3]))

    r.case("mm", "matrices", F([2, 3]), F([3, 4]))
    r.case("mm", "transposed", F([2, 3]), F([2, 3]).view("transpose", 0, 1))
    r.case("mm", "empty inner", empty([2, 0]), empty([0, 3]))
    r.case("mm", "float64", D([2, 2]), D([2, 2]))
    r.case("mm", "int32", V([[1, -2], [3, 4]], "int32"), V([[5], [6]], "int32"))
    r.error("mm", "inner sizes differ", F([2, 3]), F([2, 3]))
    r.error("mm", "a vector", F([2, 3]), F([3]))
    r.error("mm", "batches", F([2, 2, 3]), F([2, 3, 2]))
    r.error("mm", "two dtypes", F([2, 2]), D([2, 2]))

    r.case("bmm", "batches", F([2, 2, 3]), F([2, 3, 2]))
    r.case("bmm", "transposed", F([2, 2, 3]), F([2, 2, 3]).view("transpose", 1, 2))
    r.case("bmm", "one", F([1, 2, 2]), F([1, 2, 1]))
    r.case("bmm", "no batches", empty([0, 2, 3]), empty([0, 3, 2]))
    r.case("bmm", "empty inner", empty([2, 2, 0]), empty([2, 0, 2]))
    r.case("bmm", "float64", D([2, 1, 2]), D([2, 2, 1]))
    r.error("bmm", "batches differ", F([2, 2, 3]), F([1, 3, 2]))
    r.error("bmm", "matrices", F([2, 3]), F([3, 2]))
    r.error("bmm", "inner sizes differ", F([2, 2, 3]), F([2, 2, 3]))

    r.case("outer", "vectors", F([2]), F([3]))
    r.case("outer", "empty", empty([0]), F([2]))
    r.case("outer", "float64", D([2]), D([2]))
    r.case("outer", "int32", V([1, -2], "int32"), V([3, 4, 5], "int32"))
    r.case("outer", "with itself", (x := F([2])), x)
    r.error("outer", "2-d", F([2, 2]), F([2]))
    r.error("outer", "0-d", F([]), F([2]))


def addmm(r):
    r.case("addmm", "matrix", F([2, 2]), F([2, 3]), F([3, 2]))
    r.case("addmm", "row", F([2]), F([3, 2]), F([2, 2]))
    r.case("addmm", "column", F([2, 1]), F([2, 3]), F([3, 2]))
    r.case("addmm", "0-d", F([]), F([2, 3]), F([3, 2]))
    r.case("addmm", "alpha and beta", F([2, 2]), F([2, 3]), F([3, 2]), alpha=0.5, beta=-2)
    r.case("addmm", "beta zero ignores NaN", V([NAN, INF], grad=False), F([2, 3]), F([3, 2]), beta=0)
    r.case("addmm", "alpha zero", F([2]), F([2, 3]), F([3, 2]), alpha=0)
    r.case("addmm", "empty inner", F([2, 2]), empty([2, 0]), empty([0, 2]))
    r.case("addmm", "transposed", F([2]), F([3, 2]).view("transpose", 0, 1), F([2, 3]).view("transpose", 0, 1))
    r.case("addmm", "float64", D([2]), D([2, 2]), D([2, 2]))
    r.case("addmm", "int32", V([1, 2], "int32"), V([[1, -2]], "int32"), V([[3, 4], [5, 6]], "int32"))
    r.error("addmm", "inner sizes differ", F([2]), F([2, 3]), F([2, 2]))
    r.error("addmm", "input does not broadcast", F([3]), F([2, 3]), F([3, 2]))
    r.error("addmm", "two dtypes", D([2]), F([2, 2]), F([2, 2]))
    r.error("addmm", "batches", F([2]), F([2, 2, 2]), F([2, 2, 2]))

    r.case("baddbmm", "batches", F([2, 2, 2]), F([2, 2, 3]), F([2, 3, 2]))
    r.case("baddbmm", "row", F([2]), F([2, 1, 3]), F([2, 3, 2]))
    r.case("baddbmm", "alpha and beta", F([2, 2, 2]), F([2, 2, 3]), F([2, 3, 2]), alpha=0.5, beta=-2)
    r.error("baddbmm", "matrices", F([2]), F([2, 3]), F([3, 2]))
