"""Elementwise functions of one tensor."""

from .recorder import D, DTYPES, F, Recorder, V, empty

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
    "positive": (-2, 2, []),
    "deg2rad": (-360, 360, [180.0]),
    "rad2deg": (-6, 6, []),
}
TESTS = ["logicalNot", "isnan", "isinf", "isfinite"]

# Integer input: the ops that stay in integers, and those that PyTorch refuses.
REFUSES_INT = ["frac"]
REFUSES_BOOL = ["neg", "abs", "floor", "ceil", "round", "trunc", "frac", "positive"]
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
    r.case("round", "large and nearly halves", V([0.49999999999999994, 4503599627370495.5, 4503599627370497.0, -1e300, -0.3], "float64"))
    r.case("erf", "wide, float64", D([4, 5], -6, 6), grad_tol={"rtol": 1e-10})
    r.case("erfc", "wide, float64", D([4, 5], -6, 26), grad_tol={"rtol": 1e-10})
    nan_to_num(r)
    casts(r)
    r.case("round", "negative decimals", V([1250.0, -1350.0, 449.0]), decimals=-2)
    return r


def nan_to_num(r):
    special = [NAN, INF, -INF, 0.0, -0.0, 1.5, -2.0]
    r.case("nanToNum", "ordinary", F([2, 3]))
    # The largest number is the dtype's own.
    r.case("nanToNum", "special values", V(special), trust=False)
    r.case("nanToNum", "special values in float64", V(special, "float64"))
    r.case("nanToNum", "options", V(special), nan=1.5, posinf=7, neginf=-7)
    r.case("nanToNum", "one option", V(special), posinf=0, trust=False)
    r.case("nanToNum", "0-d", V(NAN))
    r.case("nanToNum", "empty", empty([2, 0, 3]))
    r.case("nanToNum", "int32", V([1, -2], "int32"))
    r.case("nanToNum", "uint8", V([1, 250], "uint8"))
    r.case("nanToNum", "bool", V([1, 0], "bool"))


def casts(r):
    """Where PyTorch's CPU defines the result: float to int32 within its range, to uint8 through 64 bits."""
    to = lambda name, x, dtype: r.case("to", name, x, dtype, fn=lambda x, dtype: x.to(DTYPES[dtype]), trust=False)
    floats = [0.0, -0.0, 0.9, -0.9, 1.5, -1.5, 2.5, 255.5, 256.0, 300.7, -300.7, 2147483520.0, -2147483648.0]
    for dtype in ("float32", "float64"):
        to(f"{dtype} to int32 cuts", V(floats, dtype), "int32")
        to(f"{dtype} to uint8 cuts and wraps", V([*floats[:-2], 65535.0, 1e9], dtype), "uint8")
        to(f"{dtype} to bool", V([*floats, NAN, INF, -INF, 1e-30], dtype), "bool")
    to("float64 to float32 rounds", V([0.1, 1e300, -1e300, 1e-50, 16777217.0, NAN, INF], "float64"), "float32")
    to("float32 to float64", V([0.1, 3e38, NAN, -INF, -0.0]), "float64")
    to("int32 to float32 rounds", V([16777217, -16777217, 2**31 - 1, -(2**31)], "int32"), "float32")
    to("int32 to float64", V([2**31 - 1, -(2**31), 3], "int32"), "float64")
    to("int32 to uint8 wraps", V([255, 256, -1, 2**31 - 1, 1000], "int32"), "uint8")
    to("int32 to bool", V([0, 1, -1, 256], "int32"), "bool")
    to("uint8 to int32", V([0, 128, 255], "uint8"), "int32")
    to("uint8 to bool", V([0, 128, 255], "uint8"), "bool")
    for dtype in ("uint8", "int32", "float32", "float64"):
        to(f"bool to {dtype}", V([1, 0, 1], "bool"), dtype)
