"""Activation functions, softmax and its kin."""

import torch
import torch.nn.functional as functional

from .recorder import D, F, Recorder, V, empty

INF, NAN = float("inf"), float("nan")

POINTWISE = ["relu", "relu6", "hardtanh", "sigmoid", "tanh", "softplus", "silu", "gelu", "elu", "leakyRelu", "logsigmoid"]
ALONG_A_DIM = ["softmax", "logSoftmax", "logsumexp"]

# Differences of nearly equal numbers, which float32 rounds before they meet. PyTorch has the same formulas.
TOL = {
    "gelu": {"ulp": 8, "atol": 4e-7},  # x·½(1 + erf(x/√2)): 1 + erf cancels for negative x
    "silu": {"ulp": 8},
    "elu": {"ulp": 8, "atol": 1e-7},  # PyTorch's exp(x) - 1 cancels near 0; expm1 does better
    "softmax": {"ulp": 8},  # exp of a rounded difference: its error grows with the distance to the maximum
    "logSoftmax": {"ulp": 8, "atol": 2e-7},  # x - max - log(sum): cancels near 0
    "logsumexp": {"ulp": 8, "atol": 2e-7},
    "logsigmoid": {"ulp": 8},
}
GRAD_TOL = {
    "gelu": {"ulp": 16, "atol": 3e-7},
    "silu": {"ulp": 8, "atol": 2e-7},  # s + x·s·(1 - s) cancels for negative x
    "tanh": {"atol": 3e-7},  # 1 - y·y
    "sigmoid": {"atol": 2e-7},  # y·(1 - y)
    "softplus": {"ulp": 8},
    "elu": {"ulp": 8},
    "logsigmoid": {"ulp": 8},
    "softmax": {"ulp": 8, "atol": 3e-7},  # y·(g - Σ g·y): the sum cancels
    "logSoftmax": {"ulp": 8, "atol": 5e-7},
    "logsumexp": {"ulp": 8, "atol": 2e-7},
}


def cases():
    r = Recorder("activations")
    for op in POINTWISE:
        run = lambda name, *args, **more: r.case(op, name, *args, tol=TOL.get(op), grad_tol=GRAD_TOL.get(op), **more)
        run("ordinary", F([2, 3], -2, 2))
        run("wider", F([2, 4], -6, 6))
        run("0-d", F([]))
        run("empty", empty([0]))
        run("empty with sizes", empty([2, 0, 3]))
        run("transposed", F([3, 2]).view("transpose", 0, 1))
        # PyTorch's vector and scalar kernels disagree about these gradients at NaN.
        run("special values", V([0.5 if op in ("elu", "relu6", "hardtanh") else NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 30.0, -30.0]))
        r.case(op, "float64", D([2, 3], -3, 3), grad_tol={"rtol": 1e-12, "atol": 1e-15})
    integers = V([-2, 0, 3], "int32", grad=False)
    r.case("relu", "int32", integers)
    r.case("relu", "uint8", V([0, 3, 250], "uint8"))
    r.error("relu", "bool", V([1, 0], "bool"))
    kinks = [-1.0, 0.0, -0.0, 1.0, 6.0, 7.0]
    r.case("relu6", "kinks", V(kinks))
    r.case("relu6", "int32", V([-2, 3, 8], "int32", grad=False))
    r.case("hardtanh", "kinks", V(kinks))
    r.case("hardtanh", "limits", V([-3.0, -2.0, 0.5, 1.5, 2.0]), minVal=-2, maxVal=1.5)
    r.case("hardtanh", "limits of integers", V([-3, 0, 5], "int32", grad=False), minVal=-2, maxVal=3)
    for op in ("relu6", "hardtanh", "silu", "gelu"):
        r.error(op, "bool", V([1, 0], "bool"))
    r.case("leakyRelu", "slope", F([2, 3]), 0.2)
    r.case("leakyRelu", "slope zero at zero", V([0.0, -1.0, 1.0]), 0)
    r.case("leakyRelu", "slope negative", V([0.0, -1.0, 1.0]), -0.5)
    for op in ("softplus", "silu", "gelu", "elu", "leakyRelu", "logsigmoid"):
        r.error(op, "int32", integers)
    r.case("softplus", "beta", F([2, 3]), beta=2, grad_tol={"ulp": 8})
    r.case("softplus", "beta, a fraction", F([2, 3]), beta=0.5, grad_tol={"ulp": 8})
    r.case("softplus", "linear past the threshold", V([-3.0, 1.0, 1.5, 2.0, 5.0]), threshold=1.5, grad_tol={"ulp": 8})
    r.case("softplus", "beta and threshold", V([-3.0, 1.0, 2.0, 2.5, 5.0]), beta=2, threshold=4, grad_tol={"ulp": 8})
    r.case("softplus", "far tails", V([-80.0, -20.0, 19.0, 20.0, 21.0, 100.0]), grad_tol={"ulp": 8})
    r.case("gelu", "exact by name", F([2, 3]), approximate="none", tol=TOL["gelu"], grad_tol=GRAD_TOL["gelu"])
    r.case("gelu", "tanh", F([2, 3]), approximate="tanh", tol=TOL["gelu"], grad_tol=GRAD_TOL["gelu"])
    r.case("gelu", "tanh in float64", D([2, 3]), approximate="tanh", grad_tol={"rtol": 1e-12, "atol": 1e-15})
    r.case("gelu", "tanh, special values", V([NAN, INF, 0.0, -0.0, 30.0, -30.0]), approximate="tanh", tol=TOL["gelu"], grad_tol=GRAD_TOL["gelu"])
    r.error("gelu", "unknown approximation", F([2]), approximate="sigmoid")
    r.case("elu", "alpha", F([2, 3]), alpha=0.5, grad_tol=GRAD_TOL["elu"])
    r.case("elu", "alpha at 0", V([0.0, -0.0, -1.0]), alpha=2, grad_tol=GRAD_TOL["elu"])

    for op in ALONG_A_DIM:
        run = lambda name, *args, **more: r.case(op, name, *args, tol=TOL[op], grad_tol=GRAD_TOL[op], **more)
        run("last dim", F([2, 3]), 1)
        run("first dim", F([2, 3]), 0)
        run("negative dim", F([2, 3]), -1)
        run("middle dim", F([2, 3, 2]), 1)
        run("1-d", F([4]), 0)
        run("0-d", F([]), 0)
        run("0-d, dim -1", F([]), -1)
        run("one element", F([2, 1]), 1)
        run("empty in another dim", empty([0, 3]), 1)
        run("empty dim", empty([2, 0]), 1)
        run("transposed", F([3, 2]).view("transpose", 0, 1), 1)
        # The gradient of logsumexp is exp(x - y) with y near 1000, where float32 has steps of 6e-5.
        large = {"rtol": 1e-4} if op == "logsumexp" else GRAD_TOL[op]
        r.case(op, "large values do not overflow", V([[1000.0, 1001.0, 999.0], [-1000.0, -1000.0, -1002.0]]), 1, tol=TOL[op], grad_tol=large)
        run("infinities and NaN", V([[INF, 1.0, 2.0], [-INF, 1.0, 2.0], [NAN, 1.0, 2.0], [0.0, -0.0, -INF]], grad=False), 1)
        run("gradient with one -Infinity", V([[-INF, 1.0, 2.0]]), 1)
        r.case(op, "all -Infinity", V([-INF, -INF], grad=False), 0)
        r.case(op, "both infinities", V([[INF, INF, 1.0], [INF, -INF, 0.0]], grad=False), 1)
        r.case(op, "float64", D([2, 3]), 1, tol={"rtol": 1e-12, "atol": 1e-15}, grad_tol={"rtol": 1e-12, "atol": 1e-15})
        r.error(op, "dim out of range", F([2, 3]), 2)
        r.error(op, "negative dim out of range", F([2, 3]), -3)
    r.case("logsumexp", "several dims", F([2, 3, 2]), [0, 2], tol=TOL["logsumexp"], grad_tol=GRAD_TOL["logsumexp"])
    r.case("logsumexp", "keepdim", F([2, 3]), 1, keepdim=True, tol=TOL["logsumexp"], grad_tol=GRAD_TOL["logsumexp"])
    r.case("logsumexp", "several dims, keepdim", F([2, 3, 2]), [-1, 1], keepdim=True, tol=TOL["logsumexp"], grad_tol=GRAD_TOL["logsumexp"])
    for op in ("softmax", "logSoftmax"):
        r.error(op, "int32", V([1, 2], "int32"), 0)
        r.case(op, "int32 with dtype", V([1, 2, 3], "int32"), 0, dtype="float32", tol=TOL[op])
        r.case(op, "float32 with dtype", F([2, 3]), 1, dtype="float64", tol={"rtol": 1e-12}, grad_tol={"ulp": 8, "atol": 2e-7})
    return r
