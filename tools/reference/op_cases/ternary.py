"""Elementwise functions of three tensors or numbers."""

import torch

from .recorder import D, F, Recorder, V, empty

INF, NAN = float("inf"), float("nan")


def cases():
    r = Recorder("ternary", sign_of_zero=True)
    clamp(r)
    where(r)
    masked_fill(r)
    lerp(r)
    addc(r)
    one_sided(r)
    return r


def clamp(r):
    edges = [NAN, INF, -INF, 0.0, 1.0, -1.0, 0.5, 2.0]
    r.case("clamp", "between numbers", F([2, 4]), -0.5, 1)
    r.case("clamp", "min alone", F([2, 3]), min=0)
    r.case("clamp", "max alone", F([2, 3]), max=0.25)
    r.case("clamp", "min and max as options", F([2, 3]), min=-1, max=0.5)
    r.case("clamp", "float64", D([2, 3]), -0.5, 1)
    r.case("clamp", "0-d", F([]), -0.5, 0.5)
    r.case("clamp", "empty", empty([2, 0, 3]), -1, 1)
    r.case("clamp", "transposed", F([3, 2]).view("transpose", 0, 1), -0.5, 0.5)
    r.case("clamp", "at the bounds the gradient passes", V([-1.0, 1.0, -1.5, 1.5, 0.0]), -1, 1)
    r.case("clamp", "special values", V(edges), -1, 1)
    r.case("clamp", "infinite bounds", V(edges), -INF, INF)
    r.case("clamp", "max wins over a larger min", V([0.0, 2.0, 5.0], grad=False), 3, 1)
    r.case("clamp", "by tensors", F([2, 3]), F([2, 3], -1, 0), F([2, 3], 0, 1))
    r.case("clamp", "by tensors that broadcast", F([2, 3]), F([3], -1, 0), F([2, 1], 0, 1))
    r.case("clamp", "by a min tensor", F([2, 3]), min=F([3], -1, 0))
    r.case("clamp", "by a max tensor", F([2, 3]), max=F([2, 1], 0, 1))
    r.case("clamp", "by 0-d tensors", F([2, 3]), V(-0.5), V(0.5))
    r.case("clamp", "by tensors, at the bounds", V([-1.0, 1.0, 0.0]), V([-1.0, -1.0, -1.0]), V([1.0, 1.0, 1.0]))
    r.case("clamp", "by tensors, max wins over a larger min", V([0.0, 2.0, 5.0]), V([3.0, 3.0, 3.0]), V([1.0, 1.0, 1.0]))
    r.case("clamp", "by tensors with NaN", V([1.0, NAN, 1.0], grad=False), V([NAN, 0.0, 0.0], grad=False), V([2.0, 2.0, NAN], grad=False))
    r.case("clamp", "int32", V([-3, 0, 5, 9], "int32"), 0, 5)
    r.case("clamp", "uint8", V([0, 3, 250], "uint8"), 1, 200)
    r.case("clamp", "int32 by tensors", V([-3, 0, 5], "int32"), V([-1, 1, 1], "int32"), V([4, 4, 4], "int32"))
    r.case("clamp", "int32 by a fraction", V([-3, 0, 5], "int32"), 0.5, 2.5)
    r.error("clamp", "without bounds", F([2]))
    r.error("clamp", "by tensors that do not broadcast", F([2, 3]), F([2]), F([2]))


def where(r):
    mask = lambda values: V(values, "bool")
    r.case("where", "same shape", mask([[1, 0, 1], [0, 1, 0]]), F([2, 3]), F([2, 3]))
    r.case("where", "broadcasts", mask([[1], [0]]), F([3]), F([2, 1]))
    r.case("where", "broadcasts the mask to more dims", mask([1, 0]), F([2, 1, 2]), F([]))
    r.case("where", "0-d", mask(1), F([]), F([]))
    r.case("where", "empty", empty([0], "bool"), empty([0]), F([]))
    r.case("where", "float64", mask([1, 0]), D([2]), D([2]))
    r.case("where", "a number on the right", mask([1, 0, 1]), F([3]), 0)
    r.case("where", "a number on the left", mask([1, 0, 1]), 1.5, F([3]))
    r.case("where", "transposed", mask([[1, 0], [0, 1], [1, 1]]).view("transpose", 0, 1), F([3, 2]).view("transpose", 0, 1), F([2, 3]))
    r.case("where", "NaN and infinities in the branch not taken", mask([1, 1, 0, 0]), V([1.0, 2.0, NAN, INF]), V([NAN, -INF, 3.0, -0.0]))
    r.case("where", "the same tensor twice", mask([1, 0]), (x := F([2])), x)
    r.case("where", "int32", mask([1, 0]), V([1, 2], "int32"), V([3, 4], "int32"))
    r.case("where", "uint8", mask([1, 0]), V([1, 2], "uint8"), V([3, 4], "uint8"))
    r.case("where", "bool", mask([1, 0]), mask([0, 0]), mask([1, 1]))
    r.case("where", "int32 with float32", mask([1, 0]), V([1, 2], "int32"), V([0.5, 1.5]))
    r.case("where", "uint8 with int32", mask([1, 0]), V([200, 2], "uint8"), V([-3, -4], "int32"))
    r.case("where", "float32 with float64", mask([1, 0]), V([0.5, 1.0]), V([0.1, 0.2], "float64"))
    r.error("where", "mask is not bool", V([1, 0], "int32"), F([2]), F([2]))
    r.error("where", "shapes do not broadcast", mask([1, 0]), F([3]), F([3]))


def masked_fill(r):
    mask = lambda values: V(values, "bool")
    r.case("maskedFill", "a number", F([2, 3]), mask([[1, 0, 0], [0, 1, 1]]), 0.5)
    r.case("maskedFill", "negative infinity", F([2, 2]), mask([[0, 1], [0, 0]]), -INF)
    r.case("maskedFill", "mask broadcasts", F([2, 3]), mask([1, 0, 1]), 0)
    r.case("maskedFill", "mask broadcasts a column", F([2, 3]), mask([[1], [0]]), 0)
    r.case("maskedFill", "tensor broadcasts to the mask", F([3]), mask([[1, 0, 0], [0, 1, 1]]), 2)
    r.case("maskedFill", "a 0-d tensor", F([2, 3]), mask([[1, 0, 0], [0, 1, 1]]), V(0.5))
    r.case("maskedFill", "0-d", F([]), mask(1), 2)
    r.case("maskedFill", "empty", empty([2, 0]), empty([2, 0], "bool"), 2)
    r.case("maskedFill", "hides NaN", V([NAN, 1.0, INF]), mask([1, 0, 1]), 0)
    r.case("maskedFill", "int32", V([1, 2, 3], "int32"), mask([1, 0, 1]), -1)
    r.case("maskedFill", "uint8", V([1, 2, 3], "uint8"), mask([1, 0, 1]), 9)
    r.case("maskedFill", "bool", mask([1, 0, 0]), mask([1, 0, 1]), True)
    r.case("maskedFill", "transposed", F([3, 2]).view("transpose", 0, 1), mask([1, 0, 1]), 0.5)
    r.error("maskedFill", "mask is not bool", F([2]), V([1, 0], "int32"), 0, newer=True)
    r.error("maskedFill", "value has dims", F([2]), mask([1, 0]), F([2]))
    r.error("maskedFill", "mask does not broadcast", F([2, 3]), mask([1, 0]), 0)


def lerp(r):
    tol = dict(tol={"ulp": 8, "atol": 1e-7}, grad_tol={"ulp": 8, "atol": 1e-7})  # a + w·(b - a) cancels when the ends differ in sign
    r.case("lerp", "a number", F([2, 3]), F([2, 3]), 0.25, **tol)
    r.case("lerp", "a number past one half", F([2, 3]), F([2, 3]), 0.75, **tol)
    r.case("lerp", "weights", F([2, 3]), F([2, 3]), F([2, 3], 0, 1), **tol)
    r.case("lerp", "broadcasts", F([2, 1]), F([3]), F([1, 3], 0, 1), **tol)
    r.case("lerp", "0-d", F([]), F([]), 0.5, **tol)
    r.case("lerp", "empty", empty([0]), empty([0]), 0.5)
    r.case("lerp", "ends are exact", V([0.1, 0.3]), V([0.7, 0.9]), V([0.0, 1.0]), trust=False)
    r.case("lerp", "beyond the ends", F([3]), F([3]), 1.5, **tol)
    r.case("lerp", "float64", D([2]), D([2]), 0.3)
    r.case("lerp", "infinities", V([INF, 1.0, 1.0], grad=False), V([1.0, INF, -INF], grad=False), 0.5)
    r.error("lerp", "int32", V([1, 2], "int32"), V([3, 4], "int32"), 0.5)
    r.error("lerp", "two dtypes", F([2]), D([2]), 0.5)
    r.error("lerp", "shapes do not broadcast", F([2]), F([3]), 0.5)


def addc(r):
    for op in ("addcmul", "addcdiv"):
        third = lambda shape, make=F: make(shape, 0.5, 2)
        tol = dict(tol={"ulp": 8, "atol": 1e-7}, grad_tol={"ulp": 8})  # the sum may cancel
        r.case(op, "same shape", F([2, 3]), F([2, 3]), third([2, 3]), **tol)
        r.case(op, "value", F([2, 3]), F([2, 3]), third([2, 3]), value=-0.5, **tol)
        r.case(op, "broadcasts", F([3]), F([2, 1]), third([]), value=2, **tol)
        r.case(op, "0-d", F([]), F([]), third([]), **tol)
        r.case(op, "empty", empty([0]), empty([0]), empty([0]))
        r.case(op, "float64", D([2]), D([2]), third([2], D), value=0.1)
        r.case(op, "special values", V([1.0, INF, -INF, NAN], grad=False), V([INF, 1.0, INF, 1.0], grad=False), V([2.0, 2.0, 2.0, 1.0], grad=False))
        r.error(op, "shapes do not broadcast", F([2]), F([3]), F([3]))
    r.case("addcmul", "int32", V([1, 2], "int32"), V([3, 4], "int32"), V([5, -6], "int32"), value=2)
    r.error("addcdiv", "int32", V([1, 2], "int32"), V([3, 4], "int32"), V([5, -6], "int32"))


def one_sided(r):
    for op in ("clampMin", "clampMax"):
        r.case(op, "a number", F([2, 3]), 0.25)
        r.case(op, "at the bound the gradient passes", V([-1.0, 0.0, 1.0, NAN, INF, -INF]), 0)
        r.case(op, "a tensor", F([2, 3]), F([3], -1, 1))
        r.case(op, "a tensor, at the bound", V([-1.0, 0.0, 1.0, NAN]), V([0.0, 0.0, 0.0, 0.0]))
        r.case(op, "float64", D([2, 2]), 0.5)
        r.case(op, "0-d", F([]), 0)
        r.case(op, "empty", empty([0]), 1)
        r.case(op, "int32", V([-3, 0, 5], "int32"), 1)
        r.case(op, "int32 by a fraction", V([-3, 0, 5], "int32"), 0.5)
        r.error(op, "shapes do not broadcast", F([2, 3]), F([2]))
    r.error("clamp", "bool by numbers", V([1, 0], "bool"), False, True)
    r.error("clamp", "a number that does not fit", V([1, 200], "uint8"), -5, 300)
    r.error("maskedFill", "a number that does not fit", V([1, 200], "uint8"), V([1, 0], "bool"), 300)
    r.case("maskedFill", "int32 by a fraction is cut", V([1, 2], "int32"), V([1, 0], "bool"), 2.5)
    r.case("maskedFill", "bool by a number", V([0, 1], "bool"), V([1, 0], "bool"), 5)
    r.case("maskedFill", "gradient of the value", F([2, 3]), V([[1, 0, 0], [0, 1, 1]], "bool"), F([]))
    r.error("where", "a number that does not fit", V([1, 0], "bool"), V([1, 2], "uint8"), 300)
    r.error("lerp", "weights of another dtype", F([2]), F([2]), D([2]))
    r.case("lerp", "negative weights and far ones", V([1.0, 2.0, 3.0]), V([4.0, 1.0, -3.0]), V([-0.75, -0.25, 2.0]), grad_tol={"ulp": 8, "atol": 1e-6})
    r.error("addcmul", "fractional value of integers", V([1, 2], "int32"), V([3, 4], "int32"), V([5, -6], "int32"), value=0.5, newer=True)
    r.error("addcmul", "bool", V([1, 0], "bool"), V([1, 0], "bool"), V([1, 0], "bool"))
