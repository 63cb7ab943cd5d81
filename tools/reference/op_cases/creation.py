"""Tensors made from sizes and numbers."""

from .recorder import D, F, I, Recorder, V, empty

INF, NAN = float("inf"), float("nan")
DTYPES = ["float32", "float64", "int32", "uint8", "bool"]


def cases():
    r = Recorder("creation", sign_of_zero=True)
    for op in ("zeros", "ones"):
        for name, shape in [("2-d", [2, 3]), ("0-d", []), ("1-d", [4]), ("empty", [0]), ("empty with sizes", [2, 0, 3])]:
            r.case(op, name, shape)
        for dtype in DTYPES:
            r.case(op, dtype, [2, 2], dtype=dtype)
        r.error(op, "negative size", [2, -1])
    # A whole number without a dtype is left out: Python tells 3 from 3.0, JavaScript does not.
    r.case("full", "a fraction", [2, 3], 1.5)
    r.case("full", "0-d", [], -2.5)
    r.case("full", "empty", [2, 0], 0.5)
    r.case("full", "NaN", [2], NAN)
    r.case("full", "negative infinity", [2], -INF)
    r.case("full", "true", [2], True)
    for dtype in DTYPES:
        r.case("full", dtype, [2, 2], 3, dtype=dtype)
    r.error("full", "negative size", [-1], 0.5)

    r.case("eye", "square", 3)
    r.case("eye", "wide", 2, 4)
    r.case("eye", "tall", 4, 2)
    r.case("eye", "one", 1)
    r.case("eye", "empty", 0)
    r.case("eye", "no columns", 2, 0)
    for dtype in DTYPES:
        r.case("eye", dtype, 2, dtype=dtype)
    r.error("eye", "negative size", -1)

    r.case("arange", "to an end", 5)
    r.case("arange", "from a start", 2, 7)
    r.case("arange", "by a step", 1, 10, 3)
    r.case("arange", "downwards", 5, 0, -2)
    r.case("arange", "negative start", -3, 2)
    r.case("arange", "fractions", 0, 1, 0.25)
    r.case("arange", "a step that float32 cannot hold", 0, 1, 0.1)
    r.case("arange", "a fractional end", 2.5)
    r.case("arange", "fractional start, downwards", 1.5, -1, -0.5)
    r.case("arange", "none", 0)
    r.case("arange", "start at the end", 3, 3)
    r.case("arange", "the end is left out", 0, 6, 2)
    for dtype in DTYPES[:4]:
        r.case("arange", dtype, 4, dtype=dtype)
    r.case("arange", "float64 with fractions", 0, 1, 0.1, dtype="float64")
    r.error("arange", "step zero", 0, 3, 0)
    r.error("arange", "step away from the end", 0, 3, -1)
    r.error("arange", "negative end", -3)

    r.case("linspace", "upwards", 0, 1, 5)
    r.case("linspace", "downwards", 3, -3, 4)
    r.case("linspace", "steps that float32 cannot hold", 0, 1, 11)
    r.case("linspace", "one step", 2, 5, 1)
    r.case("linspace", "two steps", -10, 10, 2)
    r.case("linspace", "no steps", 0, 1, 0)
    r.case("linspace", "equal ends", 1.5, 1.5, 3)
    r.case("linspace", "float64", 0, 1, 7, dtype="float64")
    r.error("linspace", "negative steps", 0, 1, -1)

    for op, more in (("zerosLike", []), ("onesLike", []), ("fullLike", [2])):
        for name, x in [("float32", F([2, 3])), ("float64", D([2])), ("int32", V([1, 2], "int32")), ("uint8", V([7], "uint8")), ("bool", V([0, 1], "bool"))]:
            r.case(op, name, x, *more)
        r.case(op, "0-d", F([]), *more)
        r.case(op, "empty", empty([2, 0, 3]), *more)
        r.case(op, "transposed", F([2, 3]).view("transpose", 0, 1), *more)
        for dtype in DTYPES:
            r.case(op, f"dtype {dtype}", F([2]), *more, dtype=dtype)
    r.case("fullLike", "NaN", F([2]), NAN)
    r.case("fullLike", "a fraction", D([2]), 0.1)

    r.case("oneHot", "1-d", I([0, 2, 1, 2]), 3)
    r.case("oneHot", "2-d", I([[0, 1], [3, 2]]), 4)
    r.case("oneHot", "0-d", I(1), 3)
    r.case("oneHot", "more classes than used", I([0]), 5)
    r.case("oneHot", "empty", empty([0], "int32", index=True), 3)
    r.error("oneHot", "float input", F([2]), 3)
    r.error("oneHot", "class out of range", I([0, 3]), 3, on_values=True)
    r.error("oneHot", "negative class", I([0, -1]), 3, on_values=True)
    return r
