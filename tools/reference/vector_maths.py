"""Fits the polynomials of packages/core/src/wasm/maths; run by hand, copy what it prints.

Each is a minimax fit (Lawson's iterated weighted least squares) of the relative error, in double precision. Coefficients
are rounded to float32 one at a time, lowest power first, and the others fitted again, so that rounding costs little.
"""
import math
import sys

import numpy as np

nodes = 1500


def lawson(basis, target, rounds=60):
    """Coefficients that minimise max |basis @ c - target|."""
    weight = np.full(len(target), 1 / len(target))
    best, best_error = None, math.inf
    for _ in range(rounds):
        root = np.sqrt(weight)
        scale = np.abs(basis).max(axis=0)
        c = np.linalg.lstsq(basis / scale * root[:, None], target * root, rcond=None)[0] / scale
        error = np.abs(basis @ c - target)
        if error.max() < best_error:
            best, best_error = c, error.max()
        weight = weight * error
        weight /= weight.sum()
    return best, best_error


def fit(name, f, low, high, powers, fixed=None, relative=None, dtype=np.float32):
    """c_p with sum c_p x^p near f(x); the error is divided by relative(x) (f itself if None)."""
    x = (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(nodes) + 0.5) / nodes)
    y = np.array([float(f(v)) for v in x])
    scale = 1 / np.abs(y if relative is None else np.array([float(relative(v)) for v in x]))
    known = dict(fixed or {})
    free = [p for p in powers if p not in known]
    while True:
        rest = y - sum(c * x**p for p, c in known.items())
        if not free:
            break
        c, _ = lawson(np.stack([x**p * scale for p in free], axis=1), rest * scale)
        known[free[0]] = float(dtype(c[0]))
        free = free[1:]
    error = np.abs(rest * scale).max()
    order = sorted(known, reverse=True)
    print(f"// {name}: relative error {error:.2g} = 2^{math.log2(error):.1f}")
    print("[" + ", ".join(str(dtype(known[p])) for p in order) + "]")
    return known


ln2 = math.log(2)
wanted = sys.argv[1:]


def section(name):
    return not wanted or name in wanted


def series(f, x, taylor, near=0.05):
    """f(x), by its Taylor series (in doubles, lowest power first) where the formula would cancel."""
    return sum(c * x**k for k, c in enumerate(taylor)) if abs(x) < near else f(x)


half = ln2 / 2 + 1e-4
if section("exp"):
    fit("exp(r), 1 + r + r² p", math.exp, -half, half, range(7), {0: 1.0, 1: 1.0})
    taylor = [1 / math.factorial(k + 2) for k in range(9)]
    tail = lambda r: series(lambda r: (math.expm1(r) - r) / r**2, r, taylor)
    for degree in (4, 5):
        fit("expm1(r) = r + r² p", tail, -half, half, range(degree + 1), relative=lambda r: math.expm1(r) / r**2)
    fit("2^r, double", lambda r: 2**r, -0.5, 0.5, range(8), {0: 1.0}, dtype=float)
    fit("2^r, double", lambda r: 2**r, -0.5, 0.5, range(7), {0: 1.0}, dtype=float)

low, high = math.sqrt(0.5) - 1, math.sqrt(2) - 1
if section("log"):
    taylor = [(-1) ** k / (k + 3) for k in range(16)]
    tail = lambda f: series(lambda f: (math.log1p(f) - f + f * f / 2) / f**3, f, taylor)
    fit("log(1 + f) = f - f²/2 + f³ p", tail, low, high, range(8), relative=lambda f: math.log1p(f) / f**3)
    taylor = [(-1) ** k / (k + 1) for k in range(16)]
    for base in (2, 10):
        head = {2: 1.0, 10: 0.5}[base]
        tail = lambda f: series(lambda f: math.log1p(f) / f, f, taylor) / math.log(base) - head
        fit(
            f"log{base}(1 + f) = {head} f + f p", tail, low, high, range(10),
            relative=lambda f: (tail(f) + head),
        )
    # with s = f / (2 + f): log2(1 + f) = s p(s²)
    edge = high / (2 + high)
    taylor = [2 / (2 * k + 1) / ln2 for k in range(12)]
    for degree in (4, 5, 6):
        fit(
            "log2(1 + f) = s p(s²), double", lambda z: sum(c * z**k for k, c in enumerate(taylor)),
            0, edge**2 * 1.0001, range(degree + 1), dtype=float,
        )

quarter = math.pi / 4 * 1.0001
if section("sin"):
    taylor = [(-1) ** (k + 1) / math.factorial(2 * k + 3) for k in range(9)]
    tail = lambda z: sum(c * z**k for k, c in enumerate(taylor))
    for degree in (2, 3):
        fit("sin(r) = r + r³ p(r²)", tail, 0, quarter**2, range(degree + 1), relative=lambda z: math.sin(z**.5) / z**1.5)
    taylor = [(-1) ** k / math.factorial(2 * k + 4) for k in range(9)]
    tail = lambda z: sum(c * z**k for k, c in enumerate(taylor))
    for degree in (1, 2):
        fit("cos(r) = 1 - r²/2 + r⁴ p(r²)", tail, 0, quarter**2, range(degree + 1), relative=lambda z: math.cos(z**.5) / z**2)
if section("tan"):
    import mpmath
    tail = lambda z: float((mpmath.tan(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1) / z)
    for degree in (5, 6):
        fit("tan(r) = r + r³ p(r²), double", tail, 0, quarter**2, range(degree + 1), relative=lambda z: math.tan(z**.5) / z**1.5, dtype=float)
if section("tanh"):
    import mpmath
    tail = lambda z: float((mpmath.tanh(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1) / z)
    for degree in (4, 5):
        fit("tanh(x) = x + x³ p(x²)", tail, 0, 0.625**2, range(degree + 1), relative=lambda z: math.tanh(z**.5) / z**1.5)
    tail = lambda z: float((mpmath.sinh(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1) / z)
    for degree in (2, 3):
        fit("sinh(x) = x + x³ p(x²)", tail, 0, 1, range(degree + 1), relative=lambda z: math.sinh(z**.5) / z**1.5)
if section("erf"):
    import mpmath
    tail = lambda z: float(mpmath.erf(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1)
    for degree in (5, 6):
        fit("erf(x) = x + x p(x²)", tail, 0, 0.93**2, range(degree + 1), relative=lambda z: 1 + tail(z))
    # 1 - erf(x) = exp(x p(x)) beyond: the error counts as one of erf
    tail = lambda x: float(mpmath.log(mpmath.erfc(x)))
    for degree in (6, 7, 8):
        fit("erfc(x) = exp(p(x))", tail, 0.92, 4, range(degree + 1), relative=lambda x: 1 / float(mpmath.erfc(x)))
if section("erfc"):
    import mpmath
    for k in (2, 3, 4):
        def scaled(t):
            x = k * (1 + t) / (1 - t)
            return float(mpmath.exp(mpmath.mpf(x) ** 2) * mpmath.erfc(mpmath.mpf(x)) * (1 + 2 * x))
        for degree in (9, 10):
            fit(f"erfc(x) = exp(-x²) / (1 + 2x) p(t), t = (x - {k}) / (x + {k})", scaled, -1, (10.3 - k) / (10.3 + k), range(degree + 1))
if section("asin"):
    taylor = [math.comb(2 * k + 2, k + 1) / 4 ** (k + 1) / (2 * k + 3) for k in range(25)]
    tail = lambda z: sum(c * z**k for k, c in enumerate(taylor))
    for degree in (3, 4):
        fit("asin(x) = x + x³ p(x²)", tail, 0, 0.2501, range(degree + 1), relative=lambda z: math.asin(z**.5) / z**1.5)
if section("atan"):
    import mpmath
    tail = lambda z: float((mpmath.atan(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1) / z)
    for degree in (7, 8):
        fit("atan(x) = x + x³ p(x²)", tail, 0, 1, range(degree + 1), relative=lambda z: math.atan(z**.5) / z**1.5)
if section("asinh"):
    import mpmath
    tail = lambda z: float((mpmath.asinh(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1) / z)
    for degree in (5, 6):
        fit("asinh(x) = x + x³ p(x²)", tail, 0, 0.5625, range(degree + 1), relative=lambda z: math.asinh(z**.5) / z**1.5)
    tail = lambda t: float(mpmath.acosh(1 + mpmath.mpf(t)) / mpmath.sqrt(2 * t))
    for degree in (4, 5):
        fit("acosh(1 + t) = sqrt(2 t) p(t)", tail, 0, 0.5, range(degree + 1))
    tail = lambda z: float((mpmath.atanh(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1) / z)
    for degree in (4, 5):
        fit("atanh(x) = x + x³ p(x²)", tail, 0, 0.25, range(degree + 1), relative=lambda z: math.atanh(z**.5) / z**1.5)
