"""Sorting and the largest elements. NaN counts as larger than everything."""

import torch

from .recorder import D, F, Recorder, V, empty

INF, NAN = float("inf"), float("nan")


def sort(x, dim=-1, descending=False, stable=True):
    return torch.sort(x, dim=dim, descending=descending, stable=stable)


def argsort(x, dim=-1, descending=False, stable=True):
    return torch.sort(x, dim=dim, descending=descending, stable=stable)[1]


def cases():
    r = Recorder("sorting", sign_of_zero=True)
    for op, fn in (("sort", sort), ("argsort", argsort)):
        grad = op == "sort"
        f = lambda shape: F(shape, grad=grad)
        v = lambda values: V(values, grad=grad)
        run = lambda name, *args, **more: r.case(op, name, *args, fn=fn, **more)
        run("last dim", f([2, 4]))
        run("first dim", f([4, 2]), 0)
        run("negative dim", f([2, 3, 2]), -2)
        run("descending", f([2, 4]), 1, descending=True)
        run("descending, last dim by default", f([5]), descending=True)
        run("first dim, descending", f([4, 2]), 0, descending=True)
        run("stable keeps ties in order", v([3.0, 1.0, 3.0, 2.0, 1.0, 3.0]), stable=True)
        run("stable keeps ties in order, descending", v([3.0, 1.0, 3.0, 2.0, 1.0, 3.0]), descending=True, stable=True)
        run("NaN comes last", v([2.0, NAN, -1.0, INF, NAN, -INF, 0.0]), stable=True)
        run("NaN comes first, descending", v([2.0, NAN, -1.0, INF, NAN, -INF, 0.0]), descending=True, stable=True)
        run("zeros of both signs are equal", V([0.0, -0.0, 0.0, -0.0, -1.0], grad=False), stable=True)
        run("0-d", f([]))
        run("0-d, dim 0", f([]), 0)
        run("one element", f([1]))
        run("empty", empty([0], grad=grad))
        run("empty with sizes", empty([2, 0, 3], grad=grad), 1)
        run("transposed", f([3, 2]).view("transpose", 0, 1), 1)
        run("float64", D([2, 3], grad=grad))
        run("int32", V([3, -1, 2, 2**31 - 1, -(2**31)], "int32"))
        run("uint8", V([3, 250, 2, 0], "uint8"), descending=True)
        run("bool", V([1, 0, 1, 0], "bool"), stable=True)
        run("already in order", v([1.0, 2.0, 3.0]))
        run("twenty-four elements", f([24]))
        r.error(op, "dim out of range", F([2, 3]), 2, fn=fn)
    # PyTorch leaves the order of indices among equal values open.
    run = lambda name, *args, **more: r.case("topk", name, *args, **more)
    run("largest", F([6]), 2)
    run("of each row", F([2, 4]), 2)
    run("first dim", F([4, 2]), 2, 0)
    run("negative dim", F([2, 3, 2]), 1, -2)
    run("smallest", F([2, 4]), 2, 1, largest=False)
    run("smallest, last dim by default", F([5]), 3, largest=False)
    run("all", F([4]), 4)
    run("none", F([2, 3]), 0)
    run("one", F([2, 3]), 1, 1)
    run("sorted by name", F([2, 4]), 3, 1, sorted=True)
    run("ties", V([2.0, 1.0, 2.0, 2.0, 0.0], grad=False), 2, drop=[1])
    run("NaN is the largest", V([2.0, NAN, INF, -1.0]), 2)
    run("NaN is not among the smallest", V([2.0, NAN, -INF, -1.0]), 2, 0, largest=False)
    run("0-d", F([]), 1)
    run("of an empty dim", empty([2, 0]), 0, 1)
    run("no rows", empty([0, 3]), 2)
    run("transposed", F([3, 2]).view("transpose", 0, 1), 2, 1)
    run("float64", D([4]), 2)
    run("int32", V([3, -1, 2, 9], "int32"), 2)
    run("uint8", V([3, 250, 2, 0], "uint8"), 2, 0, largest=False)
    r.error("topk", "more than there are", F([2, 3]), 4)
    r.error("topk", "negative", F([3]), -1)
    r.error("topk", "dim out of range", F([3]), 1, 1)
    return r
