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
schedulers: a case is {name, optimizer, lrs, schedulers, lastEpoch, initialLrs, hand, join, epochs, rates, momenta, states}.
  lrs, initialLrs  one per group; the latter only where a schedule is resumed
  hand     rates set by hand before a step of the schedulers: {step: [group, lr]}
  join     a group added before a step: {step: lr}
  epochs   what the schedulers' step is given: null for nothing
  momenta  the groups' momenta, or first betas, after each step, where they are cycled
  rates    the groups' rates after each of 60 steps, the first one made by the constructors
  states   each scheduler's state_dict() at the end
clipped, averaged: see those functions.
plateau: a case is {name, options, metrics, rates, bests}.

PyTorch's vector code fuses a product and a sum into one rounding, which is not part of the formulas; its plain code, which
is asked for here, rounds each operation.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "default"

import itertools
import json
import math
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


def stairs_of_three(cycle):
    return 1 / (1 + cycle % 3)


def warmup_stable_decay(warmupSteps, stableSteps, decaySteps, decay="linear", minFactor=0):
    """Hu et al., https://arxiv.org/abs/2404.06395; the square root: Haegele et al., https://arxiv.org/abs/2405.18392."""
    shape = {"linear": lambda x: 1 - x, "cosine": lambda x: (1 + math.cos(math.pi * x)) / 2, "sqrt": lambda x: 1 - math.sqrt(x)}

    def factor(t):
        if t < warmupSteps:
            return (t + 1) / warmupSteps
        x = min(1, max(0, (t - warmupSteps - stableSteps) / decaySteps))
        return minFactor + (1 - minFactor) * shape[decay](x)

    return factor


def scheduler_of(spec, optimizer, last_epoch):
    kind, options = spec["kind"], dict(spec["options"])
    if kind == "WarmupStableDecay":
        return SCHEDULERS.LambdaLR(optimizer, warmup_stable_decay(**options), last_epoch=last_epoch)
    if "schedulers" in options:
        made = [scheduler_of(each, optimizer, last_epoch) for each in options["schedulers"]]
        if kind == "ChainedScheduler":
            return SCHEDULERS.ChainedScheduler(made)
        return SCHEDULERS.SequentialLR(optimizer, made, options["milestones"])
    if "lrLambda" in options:
        chosen = options["lrLambda"]
        options["lrLambda"] = LAMBDAS[chosen] if isinstance(chosen, str) else [LAMBDAS[name] for name in chosen]
    if "scaleFn" in options:
        options["scaleFn"] = stairs_of_three
    if options.get("mode") == "expRange":
        options["mode"] = "exp_range"
    names = {"tMax": "T_max", "t0": "T_0", "tMult": "T_mult"}
    given = {names.get(name, snake(name)): value for name, value in options.items()}
    classes = torch.optim.swa_utils if kind == "SWALR" else SCHEDULERS
    return getattr(classes, kind)(optimizer, **given, last_epoch=last_epoch)


def momentum_of(group):
    return group["betas"][0] if "betas" in group else group["momentum"]


def saved(scheduler):
    kept = {k: v for k, v in scheduler.state_dict().items() if k not in ("optimizer", "_schedulers", "anneal_func", "_scale_fn_ref", "milestones")}
    return plain({name: value for name, value in kept.items() if not callable(value)})


def schedule(name, schedulers, lrs=(0.1,), lastEpoch=-1, initialLrs=None, hand=None, join=None, optimizer="SGD", epochs=None):
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in lrs]
    for group, initial in zip(groups, initialLrs or []):
        group["initial_lr"] = initial
    kind, given = optimizer, {"momentum": 0.7} if optimizer == "SGD" else {}
    optimizer = getattr(torch.optim, kind)(groups, lr=1.0, **given)
    made = [scheduler_of(spec, optimizer, lastEpoch) for spec in schedulers]
    rates, momenta = [], []
    for step in range(60):
        if step in (hand or {}):
            group, lr = hand[step]
            optimizer.param_groups[group]["lr"] = lr
        if step in (join or {}):
            optimizer.add_param_group({"params": [torch.zeros(1, requires_grad=True)], "lr": join[step]})
        if step > 0:
            optimizer.step()
            for scheduler in made:
                if epochs is None:
                    scheduler.step()
                else:
                    scheduler.step(epochs[step])
        rates.append([group["lr"] for group in optimizer.param_groups])
        momenta.append([momentum_of(group) for group in optimizer.param_groups])
    return {
        "name": name,
        "optimizer": kind,
        "lrs": list(lrs),
        "schedulers": schedulers,
        "lastEpoch": lastEpoch,
        "initialLrs": initialLrs,
        "hand": hand or {},
        "join": join or {},
        "epochs": epochs,
        "rates": rates,
        "momenta": None if all(row == momenta[0] for row in momenta) else momenta,
        "states": [saved(s) for s in made],
    }


def plateau(name, metrics, lrs=(0.1,), **options):
    given = keywords(options)
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in lrs]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    scheduler = SCHEDULERS.ReduceLROnPlateau(optimizer, **given)
    rates, bests = [], []
    for metric in metrics:
        scheduler.step(metric)
        rates.append([group["lr"] for group in optimizer.param_groups])
        bests.append(scheduler.best)
    return {"name": name, "lrs": list(lrs), "options": options, "metrics": metrics, "rates": rates, "bests": bests}


def plateaus():
    noisy = [round(math.exp(-t / 12) + 0.1 * math.sin(3 * t), 4) for t in range(60)]
    flat_from_20 = [1 / (1 + min(t, 20)) for t in range(60)]
    rising = [-x for x in noisy]
    yield plateau("defaults", flat_from_20)
    yield plateau("patience 3", noisy, patience=3, factor=0.5)
    yield plateau("a metric that rises", rising, patience=2, factor=0.5, mode="max")
    yield plateau("absolute threshold", noisy, patience=2, factor=0.7, threshold=0.05, thresholdMode="abs")
    yield plateau("rising, absolute threshold", rising, patience=2, mode="max", threshold=0.05, thresholdMode="abs")
    yield plateau("cooldown", flat_from_20, patience=2, factor=0.5, cooldown=4)
    yield plateau("lowest rates", flat_from_20, (0.1, 0.02), patience=1, factor=0.5, minLr=[0.01, 0.005])
    yield plateau("eps", flat_from_20, patience=0, factor=0.5, eps=0.01)
    yield plateau("patience 0, threshold 0", noisy, patience=0, factor=0.9, threshold=0)


def spec(kind, **options):
    return {"kind": kind, "options": options}


def step_lr(**options):
    return spec("StepLR", **options)


def cosine_lr(**options):
    return spec("CosineAnnealingLR", **options)


def lambda_lr(chosen):
    return spec("LambdaLR", lrLambda=chosen)


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
    yield schedule("MultiStepLR", [spec("MultiStepLR", milestones=[10, 25, 25, 40], gamma=0.5)], two)
    yield schedule("MultiStepLR, resumed", [spec("MultiStepLR", milestones=[30, 40])], (0.1,), 24, [0.1])
    yield schedule("ConstantLR", [spec("ConstantLR")])
    yield schedule("ConstantLR, two groups", [spec("ConstantLR", factor=0.5, totalIters=20)], two)
    yield schedule("ConstantLR, never whole", [spec("ConstantLR", factor=0.25, totalIters=0)])
    yield schedule("LinearLR", [spec("LinearLR")])
    yield schedule("LinearLR, down", [spec("LinearLR", startFactor=1, endFactor=0.01, totalIters=40)], two)
    yield schedule("LinearLR, changed by hand", [spec("LinearLR", totalIters=30)], hand={10: [0, 0.5]})
    yield schedule("ExponentialLR", [spec("ExponentialLR", gamma=0.9)], two)
    yield schedule("ExponentialLR, a group joins", [spec("ExponentialLR", gamma=0.9)], join={15: 0.7})
    yield schedule("PolynomialLR", [spec("PolynomialLR")])
    yield schedule("PolynomialLR, a square", [spec("PolynomialLR", totalIters=50, power=2)], two)
    yield schedule("PolynomialLR, a root", [spec("PolynomialLR", totalIters=59, power=0.5)])
    yield schedule("MultiplicativeLR", [spec("MultiplicativeLR", lrLambda="line")])
    yield schedule("MultiplicativeLR, one per group", [spec("MultiplicativeLR", lrLambda=["line", "inverse"])], two)
    restarts = lambda **options: [spec("CosineAnnealingWarmRestarts", **options)]
    yield schedule("CosineAnnealingWarmRestarts", restarts(t0=7))
    yield schedule("CosineAnnealingWarmRestarts, longer cycles", restarts(t0=5, tMult=2, etaMin=0.001), two)
    yield schedule("CosineAnnealingWarmRestarts, tMult 3", restarts(t0=1, tMult=3))
    yield schedule("CosineAnnealingWarmRestarts, fractions", restarts(t0=4, tMult=2), epochs=[t / 3 for t in range(60)])
    yield schedule("CosineAnnealingWarmRestarts, even fractions", restarts(t0=2), epochs=[t / 4 for t in range(60)])
    cyclic = lambda **options: [spec("CyclicLR", **{"baseLr": 0.01, "maxLr": 0.1, "stepSizeUp": 7, **options})]
    yield schedule("CyclicLR", cyclic())
    yield schedule("CyclicLR, slower down", cyclic(stepSizeDown=11, baseMomentum=0.5, maxMomentum=0.99))
    yield schedule("CyclicLR, triangular2", cyclic(mode="triangular2", baseLr=[0.01, 0.001], maxLr=[0.1, 0.2]), two)
    yield schedule("CyclicLR, expRange", cyclic(mode="expRange", gamma=0.97))
    yield schedule("CyclicLR, scaled by cycle", cyclic(scaleFn="stairsOfThree"))
    yield schedule("CyclicLR, scaled by step", cyclic(scaleFn="stairsOfThree", scaleMode="iterations"))
    yield schedule("CyclicLR, no momentum", cyclic(cycleMomentum=False))
    one = lambda **options: [spec("OneCycleLR", **{"maxLr": 0.1, "totalSteps": 60, **options})]
    yield schedule("OneCycleLR", one())
    yield schedule("OneCycleLR, linear", one(annealStrategy="linear", pctStart=0.5, divFactor=10, finalDivFactor=100))
    yield schedule("OneCycleLR, three phases", one(threePhase=True, maxLr=[0.1, 0.3], maxMomentum=[0.9, 0.8]), two)
    yield schedule("OneCycleLR, Adam", one(baseMomentum=0.7), optimizer="Adam")
    yield schedule("OneCycleLR, epochs", [spec("OneCycleLR", maxLr=0.1, epochs=12, stepsPerEpoch=5)])
    yield schedule("OneCycleLR, no momentum", one(cycleMomentum=False))
    warm, decay = spec("LinearLR", startFactor=0.1, totalIters=8), spec("ExponentialLR", gamma=0.9)
    sequence = lambda milestones, *schedulers: [spec("SequentialLR", schedulers=list(schedulers), milestones=milestones)]
    yield schedule("SequentialLR", sequence([8], warm, decay))
    yield schedule("SequentialLR, three", sequence([10, 30], warm, cosine_lr(tMax=20), step_lr(stepSize=5, gamma=0.5)), two)
    yield schedule("SequentialLR, of factors", sequence([20], decay, spec("MultiplicativeLR", lrLambda="line")))
    yield schedule("SequentialLR, to a constant", sequence([5, 12], decay, spec("ConstantLR", totalIters=4), lambda_lr("line")))
    chain = lambda *schedulers: [spec("ChainedScheduler", schedulers=list(schedulers))]
    yield schedule("ChainedScheduler", chain(spec("ConstantLR", factor=0.1, totalIters=2), decay))
    yield schedule("ChainedScheduler, three", chain(warm, cosine_lr(tMax=40), step_lr(stepSize=15)), two)
    swa = lambda **options: [spec("SWALR", **{"swaLr": 0.02, **options})]
    yield schedule("SWALR", swa())
    yield schedule("SWALR, linear", swa(annealStrategy="linear", annealEpochs=25, swaLr=[0.02, 0.01]), two)
    yield schedule("SWALR, at once", swa(annealEpochs=0))
    stages = dict(warmupSteps=6, stableSteps=20, decaySteps=25)
    yield schedule("WarmupStableDecay", [spec("WarmupStableDecay", **stages)])
    yield schedule("WarmupStableDecay, cosine", [spec("WarmupStableDecay", **stages, decay="cosine", minFactor=0.1)], two)
    yield schedule("WarmupStableDecay, square root", [spec("WarmupStableDecay", warmupSteps=0, stableSteps=9, decaySteps=40, decay="sqrt")])


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


def clipped():
    """Gradients of problem's step 5 after clipping; `limit` is the greatest norm, or element for kind "value"."""
    clip = torch.nn.utils
    for dtype in [torch.float64, torch.float32]:
        for kind, limit in [(1, 2), (2, 0.5), (2, 100), (3, 1), (0.5, 10), (math.inf, 0.25), ("value", 0.3), (2, 0)]:
            tensors = [start.to(dtype, copy=True).requires_grad_() for start in START]
            for tensor, grad in zip(tensors, GRADS[4]):
                tensor.grad = grad.to(dtype, copy=True)
            if kind == "value":
                total = clip.clip_grad_value_(tensors, limit)
            else:
                total = float(clip.clip_grad_norm_(tensors, limit, norm_type=kind))
            grads = flat([tensor.grad for tensor in tensors])
            name = "Infinity" if kind == math.inf else kind
            yield {"dtype": str(dtype).split(".")[1], "kind": name, "limit": limit, "total": total, "grads": grads}


def averaged():
    """Averages of a tensor's values at ten steps, by PyTorch's AveragedModel."""
    for name, function in [("swa", None), ("ema", lambda average, value, _: 0.8 * average + (1 - 0.8) * value)]:
        module = torch.nn.Linear(3, 2, bias=False).double()
        model = torch.optim.swa_utils.AveragedModel(module, avg_fn=function)
        values, averages = [], []
        for step in range(10):
            with torch.no_grad():
                module.weight.copy_(GRADS[step][0].T)
            model.update_parameters(module)
            values.append(flat([module.weight]))
            averages.append(flat([model.module.weight]))
        yield {"name": name, "values": values, "averages": averages}


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
    write("plateau", list(plateaus()))
    write("clipped", list(clipped()))
    write("averaged", list(averaged()))
