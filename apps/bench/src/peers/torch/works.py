"""Every work by name: what prepares it, or why there is none."""
from functools import partial

from arrays import Batch, add, gelu, matmul
from cold import FirstStep
from lesson import Program2, Program3
from networks import block, cnn, mlp
from training import adam, sgd

works = {
    "program-2": Program2,
    "program-2-compiled": Program2,
    "program-3": Program3,
    "mlp-64-sgd": partial(mlp, 64, sgd),
    "mlp-64-adam": partial(mlp, 64, adam),
    "mlp-512-sgd": partial(mlp, 512, sgd),
    "cnn": cnn,
    "block": block,
    "gelu": gelu,
    "add": add,
    "matmul-512": partial(matmul, 512),
    "matmul-2048": partial(matmul, 2048),
    "batch": Batch,
    "first-step": FirstStep,
    "compile-30": "compiles nothing: eager",
}
