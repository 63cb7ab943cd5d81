"""Elementwise functions of one tensor."""

from .recorder import D, F, Recorder, V, empty

INF, NAN = float("inf"), float("nan")

# Each op with an interval on which it is ordinary, and the edges of its domain.
CONTINUOUS = {
    "neg": (-2, 2, []),
    "abs": (-2, 2, []),
    "sign": (-2, 2, []),
    "exp": (-3, 3, [90.0, -80.0]),
    "exp2": (-3, 3, [130.0, -120.0]),
    "expm1": (-3, 3, [90.0, -80.0, 1e-5]),
    "log": (0.25, 6, []),
    "log2": (0.25, 6, [8.0]),
    "log10": (0.25, 6, [100.0]),
    "log1p": (-0.75, 6, [1e-5]),
    "sqrt": (0.25, 6, [4.0]),
    "rsqrt": (0.25, 6, [4.0]),
    "square": (-2, 2, [1e20]),
    "reciprocal": (0.25, 3, []),
    "sin": (-6, 6, []),
    "cos": (-6, 6, []),
    "tan": (-1.25, 1.25, []),
    "asin": (-0.75, 0.75, []),
    "acos": (-0.75, 0.75, []),
    "atan": (-3, 3, []),
    "sinh": (-3, 3, [88.0]),
    "cosh": (-3, 3, [88.0]),
    "tanh": (-1.5, 1.5, [20.0, 1e-5]),
    "asinh": (-3, 3, []),
    "acosh": (1.5, 6, []),
    "atanh": (-0.75, 0.75, []),
    "erf": (-1.25, 1.25, [6.0]),
    "erfc": (-1.25, 1.25, [6.0]),
    "sigmoid": (-1.5, 1.5, [90.0, -80.0]),
    "floor": (-3, 3, [2.5, -2.5]),
    "ceil": (-3, 3, [2.5, -2.5]),
    "round": (-3, 3, [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999997]),
    "trunc": (-3, 3, [2.5, -2.5, -0.25]),
    "frac": (-3, 3, [2.5, -2.5, -0.25]),
}
TESTS = ["logicalNot", "isnan", "isinf", "isfinite"]

# Integer input: the ops that stay in integers, and those that PyTorch refuses.
REFUSES_INT = ["frac"]
REFUSES_BOOL = ["neg", "abs", "floor", "ceil", "round", "trunc", "frac"]
DOMAIN = {"log", "log2", "log10", "sqrt", "rsqrt", "reciprocal", "acosh"}

# Ops whose gradient, as PyTorch forms it in float32, loses more than half of the usual tolerance.
GRAD_TOL = {
    "tanh": {"atol": 3e-7},  # 1 - y·y cancels where |y| is near 1
    "expm1": {"ulp": 8},  # y + 1: y itself was rounded
    "rsqrt": {"ulp": 8},  # -y³/2: three roundings of y
}


def cases():
    r = Recorder("unary", sign_of_zero=True)
    for op, (low, high, edges) in CONTINUOUS.items():
        tol = GRAD_TOL.get(op)
        r.case(op, "ordinary", F([2, 3], low, high), grad_tol=tol)
        r.case(op, "float64", D([2, 3], low, high))
        r.case(op, "0-d", F([], low, high), grad_tol=tol)
        r.case(op, "empty", empty([0]))
        r.case(op, "empty with sizes", empty([2, 0, 3]))
        special = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, *edges]
        r.case(op, "special values", V(special), grad_tol=tol)
        r.case(op, "special values in float64", V(special, "float64"))
        r.case(op, "transposed", F([3, 2], low, high).view("transpose", 0, 1), grad_tol=tol)
        integers = [1, 2, 3, 5] if op in DOMAIN else [-3, -1, 0, 1, 2, 5] if op not in ("asin", "acos", "atanh") else [-1, 0, 1]
        if op in REFUSES_INT:
            r.error(op, "int32", V(integers, "int32"))
            r.error(op, "uint8", V([0, 1], "uint8"))
        else:
            r.case(op, "int32", V(integers, "int32"))
            r.case(op, "uint8", V([1, 2, 5] if op in DOMAIN else [0, 1] if op in ("asin", "acos", "atanh") else [0, 1, 2, 250], "uint8"))
        if op in REFUSES_BOOL:
            r.error(op, "bool", V([1, 0], "bool"))
        else:
            r.case(op, "bool", V([1, 0], "bool"))
    for op in TESTS:
        r.case(op, "float32", V([[0.0, -0.0, 1.5], [NAN, INF, -INF]]))
        r.case(op, "float64", V([0.0, -1.5, NAN, INF, -INF], "float64"))
        r.case(op, "int32", V([-3, 0, 2], "int32"))
        r.case(op, "uint8", V([0, 1, 255], "uint8"))
        r.case(op, "bool", V([1, 0], "bool"))
        r.case(op, "0-d", V(0.0))
        r.case(op, "empty", empty([2, 0, 3]))
    r.case("neg", "uint8 wraps", V([0, 1, 128, 255], "uint8"))
    r.case("square", "uint8 wraps", V([15, 16, 17, 255], "uint8"))
    r.case("square", "int32 wraps", V([46340, 46341, 65536, -70001], "int32"))
    r.case("abs", "int32 wraps at its least value", V([-(2**31), 2**31 - 1], "int32"))
    r.case("round", "decimals", V([1.125, 2.25, -3.375, 1234.5]), decimals=1)
    r.case("round", "negative decimals", V([1250.0, -1350.0, 449.0]), decimals=-2)
    return r
