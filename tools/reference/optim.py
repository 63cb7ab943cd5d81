"""Writes packages/optim/test/fixtures/{problem,schedulers}.json and a file for each optimizer: what PyTorch's do.

Run: /usr/bin/python3 tools/reference/optim.py

problem: {start, grads}: two tensors, [3, 2] and [2], and their gradients at 50 steps, some of them zeros, one always.
An optimizer's cases (for muon, of tensors [3, 2] and [2, 1]): a case is {name, dtype, options, groups, changes, idle, steps, state}.
  groups   options of each tensor's own group; null for one group
  changes  settings of group 0 set before a step, by its number (from 1)
  idle     at every so many steps the second tensor has no gradient; null for never
  steps    the eight values after a step, by its number
  state    state_dict() after step 25, in PyTorch's own names
lbfgs: a case is {name, dtype, options, steps: [{loss, values, evaluations}]}.
schedulers: a case is {name, lrs, schedulers, lastEpoch, initialLrs, hand, join, rates, states}.
  lrs, initialLrs  one per group; the latter only where a schedule is resumed
  hand     rates set by hand before a step of the schedulers: {step: [group, lr]}
  join     a group added before a step: {step: lr}
  rates    the groups' rates after each of 60 steps, the first one made by the constructors
  states   each scheduler's state_dict() at the end

PyTorch's vector code fuses a product and a sum into one rounding, which is not part of the formulas; its plain code, which
is asked for here, rounds each operation.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "default"

import itertools
import json
import pathlib
import re

import torch
from optimizers_of_pytorch_2 import Adafactor, Lion, Muon, NAdam, RAdam

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages/optim/test/fixtures"
STEPS = 50
KEPT = [1, 2, 3, 4, 5, 10, 15, 20, 25, 26, 30, 35, 40, 45, 50]
SHAPES = [[3, 2], [2]]


def snake(name):
    return re.sub("[A-Z]", lambda found: "_" + found[0].lower(), name)


def keywords(options):
    return {snake(name): tuple(value) if isinstance(value, list) else value for name, value in options.items()}


def flat(tensors):
    return [float(x) for tensor in tensors for x in tensor.detach().flatten()]


def problem():
    generator = torch.Generator().manual_seed(7)
    draw = lambda: [torch.randn(shape, generator=generator) for shape in SHAPES]
    start, grads = draw(), []
    for step in range(STEPS):
        tensors = draw()
        for tensor in tensors:
            tensor *= 10.0 ** ((step % 5) - 3)
            tensor[torch.rand(tensor.shape, generator=generator) < 0.15] = 0
        tensors[1][1] = 0
        grads.append(tensors)
    return start, grads


START, GRADS = problem()


def plain(value):
    """A state_dict as JSON: tensors as flat lists, 0-d ones as numbers."""
    if isinstance(value, torch.Tensor):
        return float(value) if value.dim() == 0 else flat([value])
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items() if not callable(item)}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def trajectory(make, name, dtype, options, groups=None, changes=None, idle=None):
    shapes = [[3, 2], [2, 1]] if make is Muon else SHAPES
    tensors = [start.to(dtype, copy=True).reshape(shape).requires_grad_() for start, shape in zip(START, shapes)]
    if groups is None:
        optimizer = make(tensors, **keywords(options))
    else:
        optimizer = make([{"params": [t], **keywords(own)} for t, own in zip(tensors, groups)], **keywords(options))
    steps, state = {}, None
    for step in range(1, STEPS + 1):
        for setting, value in keywords((changes or {}).get(step, {})).items():
            optimizer.param_groups[0][setting] = value
        for tensor, grad in zip(tensors, GRADS[step - 1]):
            tensor.grad = grad.to(dtype, copy=True).reshape(tensor.shape)
        if idle is not None and step % idle == 0:
            tensors[1].grad = None
        optimizer.step()
        if step in KEPT:
            steps[step] = flat(tensors)
        if step == 25:
            state = plain(optimizer.state_dict())
    return {
        "name": name,
        "dtype": str(dtype).split(".")[1],
        "options": options,
        "groups": groups,
        "changes": changes or {},
        "idle": idle,
        "steps": steps,
        "state": state,
    }


def combinations(**choices):
    """Every choice of options; None leaves an option out."""
    for values in itertools.product(*choices.values()):
        yield {name: value for name, value in zip(choices, values) if value is not None}


def cases(make, every, groups, changes):
    for dtype in [torch.float32, torch.float64]:
        for options in every:
            name = ", ".join(f"{key} {json.dumps(value)}" for key, value in options.items()) or "defaults"
            yield trajectory(make, name, dtype, options)
        first = every[-1]
        yield trajectory(make, "two groups", dtype, first, groups=groups)
        yield trajectory(make, "settings changed on the way", dtype, {}, changes=changes)
        yield trajectory(make, "a tensor that sometimes has no gradient", dtype, first, idle=3)


TRUE = [None, True]

SGD = [
    *combinations(lr=[0.1], weightDecay=[None, 0.1], maximize=TRUE),
    *combinations(lr=[0.1], momentum=[0.9], dampening=[None, 0.3], weightDecay=[None, 0.1], maximize=TRUE),
    *combinations(lr=[0.1], momentum=[0.9], weightDecay=[None, 0.1], nesterov=[True], maximize=TRUE),
]
RMSPROP = [
    {},
    {"alpha": 0.9, "eps": 1e-3},
    *combinations(lr=[0.05], momentum=[None, 0.8], centered=TRUE, weightDecay=[None, 0.1], maximize=TRUE),
]
ADAM = [
    {},
    {"betas": [0.8, 0.95], "eps": 1e-3},
    {"betas": [0, 0]},
    *combinations(lr=[0.05], betas=[[0.7, 0.9]], amsgrad=TRUE, weightDecay=[None, 0.1], maximize=TRUE),
]
ADAMW = [*ADAM, {"lr": 0.05, "weightDecay": 0}]


ADAMAX = [
    {},
    {"betas": [0.8, 0.95], "eps": 1e-3},
    {"betas": [0, 0]},
    *combinations(lr=[0.05], betas=[[0.7, 0.9]], weightDecay=[None, 0.1], maximize=TRUE),
]
DECOUPLED = [
    {},
    {"betas": [0.8, 0.95], "eps": 1e-3},
    {"betas": [0, 0]},
    *combinations(lr=[0.05], betas=[[0.7, 0.9]], weightDecay=[None, 0.1], maximize=TRUE),
    *combinations(lr=[0.05], weightDecay=[0.1], decoupledWeightDecay=[True], maximize=TRUE),
]
NADAM = [*DECOUPLED, {"lr": 0.05, "momentumDecay": 0.1}, {"lr": 0.05, "momentumDecay": 0}]
RPROP = [
    {},
    {"etas": [0.3, 1.5], "stepSizes": [1e-3, 0.1]},
    *combinations(lr=[0.05], maximize=TRUE),
]
ADAGRAD = [
    {},
    {"eps": 1e-2},
    *combinations(lr=[0.1], lrDecay=[None, 0.1], initialAccumulatorValue=[None, 0.5], weightDecay=[None, 0.1], maximize=TRUE),
]
ADADELTA = [
    {},
    {"rho": 1, "eps": 1e-3},
    {"rho": 0},
    *combinations(lr=[0.5], rho=[0.8], weightDecay=[None, 0.1], maximize=TRUE),
]
ASGD = [
    {},
    {"lr": 0.1, "lambd": 0.05, "alpha": 0.5},
    *combinations(lr=[0.05], t0=[None, 10], weightDecay=[None, 0.1], maximize=TRUE),
]
LION = [
    {},
    {"betas": [0, 0]},
    *combinations(lr=[0.02], betas=[[0.8, 0.95]], weightDecay=[None, 0.1], maximize=TRUE),
]
MUON = [
    {},
    {"nsCoefficients": [2, -1.5, 0.5], "nsSteps": 8, "eps": 1e-3},
    {"nsSteps": 0},
    *combinations(lr=[0.05], momentum=[None, 0.8], nesterov=[None, False], weightDecay=[None, 0]),
    *combinations(lr=[0.05], adjustLrFn=["original", "matchRmsAdamw"]),
]
ADAFACTOR = [
    {},
    {"beta2Decay": -0.5, "eps": [1e-6, 0.1]},
    {"eps": [None, 0.01], "d": 2},
    *combinations(lr=[0.1], weightDecay=[None, 0.1], maximize=TRUE),
]


def sgd(params, lr=1e-3, **options):
    """PyTorch 2 gives the rate a default; 1.13 does not."""
    return torch.optim.SGD(params, lr=lr, **options)


LAMBDAS = {
    "inverse": lambda t: 1 / (1 + t),
    "stairs": lambda t: 1 / (1 + t // 7),
    "line": lambda t: 1 - t / 100,
}
SCHEDULERS = torch.optim.lr_scheduler


def scheduler_of(spec, optimizer, last_epoch):
    options = dict(spec["options"])
    if spec["kind"] == "LambdaLR":
        chosen = options["lrLambda"]
        options["lrLambda"] = LAMBDAS[chosen] if isinstance(chosen, str) else [LAMBDAS[name] for name in chosen]
    names = {"tMax": "T_max"}
    given = {names.get(name, snake(name)): value for name, value in options.items()}
    return getattr(SCHEDULERS, spec["kind"])(optimizer, **given, last_epoch=last_epoch)


def schedule(name, schedulers, lrs=(0.1,), lastEpoch=-1, initialLrs=None, hand=None, join=None):
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in lrs]
    for group, initial in zip(groups, initialLrs or []):
        group["initial_lr"] = initial
    optimizer = torch.optim.SGD(groups, lr=1.0)
    made = [scheduler_of(spec, optimizer, lastEpoch) for spec in schedulers]
    rates = []
    for step in range(60):
        if step in (hand or {}):
            group, lr = hand[step]
            optimizer.param_groups[group]["lr"] = lr
        if step in (join or {}):
            optimizer.add_param_group({"params": [torch.zeros(1, requires_grad=True)], "lr": join[step]})
        if step > 0:
            optimizer.step()
            for scheduler in made:
                scheduler.step()
        rates.append([group["lr"] for group in optimizer.param_groups])
    return {
        "name": name,
        "lrs": list(lrs),
        "schedulers": schedulers,
        "lastEpoch": lastEpoch,
        "initialLrs": initialLrs,
        "hand": hand or {},
        "join": join or {},
        "rates": rates,
        "states": [plain({k: v for k, v in s.state_dict().items() if k != "optimizer"}) for s in made],
    }


def step_lr(**options):
    return {"kind": "StepLR", "options": options}


def cosine_lr(**options):
    return {"kind": "CosineAnnealingLR", "options": options}


def lambda_lr(chosen):
    return {"kind": "LambdaLR", "options": {"lrLambda": chosen}}


def schedules():
    two = (0.1, 0.003)
    yield schedule("StepLR", [step_lr(stepSize=7)])
    yield schedule("StepLR, every epoch", [step_lr(stepSize=1, gamma=0.9)])
    yield schedule("StepLR, two groups", [step_lr(stepSize=13, gamma=0.3)], two)
    yield schedule("StepLR, gamma 0", [step_lr(stepSize=20, gamma=0)])
    yield schedule("StepLR, changed by hand", [step_lr(stepSize=10, gamma=0.5)], hand={25: [0, 1.0]})
    yield schedule("StepLR, a group joins", [step_lr(stepSize=10, gamma=0.5)], join={15: 0.7})
    yield schedule("StepLR, resumed", [step_lr(stepSize=10, gamma=0.5)], (0.025,), 24, [0.1])
    yield schedule("CosineAnnealingLR", [cosine_lr(tMax=60)])
    yield schedule("CosineAnnealingLR, down and up again", [cosine_lr(tMax=10, etaMin=0.001)])
    yield schedule("CosineAnnealingLR, tMax 1", [cosine_lr(tMax=1, etaMin=0.01)])
    yield schedule("CosineAnnealingLR, upwards", [cosine_lr(tMax=25, etaMin=0.5)])
    yield schedule("CosineAnnealingLR, two groups", [cosine_lr(tMax=17, etaMin=0.0001)], two)
    yield schedule("CosineAnnealingLR, changed by hand", [cosine_lr(tMax=40)], hand={10: [0, 0.5]})
    yield schedule("CosineAnnealingLR, a group joins", [cosine_lr(tMax=80)], join={15: 0.7})
    yield schedule("CosineAnnealingLR, resumed", [cosine_lr(tMax=40)], (0.1,), 14, [0.1])
    yield schedule("LambdaLR", [lambda_lr("inverse")])
    yield schedule("LambdaLR, one function per group", [lambda_lr(["stairs", "line"])], two)
    yield schedule("LambdaLR, changed by hand", [lambda_lr("line")], hand={10: [0, 0.5]})
    yield schedule("LambdaLR, a group joins", [lambda_lr("inverse")], join={15: 0.7})
    yield schedule("LambdaLR, resumed", [lambda_lr("stairs")], (0.05,), 24, [0.1])
    yield schedule("StepLR and CosineAnnealingLR", [step_lr(stepSize=15, gamma=0.5), cosine_lr(tMax=50)], two)
    yield schedule("StepLR twice", [step_lr(stepSize=5, gamma=0.9), step_lr(stepSize=20)])
    yield schedule("LambdaLR and StepLR", [lambda_lr("line"), step_lr(stepSize=3, gamma=0.5)])


def rosenbrock(tensors):
    x = torch.cat([t.flatten() for t in tensors])
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def lbfgs():
    """Ten steps down Rosenbrock's valley: the values, the loss and the number of evaluations after each."""
    for dtype in [torch.float64, torch.float32]:
        for options in [
            {},
            {"lr": 0.5, "maxIter": 5, "historySize": 3},
            {"lineSearchFn": "strongWolfe"},
            {"lineSearchFn": "strongWolfe", "maxIter": 3, "historySize": 2},
            {"lineSearchFn": "strongWolfe", "maxEval": 4, "lr": 0.1},
            {"lineSearchFn": "strongWolfe", "toleranceGrad": 0.5, "toleranceChange": 1e-4},
        ]:
            given = keywords(options)
            if "line_search_fn" in given:
                given["line_search_fn"] = "strong_wolfe"
            else:
                given["lr"] = 1e-3 * given.get("lr", 1)
                options = {**options, "lr": given["lr"]}
            tensors = [start.to(dtype, copy=True).requires_grad_() for start in START]
            optimizer = torch.optim.LBFGS(tensors, **given)

            def closure():
                optimizer.zero_grad()
                loss = rosenbrock(tensors)
                loss.backward()
                return loss

            steps = []
            for _ in range(10):
                loss = float(optimizer.step(closure))
                evaluations = optimizer.state[tensors[0]]["func_evals"]
                steps.append({"loss": loss, "values": flat(tensors), "evaluations": evaluations})
            name = ", ".join(f"{key} {json.dumps(value)}" for key, value in options.items())
            yield {"name": name, "dtype": str(dtype).split(".")[1], "options": options, "steps": steps}


def write(name, value):
    FOLDER.mkdir(parents=True, exist_ok=True)
    if isinstance(value, dict):
        text = json.dumps(value, allow_nan=False)
    else:
        text = "[\n" + ",\n".join(json.dumps(case, allow_nan=False) for case in value) + "\n]"
    path = FOLDER / f"{name}.json"
    path.write_text(text + "\n")
    print(path.name, path.stat().st_size)


if __name__ == "__main__":
    write("problem", {"start": [flat([t]) for t in START], "grads": [[flat([t]) for t in step] for step in GRADS]})
    tiny = [{"lr": 0.02}, {"lr": 0.3, "weightDecay": 0.01}]
    write("sgd", cases(sgd, SGD, tiny, {10: {"lr": 0.1}, 20: {"momentum": 0.9}, 30: {"lr": 0.01}, 40: {"momentum": 0.5}}))
    faster = {10: {"lr": 0.1}, 20: {"eps": 0.01}, 30: {"weightDecay": 0.1}}
    betas = {**faster, 40: {"betas": [0.5, 0.6]}}
    write("rmsprop", cases(torch.optim.RMSprop, RMSPROP, tiny, {**faster, 40: {"alpha": 0.5}}))
    write("adam", cases(torch.optim.Adam, ADAM, tiny, betas))
    write("adamw", cases(torch.optim.AdamW, ADAMW, tiny, betas))
    write("adamax", cases(torch.optim.Adamax, ADAMAX, tiny, betas))
    write("nadam", cases(NAdam, NADAM, tiny, betas))
    write("radam", cases(RAdam, DECOUPLED, tiny, betas))
    lrs = [{"lr": 0.02}, {"lr": 0.3}]
    write("rprop", cases(torch.optim.Rprop, RPROP, lrs, {10: {"lr": 0.1}, 20: {"etas": [0.4, 1.1]}, 30: {"stepSizes": [0, 1]}}))
    write("adagrad", cases(torch.optim.Adagrad, ADAGRAD, tiny, {**faster, 40: {"lrDecay": 0.01}}))
    write("adadelta", cases(torch.optim.Adadelta, ADADELTA, tiny, {**faster, 40: {"rho": 0.5}}))
    write("asgd", cases(torch.optim.ASGD, ASGD, tiny, {10: {"lr": 0.1}, 20: {"t0": 25}, 30: {"weightDecay": 0.1}, 40: {"lambd": 0.1}}))
    write("lion", cases(Lion, LION, tiny, {10: {"lr": 0.01}, 30: {"weightDecay": 0.1}, 40: {"betas": [0.5, 0.6]}}))
    write("muon", cases(Muon, MUON, tiny, {10: {"lr": 0.1}, 20: {"momentum": 0.5}, 30: {"weightDecay": 0.01}}))
    write("adafactor", cases(Adafactor, ADAFACTOR, tiny, {10: {"lr": 0.1}, 20: {"d": 3}, 30: {"weightDecay": 0.1}, 40: {"beta2Decay": -0.3}}))
    write("lbfgs", list(lbfgs()))
    write("schedulers", list(schedules()))
