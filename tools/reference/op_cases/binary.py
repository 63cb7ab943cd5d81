"""Elementwise functions of two tensors, or of a tensor and a number."""

import torch

from .recorder import D, F, In, Recorder, V, empty

INF, NAN = float("inf"), float("nan")

ARITHMETIC = ["add", "sub", "mul", "div", "pow", "remainder", "fmod", "floorDivide", "atan2", "maximum", "minimum"]
COMPARISONS = ["eq", "ne", "lt", "le", "gt", "ge"]
LOGIC = ["logicalAnd", "logicalOr", "logicalXor"]
WITH_NUMBER = ["add", "sub", "mul", "div", "pow", "remainder", "fmod", "floorDivide", *COMPARISONS]
NO_GRAD = {"floorDivide"}

# Every pair of these meets every other one.
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5, INF, -INF, NAN]


def pairs(values):
    return [a for a in values for _ in values], [b for _ in values for b in values]


def grad_tol(op):
    # b·a^(b - 1), a^b·log(a), b / (a² + b²): several roundings each.
    return {"pow": {"ulp": 16}, "atan2": {"ulp": 16}}.get(op)


def floats(op):
    """An ordinary interval for the left and the right operand."""
    return {"pow": ((0.25, 3), (-2, 2)), "div": ((-2, 2), (0.5, 3)), "floorDivide": ((-6, 6), (0.5, 3))}.get(op, ((-3, 3), (-2, 2)))


def cases():
    r = Recorder("binary", sign_of_zero=True)
    for op in ARITHMETIC + COMPARISONS + LOGIC:
        (alow, ahigh), (blow, bhigh) = floats(op)
        grad = op not in NO_GRAD
        a = lambda shape, make=F: make(shape, alow, ahigh, grad=grad)
        b = lambda shape, make=F: make(shape, blow, bhigh, grad=grad)
        run = lambda name, *args, **more: r.case(op, name, *args, **{"grad_tol": grad_tol(op), **more})
        run("same shape", a([2, 3]), b([2, 3]))
        run("float64", a([2, 2], D), b([2, 2], D))
        run("broadcasts a row", a([2, 3]), b([3]))
        run("broadcasts both", a([2, 1]), b([1, 3]))
        run("broadcasts to more dims", a([3]), b([2, 2, 1]))
        run("0-d with dims", a([]), b([2, 2]))
        # The exponent's gradient Σ g·a^b·log(a) cancels: terms of 0.5 to 1, rounded to float32 one by one, leave 0.008.
        cancels = {"grad_tol": {"ulp": 16, "atol": 2e-7}} if op == "pow" else {}
        run("dims with 0-d", a([2, 2]), b([]), **cancels)
        run("0-d with 0-d", a([]), b([]))
        run("empty", empty([0], grad=grad), empty([0], grad=grad))
        run("empty with sizes broadcasts", empty([2, 0, 3], grad=grad), b([2, 1, 3]))
        run("empty with 0-d", empty([0], grad=grad), b([]))
        run("transposed", a([3, 2]).view("transpose", 0, 1), b([2, 3]))
        x = a([4])
        if op != "pow":
            # 1/x - x/x² is 0 up to rounding.
            r.case(op, "the same tensor twice", x, x, grad_tol={"ulp": 16, "atol": 1e-6} if op in ("div", "atan2") else None)
        left, right = pairs(SPECIAL)
        # The maximum of 0 and -0 is either, as the kernel happens to order them.
        zero_sign = op not in ("maximum", "minimum")
        r.case(op, "special values", V(left, grad=False), V(right, grad=False), zero_sign=zero_sign)
        if op in WITH_NUMBER:
            run("a number", a([2, 3]), 2)
            run("a fraction", a([2, 3]), 1.5)
            run("a negative number", a([2, 3]), -2)
            run("0-d and a number", a([]), 2)
            run("empty and a number", empty([0], grad=grad), 2)
            for value, word in [(INF, "infinity"), (-INF, "negative infinity"), (NAN, "NaN"), (0, "zero")]:
                r.case(op, f"special values and {word}", V(SPECIAL, grad=False), value)
        r.error(op, "shapes do not broadcast", F([2, 3]), F([2]))
        r.error(op, "shapes do not broadcast in the middle", F([2, 2, 1]), F([3, 1]))

    kinks(r)
    options(r)
    integers(r)
    reversed_sub(r)
    divisions(r)
    return r


def kinks(r):
    """Gradients where a function has a corner or a pole: PyTorch's choice."""
    ones = lambda n: [[1.0] * n]
    for op in ("maximum", "minimum"):
        r.case(op, "gradient of ties is shared", V([1.0, 2.0, 3.0, 0.0]), V([1.0, 5.0, -1.0, 0.0]))
        r.case(op, "gradient of ties of infinities", V([INF, -INF]), V([INF, -INF]))
        r.case(op, "gradient with NaN", V([NAN, 1.0, NAN]), V([1.0, NAN, NAN]))
        r.case(op, "the same tensor twice, ties", (x := V([1.0, -2.0])), x)
    r.case("pow", "gradient at base 0", V([0.0] * 5), V([0.0, 0.5, 1.0, 2.0, 3.0]))
    r.case("pow", "gradient at base 0, exponent negative", V([0.0, 0.0]), V([-1.0, -0.5]))
    r.case("pow", "gradient at exponent 0", V([2.0, -2.0, 0.0, INF, NAN]), V([0.0] * 5))
    r.case("pow", "gradient at a negative base", V([-2.0, -2.0, -2.0, -0.5, -2.0]), V([1.0, 2.0, 3.0, -1.0, 0.5]))
    r.case("pow", "number exponents at 0", V([0.0, -0.0]), 0)
    r.case("pow", "exponent 1 at 0", V([0.0, -0.0, 2.0]), 1)
    r.case("pow", "exponent 2 at 0", V([0.0, -0.0, -2.0]), 2)
    r.case("pow", "exponent 3 of negatives", V([0.0, -1.5, 2.0]), 3, grad_tol={"ulp": 8})
    r.case("pow", "exponent one half at 0", V([0.0, 4.0, 2.25]), 0.5)
    r.case("pow", "exponent one half of negatives", V([-4.0, -0.25]), 0.5)
    r.case("pow", "exponent -1 at 0", V([0.0, 2.0, -4.0]), -1)
    r.case("pow", "exponent -0.5", V([0.25, 4.0]), -0.5)
    r.case("pow", "exponent 0 everywhere", V([2.0, NAN, INF, -3.0]), 0)
    r.case("pow", "a number to the power of a tensor", 2, V([-1.0, 0.0, 0.5, 3.0]))
    r.case("pow", "zero to the power of a tensor", 0, V([0.0, 0.5, 2.0]))
    r.case("div", "gradient at divisor 0", V([1.0, 0.0, -1.0]), V([0.0, 0.0, -0.0]))
    r.case("div", "gradient with infinities", V([INF, 1.0, 0.0]), V([2.0, INF, INF]))
    r.case("mul", "gradient with zeros and infinities", V([0.0, INF, 2.0]), V([3.0, 0.0, NAN]))
    r.case("remainder", "gradient with exact multiples", V([4.0, -4.0, 5.5, -5.5]), V([2.0, 2.0, 2.0, -2.0]))
    r.case("remainder", "signs follow the divisor", V([5.5, -5.5, 5.5, -5.5, 0.0]), V([2.0, 2.0, -2.0, -2.0, -3.0]))
    r.case("fmod", "signs follow the dividend", V([5.5, -5.5, 5.5, -5.5, -4.0]), V([2.0, 2.0, -2.0, -2.0, 2.0]))
    r.case("atan2", "gradient at the origin", V([0.0, 0.0, -0.0]), V([0.0, 1.0, -1.0]))
    r.case("atan2", "gradient on the axes", V([1.0, -1.0, 0.0, 0.0]), V([0.0, 0.0, 2.0, -2.0]))
    r.case("atan2", "number on the right is refused by PyTorch, a 0-d tensor is not", V([1.0, -1.0]), V(2.0))
    r.case("add", "large and small", V([1e30, 16777216.0, 1.0]), V([1.0, 1.0, 1e-8]))
    r.case("mul", "overflows to infinity", V([3e38, -3e38, 1e-30]), V([10.0, 10.0, 1e-30]), grad_outputs=ones(3))


def options(r):
    for op in ("add", "sub"):
        r.case(op, "alpha", F([2, 3]), F([3]), alpha=3)
        r.case(op, "alpha, a fraction", F([2, 3]), F([2, 1]), alpha=-0.5)
        r.case(op, "alpha with a number", F([3]), 2, alpha=4)
        r.case(op, "alpha of integers", V([1, 2, -3], "int32"), V([5, -7, 11], "int32"), alpha=2)
        r.error(op, "fractional alpha of integers", V([1, 2], "int32"), V([3, 4], "int32"), alpha=0.5)
    for mode in ("floor", "trunc"):
        left, right = pairs(SPECIAL)
        r.case("div", f"rounding {mode}", F([2, 3], -6, 6), F([2, 3], 0.5, 2), roundingMode=mode)
        r.case("div", f"rounding {mode}, broadcasts", F([2, 1], -6, 6), F([3], -2, -0.5), roundingMode=mode)
        r.case("div", f"rounding {mode}, special values", V(left, grad=False), V(right, grad=False), roundingMode=mode)
        r.case("div", f"rounding {mode}, a number", V([5.0, -5.0, 4.0, -4.0, 0.0]), 2, roundingMode=mode)
        r.case("div", f"rounding {mode}, a fraction", V([0.75, -0.75, 1.125, -1.0]), 0.5, roundingMode=mode)
        # In float32 the quotient 1 / 0.1 rounds up to 10, while 0.1 goes into 1 only 9 times: floor is exact, trunc is not.
        r.case("div", f"rounding {mode}, an inexact fraction", V([1.0, -1.0]), 0.1, roundingMode=mode, trust=False)
        r.case("div", f"rounding {mode}, int32", V([7, -7, 7, -7, 6, -6], "int32"), V([2, 2, -2, -2, 3, 3], "int32"), roundingMode=mode)
        r.case("div", f"rounding {mode}, int32 and a number", V([7, -7, 6, -1], "int32"), 2, roundingMode=mode)
        r.case("div", f"rounding {mode}, int32 and a negative number", V([7, -7, 6, -1], "int32"), -2, roundingMode=mode)
        r.case("div", f"rounding {mode}, int32 and a fraction", V([7, -7, 6, -1], "int32"), 1.5, roundingMode=mode)
        r.case("div", f"rounding {mode}, uint8", V([7, 250, 0], "uint8"), V([2, 3, 5], "uint8"), roundingMode=mode)
        r.case("div", f"rounding {mode}, float64", V([1.0, -1.0, 5.5], "float64"), V([0.1, 0.1, -2.0], "float64"), roundingMode=mode)
    r.error("div", "unknown rounding mode", F([2]), F([2]), roundingMode="ceil")


def integers(r):
    signed = [-7, -2, -1, 1, 2, 7]
    left, right = pairs(signed)
    with_zero = [-3, 0, 1, 4]
    zl, zr = pairs(with_zero)
    for op in ("remainder", "fmod", "floorDivide", "div", "atan2"):
        r.case(op, "int32 with negatives", V(left, "int32"), V(right, "int32"))
        r.case(op, "uint8", V([7, 250, 0, 9], "uint8"), V([2, 3, 5, 9], "uint8"))
    for op in ("remainder", "fmod", "floorDivide"):
        r.case(op, "int32 and a number", V(signed, "int32"), 3)
        r.case(op, "int32 and a negative number", V(signed, "int32"), -3)
        r.case(op, "int32 and a fraction", V(signed, "int32"), 2.5)
    for op in ["add", "sub", "mul", "maximum", "minimum", *COMPARISONS, *LOGIC]:
        r.case(op, "int32", V(zl, "int32"), V(zr, "int32"))
        r.case(op, "uint8", V([0, 1, 3, 250], "uint8"), V([0, 2, 3, 4], "uint8"))
        r.case(op, "int32 with float32", V([1, -2, 0], "int32"), V([0.5, -2.0, 0.0]))
        r.case(op, "uint8 with int32", V([1, 200, 0], "uint8"), V([-1, 200, 70000], "int32"))
        if op == "sub":
            r.error(op, "bool", V([0, 0, 1, 1], "bool"), V([0, 1, 0, 1], "bool"))
            r.error(op, "bool with int32", V([0, 1], "bool"), V([3, 4], "int32"))
        else:
            r.case(op, "bool", V([0, 0, 1, 1], "bool"), V([0, 1, 0, 1], "bool"))
            r.case(op, "bool with int32", V([0, 0, 1, 1], "bool"), V([0, 1, 2, -1], "int32"))
        r.case(op, "bool with float32", V([1, 0], "bool"), V([1.5, 0.0], grad=False)) if op != "sub" else None
    for op in ("add", "sub", "mul", "div", "maximum"):
        r.case(op, "float32 with float64, gradients in their own dtypes", F([2, 2]), D([2], 0.5, 2))
        r.case(op, "float32 dims with 0-d float64 stay float32", F([3]), D([], 0.5, 2), grad_tol={"ulp": 8})
        r.case(op, "int32 with float32, one gradient", V([1, -2, 3], "int32"), F([3], 0.5, 2))
    r.case("div", "int32 gives float32", V([1, 7, -3], "int32"), 2)
    r.case("div", "int32 by zero", V([1, 0, -3], "int32"), V([0, 0, 0], "int32"))
    r.case("div", "bool", V([1, 0], "bool"), V([1, 1], "bool"))
    for op in ("add", "sub", "mul"):
        r.case(op, "int32 and a fraction", V([1, -2, 3], "int32"), 1.5)
        r.case(op, "uint8 and a number", V([1, 2, 3], "uint8"), 2)
        r.case(op, "uint8 and a fraction", V([1, 2, 3], "uint8"), 1.5)
        if op != "sub":
            r.case(op, "bool and a number", V([1, 0], "bool"), 2)
            r.case(op, "bool and true", V([1, 0], "bool"), True)
    r.case("add", "uint8 wraps", V([250, 255, 128], "uint8"), V([10, 1, 128], "uint8"))
    r.case("sub", "uint8 wraps", V([0, 5, 128], "uint8"), V([1, 10, 129], "uint8"))
    r.case("mul", "uint8 wraps", V([16, 200, 255], "uint8"), V([16, 3, 255], "uint8"))
    r.case("add", "int32 wraps", V([2**31 - 1, -(2**31), 2**30], "int32"), V([1, -1, 2**30], "int32"))
    r.case("sub", "int32 wraps", V([-(2**31), 2**31 - 1, 0], "int32"), V([1, -1, -(2**31)], "int32"))
    r.case("mul", "int32 wraps", V([65536, 123456789, -(2**31)], "int32"), V([65537, 987654321, -1], "int32"))
    r.case("pow", "int32", V([2, -2, 3, 0, -1, 7], "int32"), V([10, 3, 4, 0, 5, 1], "int32"))
    r.case("pow", "int32 wraps", V([2, 3, 10, -7], "int32"), V([31, 40, 11, 13], "int32"))
    r.case("pow", "uint8 wraps", V([2, 3, 15], "uint8"), V([8, 6, 2], "uint8"))
    r.case("pow", "int32 to a number", V([2, -3, 0], "int32"), 3)
    r.case("pow", "int32 to a fraction", V([2, 9, 0], "int32"), 0.5)
    r.case("pow", "int32 to a float tensor", V([2, 9, 3], "int32"), V([0.5, 1.0, -1.0]), grad_tol={"ulp": 8})
    r.case("pow", "float to an int32 tensor", V([0.5, -2.0, 3.0]), V([2, 3, -1], "int32"))
    r.case("pow", "negative int32 exponents in a tensor", V([1, -1, 2, 1], "int32"), V([-1, -3, -1, -2], "int32"))
    r.error("pow", "int32 to a negative number", V([2, 3], "int32"), -1)
    r.case("eq", "compares across dtypes", V([1, 2, 3], "int32"), V([1.0, 2.5, 3.0]))
    r.case("lt", "int32 and a fraction", V([1, 2, 3], "int32"), 2.5)
    r.case("ge", "uint8 and a number", V([1, 2, 3], "uint8"), 2)
    r.case("logicalAnd", "floats count as true when not zero", V([0.0, -0.0, 0.5, NAN]), V([1.0, 1.0, 1.0, 1.0]))


def reversed_sub(r):
    r.case("rsub", "same shape", F([2, 3]), F([2, 3]))
    r.case("rsub", "broadcasts", F([2, 1]), F([3]))
    r.case("rsub", "float64", D([2, 2]), D([2, 2]))
    r.case("rsub", "a number", F([2, 3]), 2)
    r.case("rsub", "0-d and a number", F([]), 1.5)
    r.case("rsub", "empty", empty([0]), empty([0]))
    r.case("rsub", "alpha", F([2, 3]), F([3]), alpha=-0.5)
    r.case("rsub", "alpha with a number", F([3]), 2, alpha=4)
    r.case("rsub", "int32", V([1, 2, -3], "int32"), V([5, -7, 11], "int32"), alpha=2)
    r.case("rsub", "int32 and a fraction", V([1, -2, 3], "int32"), 1.5)
    r.case("rsub", "uint8 wraps", V([5, 1], "uint8"), V([3, 2], "uint8"))
    r.error("rsub", "bool", V([0, 1], "bool"), V([1, 0], "bool"))
    r.error("rsub", "fractional alpha of integers", V([1, 2], "int32"), V([3, 4], "int32"), alpha=0.5)
    r.error("rsub", "shapes do not broadcast", F([2, 3]), F([2]))


def divisions(r):
    """Quotients whose rounding matters, and integers without an answer."""
    near = [1.0, -1.0, 0.3, 0.6, 0.7, 2.1, -2.1, 1e10, 16777217.0, 5.9604645e-08]
    by = [0.1, 0.1, 0.1, 0.2, 0.1, 0.7, 0.7, 3.0, 0.3, 3.0]
    least = [-(2**31), -(2**31), 2**31 - 1, 2**31 - 1]
    for op in ("floorDivide", "remainder", "fmod"):
        # The result hangs on how float32 stores the operands.
        r.case(op, "inexact quotients", V(near, grad=False), V(by, grad=False), trust=False)
        r.case(op, "inexact quotients in float64", V(near, "float64", grad=False), V(by, "float64", grad=False))
        r.case(op, "the ends of int32", V(least, "int32"), V([3, -3, 2, -2], "int32"))
        r.case(op, "bool and a number", V([1, 0], "bool"), 2)
        r.error(op, "int32 by zero", V([1, 2], "int32"), V([1, 0], "int32"), on_values=True)
        r.error(op, "uint8 by zero", V([1, 2], "uint8"), 0, on_values=True)
        r.error(op, "bool", V([1, 0], "bool"), V([1, 1], "bool"))
    for mode in ("floor", "trunc"):
        r.case("div", f"rounding {mode}, inexact quotients", V(near, grad=False), V(by, grad=False), roundingMode=mode, trust=False)
        r.case("div", f"rounding {mode}, the ends of int32", V(least, "int32"), V([3, -3, 2, -2], "int32"), roundingMode=mode)
        r.case("div", f"rounding {mode}, bool with int32", V([1, 0], "bool"), V([2, -2], "int32"), roundingMode=mode)
        r.case("div", f"rounding {mode}, gradient at divisor 0", V([1.0, 0.0]), V([0.0, 0.0]), roundingMode=mode)
        r.error("div", f"rounding {mode}, int32 by zero", V([1, 2], "int32"), V([1, 0], "int32"), roundingMode=mode, on_values=True)
        r.error("div", f"rounding {mode}, bool", V([1, 0], "bool"), V([1, 1], "bool"), roundingMode=mode)
    r.case("pow", "bool to a number", V([1, 0], "bool"), 2)
    r.case("pow", "int32 to 2 wraps", V([46341, -65536, 3], "int32"), 2)
    r.case("pow", "gradient of both where the base is negative", V([-2.0, -2.0]), V([2.0, 3.0]))
    r.case("pow", "large whole exponents", V([-1.0, -2.0, 1.0, 1.5], "float64"), V([1e9 + 1, 31.0, 1e300, 40.0], "float64"), grad_tol={"rtol": 1e-12})
    r.error("pow", "bool", V([1, 0], "bool"), V([1, 1], "bool"))
    r.error("pow", "bool to true", V([1, 0], "bool"), True)
