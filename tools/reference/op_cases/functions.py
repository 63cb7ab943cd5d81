"""Ops that are functions alone: order statistics, running extremes, products, distances, counting, placing."""

import torch

from .recorder import D, F, I, Recorder, V

INF, NAN = float("inf"), float("nan")
# The rank q (n - 1) is rounded in float32, and with it the share of either neighbour.
RANK = {"ulp": 4, "atol": 1e-6}


def cases():
    r = Recorder("functions")
    order(r)
    running(r)
    pairs(r)
    singles(r)
    products(r)
    distances(r)
    counting(r)
    placing(r)
    joining(r)
    return r


def order(r):
    ties = V([3.0, 1.0, 2.0, 2.0, 2.0, 5.0], grad=True)
    r.case("median", "of all", F([2, 3]))
    r.case("median", "of equals, which share the gradient", ties)
    r.case("median", "of an even number: the lower", F([2, 4]))
    r.case("median", "NaN wins", V([1.0, NAN, 2.0]))
    r.case("median", "along a dim", F([2, 5]), 1)
    r.case("median", "along a dim, kept", F([4, 2]), 0, keepdim=True)
    r.case("median", "along a dim with NaN: its first", V([[1.0, NAN, 2.0, NAN], [4.0, 3.0, 2.0, 1.0]]), 1)
    r.case("median", "ints", V([5, 3, 9, 1], "int32"))
    r.case("median", "a number", F([]))
    r.case("nanmedian", "of all", V([1.0, NAN, 2.0, 7.0, NAN]))
    r.case("nanmedian", "nothing but NaN", V([NAN, NAN], grad=False))
    r.case("nanmedian", "along a dim", V([[1.0, NAN, 2.0, 8.0], [4.0, 3.0, 2.0, 1.0]]), 1)
    r.case("kthvalue", "the second", F([2, 5]), 2)
    r.case("kthvalue", "along a dim, kept", F([4, 2]), 4, 0, keepdim=True)
    r.error("kthvalue", "beyond the size", F([3]), 4)
    r.case("mode", "of repeated numbers", V([[1.0, 2.0, 2.0, 3.0, 3.0], [5.0, 4.0, 4.0, 4.0, 5.0]]), drop=(1,))
    r.case("mode", "of different numbers: the least", V([3.0, 1.0, 2.0]), 0)
    r.case("mode", "along a dim, kept", V([[1, 2], [1, 3], [2, 3]], "int32"), 0, keepdim=True, drop=(1,))
    columns = [[5, 1, 7], [1, 4, 2], [5, 4, 2], [3, 1, 2], [1, 4, 7]]
    r.case("mode", "of columns", V(columns, "int32"), 0, drop=(1,))
    r.case("mode", "of a dim in the middle", V([columns, columns[::-1]], "int32"), 1, drop=(1,))
    r.case("msort", "along the first dim", F([4, 2]))
    for q in (0.0, 0.25, 0.5, 0.9, 1.0):
        r.case("quantile", f"{q} of all", F([2, 4]), q, tol=RANK, grad_tol=RANK)
    for mode in ("linear", "lower", "higher", "midpoint", "nearest"):
        r.case("quantile", f"0.4 along a dim, {mode}", F([3, 4]), 0.4, 1, interpolation=mode, tol=RANK, grad_tol=RANK)
    r.case("quantile", "kept", F([3, 4]), 0.3, 0, keepdim=True, tol=RANK, grad_tol=RANK)
    r.case("quantile", "several", F([3, 4]), V([0.1, 0.5, 0.75]), 1, tol=RANK, grad_tol=RANK)
    r.case("quantile", "several, kept", F([3, 4]), V([0.1, 0.5]), 0, keepdim=True, tol=RANK, grad_tol=RANK)
    r.case("quantile", "NaN wins", V([[1.0, NAN, 3.0], [1.0, 2.0, 4.0]]), 0.5, 1, tol=RANK, grad_tol=RANK)
    r.case("quantile", "float64", D([5]), 0.3, tol=RANK, grad_tol=RANK)
    r.error("quantile", "ints", V([1, 2], "int32"), 0.5)
    r.error("quantile", "q above 1", F([3]), 1.5)
    r.case("nanquantile", "leaves NaN out", V([[1.0, NAN, 3.0, 9.0], [1.0, 2.0, 4.0, 5.0]]), 0.5, 1, tol=RANK, grad_tol=RANK)
    r.case("nanquantile", "nothing but NaN", V([NAN, NAN]), 0.5, tol=RANK, grad_tol=RANK)
    for op in ("stdMean", "varMean"):
        r.case(op, "of all", F([2, 3]), tol={"ulp": 8}, grad_tol={"ulp": 16, "atol": 2e-7})
        r.case(op, "along a dim, kept", F([3, 4]), 1, keepdim=True, tol={"ulp": 8}, grad_tol={"ulp": 16, "atol": 2e-7})
    # Of aminmax itself 1.13 has no gradient.
    both = lambda x, dim=None, keepdim=False: [f(x) if dim is None else f(x, dim, keepdim) for f in (torch.amin, torch.amax)]
    r.case("aminmax", "of all", F([2, 3]), fn=both)
    r.case("aminmax", "along a dim", F([2, 3]), fn=both, dim=1)
    r.case("aminmax", "kept", F([2, 3]), fn=both, dim=0, keepdim=True)
    holes = V([[1.0, NAN, 3.0], [NAN, NAN, NAN]], grad=True)
    r.case("nansum", "of all", holes)
    r.case("nansum", "along a dim", V([[1.0, NAN, 3.0], [NAN, NAN, NAN]]), 1)
    r.case("nansum", "ints", V([1, 2, 3], "int32"))
    r.case("nanmean", "along a dim", V([[1.0, NAN, 3.0], [4.0, 5.0, NAN]]), 1)
    r.case("nanmean", "nothing but NaN", V([NAN, NAN], grad=False))


def running(r):
    for op in ("cummax", "cummin"):
        r.case(op, "last dim", F([2, 6]), 1)
        r.case(op, "first dim", F([5, 2]), 0)
        r.case(op, "equals: the last", V([2.0, 1.0, 2.0, 1.0, 2.0]), 0)
        r.case(op, "NaN stays", V([2.0, NAN, 3.0, 1.0]), 0)
        r.case(op, "ints", V([3, 1, 4, 1, 5], "int32"), 0)
        r.case(op, "a number", F([]), 0)
    r.case("logcumsumexp", "last dim", F([2, 7]), 1, tol={"ulp": 8, "atol": 5e-7}, grad_tol={"ulp": 16, "atol": 5e-7})
    r.case("logcumsumexp", "of large ones", V([100.0, -100.0, 90.0]), 0, grad_tol={"ulp": 64, "atol": 5e-6}, tol={"ulp": 8})
    r.case("logcumsumexp", "with infinities", V([-INF, -INF, 1.0], grad=False), 0)
    r.case("diff", "once", F([2, 5]))
    r.case("diff", "twice along a dim", F([4, 2]), n=2, dim=0)
    r.case("diff", "more than there are", F([3]), n=5)
    r.case("diff", "with ends", F([2, 3]), prepend=F([2, 1]), append=F([2, 2]))
    r.case("diff", "bools", V([True, False, False, True], "bool"))
    r.case("trapezoid", "unit steps", F([2, 4]))
    r.case("trapezoid", "equal steps along a dim", F([4, 2]), fn=lambda y, dx, dim: torch.trapezoid(y, dx=dx, dim=dim), dx=0.5, dim=0)
    r.case("trapezoid", "over places", F([2, 4]), F([4]))
    r.case("trapezoid", "over places of each row", F([2, 4]), F([2, 4]))
    r.case("cumulativeTrapezoid", "unit steps", F([2, 4]))
    r.case("cumulativeTrapezoid", "over places", F([2, 4]), F([4]), grad_tol={"ulp": 8, "atol": 5e-7})


def pairs(r):
    special = [0.0, -0.0, 1.0, -1.0, INF, -INF, NAN]
    left = [a for a in special for _ in special]
    right = [b for _ in special for b in special]
    for op in ("logaddexp", "logaddexp2", "fmax", "fmin", "xlogy", "hypot"):
        r.case(op, "extremes", V(left, grad=False), V(right, grad=False), zero_sign=False)
        low = 0.25 if op == "xlogy" else -2.0
        r.case(op, "broadcast", F([2, 1], low=low), F([3], low=low), tol={"ulp": 8}, grad_tol={"ulp": 8, "atol": 2e-7})
    r.case("copysign", "extremes", V([1.0, -1.0, 0.0, 3.0, INF], grad=False), V([-0.0, 0.0, -2.0, -INF, -1.0], grad=False))
    r.case("copysign", "a number", F([2, 3]), -2.5)
    r.case("fmax", "equals", V([1.0, 2.0]), V([1.0, 2.0]))
    r.case("heaviside", "at 0", V([-1.0, 0.0, 2.0, -0.0], grad=False), V([0.5, 0.5, 0.5, 0.25], grad=False))
    r.case("xlogy", "nothing", V([0.0, 0.0, 0.0]), V([1.0, 2.0, 4.0]))
    r.case("ldexp", "ints", F([2, 3]), V([1, -2, 3], "int32"))
    r.case("floatPower", "ints", V([1, 2, 3], "int32"), 2)
    r.case("isclose", "near", V([1.0, 2.0, INF, INF, NAN]), V([1.000001, 2.1, INF, -INF, NAN]))
    r.case("isclose", "NaN too", V([1.0, NAN]), V([1.5, NAN]), rtol=0.0, atol=0.5, equalNan=True)
    r.case("isclose", "ints", V([1, 2, 3], "int32"), V([1, 2, 4], "int32"))


def singles(r):
    r.case("signbit", "zeros too", V([0.0, -0.0, 1.0, -2.0, INF, -INF]))
    r.case("signbit", "ints", V([1, -1, 0], "int32"))
    r.case("logit", "inside", F([2, 3], low=0.1, high=0.9), grad_tol={"ulp": 8}, tol={"ulp": 8, "atol": 2e-7})
    r.case("logit", "outside", V([-0.5, 0.0, 1.0, 1.5], grad=False))
    r.case("logit", "clamped", V([-0.5, 0.3, 1.5], grad=False), fn=lambda x, eps: torch.logit(x, eps), eps=0.25, tol={"ulp": 8})
    r.case("sinc", "at 0 too", V([0.0, 0.5, 1.25, -2.5]), grad_tol={"ulp": 16, "atol": 1e-6}, tol={"ulp": 8})
    r.case("isposinf", "extremes", V([INF, -INF, NAN, 1.0]))
    r.case("isneginf", "extremes", V([INF, -INF, NAN, 1.0]))
    r.case("isposinf", "ints", V([1, 2], "int32"))
    r.case("entr", "below, at and above 0", V([-1.0, 0.0, 0.5, 2.0], grad=False), fn=torch.special.entr)
    for op, values in {"absolute": [-1.5, 2.0], "negative": [1.5, -2.0], "fix": [1.5, -1.5], "sgn": [-3.0, 0.0], "arcsin": [0.5, -0.25]}.items():
        r.case(op, "as the other name", V(values, grad=op not in ("fix", "sgn")))
    for op in ("multiply", "divide", "subtract", "trueDivide"):
        r.case(op, "as the other name", F([2, 2]), F([2]))
    for op in ("greater", "greaterEqual", "less", "lessEqual", "notEqual"):
        r.case(op, "as the other name", V([1.0, 2.0, 3.0]), 2)
    r.case("clip", "as the other name", F([4]), -0.5, 0.5)


def products(r):
    r.case("tensordot", "two dims", F([2, 3, 4]), F([3, 4, 5]), grad_tol={"ulp": 16, "atol": 1e-6}, tol={"ulp": 16, "atol": 1e-6})
    r.case("tensordot", "those listed", F([2, 4, 3]), F([3, 2, 2]), [[0, 2], [1, 0]], grad_tol={"ulp": 16, "atol": 1e-6}, tol={"ulp": 16, "atol": 1e-6})
    r.case("tensordot", "none", F([2]), F([3]), 0)
    r.error("tensordot", "sizes differ", F([2, 3]), F([4, 5]), 1)
    r.case("inner", "vectors", F([4]), F([4]), tol={"ulp": 8, "atol": 5e-7})
    r.case("inner", "matrices", F([2, 4]), F([3, 4]), tol={"ulp": 8, "atol": 5e-7}, grad_tol={"ulp": 8, "atol": 1e-6})
    r.case("inner", "a number", F([2, 2]), F([]), grad_tol={"ulp": 8, "atol": 1e-6})
    r.case("vdot", "vectors", F([4]), F([4]), tol={"ulp": 8, "atol": 5e-7})
    r.case("kron", "matrices", F([2, 2]), F([2, 3]), grad_tol={"ulp": 8, "atol": 1e-6})
    r.case("kron", "of different ranks", F([3]), F([2, 2]), grad_tol={"ulp": 8, "atol": 1e-6})
    r.case("cross", "rows", F([2, 3]), F([2, 3]), tol={"ulp": 4, "atol": 5e-7}, grad_tol={"ulp": 4, "atol": 1e-6})
    r.case("cross", "the first dim of three", F([3, 3]), F([3, 3]), tol={"ulp": 4, "atol": 5e-7}, grad_tol={"ulp": 4, "atol": 1e-6})
    r.case("cross", "a dim", F([3, 2, 3]), F([3, 2, 3]), 2, tol={"ulp": 4, "atol": 5e-7}, grad_tol={"ulp": 4, "atol": 1e-6})
    r.error("cross", "no dim of three", F([2, 2]), F([2, 2]))
    r.case("trace", "not square", F([2, 3]))
    r.case("vander", "its length", V([1.0, 2.0, 3.0], grad=False))  # 1.13 fails at its own gradient
    r.case("vander", "growing", V([1.0, 2.0, -3.0], grad=False), 4, fn=lambda x, n, increasing: torch.vander(x, n, increasing=increasing), increasing=True)
    r.case("addmv", "scaled", F([2]), F([2, 3]), F([3]), beta=0.5, alpha=2, tol={"ulp": 8, "atol": 1e-6}, grad_tol={"ulp": 8, "atol": 1e-6})
    r.case("addr", "plain", F([2, 3]), F([2]), F([3]), tol={"ulp": 4, "atol": 5e-7}, grad_tol={"ulp": 8, "atol": 1e-6})
    r.case("addbmm", "plain", F([2, 2]), F([3, 2, 2]), F([3, 2, 2]), tol={"ulp": 8, "atol": 2e-6}, grad_tol={"ulp": 8, "atol": 2e-6})


def distances(r):
    tol = {"ulp": 8, "atol": 5e-7}
    for p in (0.0, 1.0, 2.0, 3.0, INF):
        # At p = 0 1.13 fails at its own gradients, which are 0.
        flat = p != 0
        r.case("dist", f"p = {p}", F([2, 3], grad=flat), F([3], grad=flat), p, tol=tol, grad_tol={"ulp": 16, "atol": 1e-6})
        r.case("cdist", f"p = {p}", F([3, 4], grad=flat), F([2, 4], grad=flat), p, tol=tol, grad_tol={"ulp": 16, "atol": 1e-6})
        r.case("pdist", f"p = {p}", F([4, 3], grad=flat), p, tol=tol, grad_tol={"ulp": 16, "atol": 1e-6})
    r.case("cdist", "batches", F([2, 3, 4]), F([2, 2, 4]), tol=tol, grad_tol={"ulp": 16, "atol": 1e-6})
    r.case("cdist", "of equals", V([[1.0, 2.0], [3.0, 4.0]]), V([[1.0, 2.0]]), grad_tol={"ulp": 8})
    r.case("cov", "matrix", F([2, 5]), tol=tol, grad_tol={"ulp": 16, "atol": 1e-6})
    r.case("cov", "vector", F([5]), tol=tol, grad_tol={"ulp": 16, "atol": 1e-6})
    r.case("cov", "weights", F([2, 3]), correction=0, fweights=V([1, 2, 3], "int32", index=True), aweights=V([0.5, 1.0, 2.0], grad=False), tol=tol, grad_tol={"ulp": 16, "atol": 1e-6})
    r.case("cov", "weights, corrected", F([2, 3]), aweights=V([0.5, 1.0, 2.0], grad=False), tol=tol, grad_tol={"ulp": 16, "atol": 1e-6})
    r.case("corrcoef", "matrix", F([3, 5]), tol={"ulp": 16, "atol": 5e-7}, grad_tol={"ulp": 64, "atol": 2e-6})


def counting(r):
    r.case("histc", "range given", V([1.0, 2.0, 1.0, 0.0, 3.0, 4.0, -1.0], grad=False), bins=4, min=0, max=3)
    r.case("histc", "own range", V([1.0, 2.0, 5.0, 4.5, 3.0], grad=False), bins=5)
    r.case("histc", "all equal", V([2.0, 2.0], grad=False), bins=3)
    r.case("isin", "tensor", V([[1.0, 2.0], [3.0, 4.0]]), V([2.0, 3.0, 9.0]))
    r.case("isin", "inverted", V([1, 2, 3], "int32"), V([2], "int32"), invert=True)
    r.case("searchsorted", "one sequence", V([1.0, 3.0, 5.0, 5.0, 7.0], grad=False), V([[3.0, 6.0], [5.0, 9.0]], grad=False))
    r.case("searchsorted", "right", V([1.0, 3.0, 5.0, 5.0, 7.0], grad=False), V([[3.0, 6.0], [5.0, 9.0]], grad=False), right=True)
    r.case("searchsorted", "a sequence for each row", V([[1.0, 3.0], [2.0, 4.0]], grad=False), V([[2.0], [4.0]], grad=False))
    r.case("searchsorted", "a number", V([1.0, 3.0], grad=False), 2)
    r.case("searchsorted", "the other word", V([1.0, 3.0], grad=False), V([3.0], grad=False), side="right")
    r.case("bucketize", "matrix", V([[3.0, 6.0], [5.0, 9.0]], grad=False), V([1.0, 3.0, 5.0], grad=False))
    r.case("bincount", "counts", I([0, 2, 2, 5]))
    r.case("bincount", "at least", I([0, 1]), minlength=4)
    r.case("bincount", "weights", I([0, 2, 2]), weights=V([0.5, 1.0, 2.0], grad=False))
    r.case("bincount", "nothing", I([]))


def placing(r):
    r.case("select", "from the end", F([2, 3]), 1, -1)
    r.error("select", "out of range", F([2, 3]), 0, 2)
    r.case("selectScatter", "a row", F([2, 3]), F([3]), 0, 1)
    r.case("sliceScatter", "steps", F([2, 5]), F([2, 2]), 1, fn=lambda x, s, d, **o: torch.slice_scatter(x, s, d, **o), start=1, end=5, step=2)
    # 1.13 takes a negative start for another place.
    r.case("sliceScatter", "from the end", F([4, 2]), F([2, 2]), 0, fn=lambda x, s, d, start: torch.cat([x[:start], s]), start=-2)
    r.case("diagEmbed", "matrix", F([2, 3]))
    r.case("diagEmbed", "above", F([2, 3]), 1)
    r.case("diagEmbed", "below, other dims", F([2, 3]), -2, 0, 2)
    r.case("diagflat", "matrix", F([2, 2]))
    r.case("diagflat", "below", F([3]), -1)
    r.case("diagonalScatter", "main", F([3, 3]), F([3]))
    r.case("diagonalScatter", "above, wide", F([2, 5]), F([2]), 2)
    r.case("diagonalScatter", "below, tall", F([5, 2]), F([2]), -1)
    r.case("diagonalScatter", "other dims", F([3, 2, 4]), F([2, 3]), 1, 0, 2)
    r.case("indexCopy", "rows", F([3, 2]), 0, I([2, 0]), F([2, 2]))
    r.case("takeAlongDim", "broadcast", F([2, 3]), I([[1, 0, 1]]), 1)
    r.case("takeAlongDim", "flattened", F([2, 3]), I([5, 0]))
    r.case("renorm", "rows", F([3, 4]), 2, 0, 1.5, tol={"ulp": 8}, grad_tol={"ulp": 16, "atol": 2e-6})


def joining(r):
    for op in ("atleast1d", "atleast2d", "atleast3d"):
        fn = getattr(torch, op.replace("t1", "t_1").replace("t2", "t_2").replace("t3", "t_3"))
        for shape in ([], [2], [2, 3], [2, 1, 3]):
            r.case(op, f"{shape}", F(shape), fn=fn)
    r.case("columnStack", "vectors and matrices", [F([3]), F([3, 2])])
    r.case("dstack", "vectors", [F([3]), F([3])])
    r.case("blockDiag", "matrices", [F([2, 1]), F([3]), F([1, 2])], fn=lambda x: torch.block_diag(*x))
    r.case("cartesianProd", "three", [F([2]), F([3]), F([2])], fn=lambda x: torch.cartesian_prod(*x))
    r.case("combinations", "pairs", F([4]))
    r.case("combinations", "with replacement", F([3]), 3, withReplacement=True)
    r.case("tensorSplit", "parts", F([7, 2]), 3)
    r.case("tensorSplit", "places", F([2, 7]), [2, 9, -1], 1)
    r.case("hsplit", "vector", F([4]), 2)
    r.case("hsplit", "places", F([2, 4]), [1, 3])
    r.case("vsplit", "parts", F([4, 2]), 2)
    r.case("dsplit", "parts", F([2, 1, 4]), 2)
    r.error("vsplit", "uneven", F([3, 2]), 2)
    r.case("fliplr", "matrix", F([2, 3]))
    r.case("flipud", "vector", F([3]))
    for k in (-1, 0, 1, 2, 3, 6):
        r.case("rot90", f"{k}", F([2, 3]), k)
    r.case("rot90", "other dims", F([2, 1, 3]), 1, [2, 0])
    r.case("broadcastTensors", "two", [F([3, 1]), F([4])], fn=lambda x: torch.broadcast_tensors(*x))
    r.case("broadcastTo", "rows", F([3]), [2, 3])
    for op in ("concat", "concatenate", "rowStack"):
        r.case(op, "as the other name", [F([1, 2]), F([2, 2])])
    r.case("swapaxes", "as the other name", F([2, 3]), 0, 1)
    r.case("moveaxis", "as the other name", F([2, 3, 4]), 0, -1)
