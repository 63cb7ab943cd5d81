"""Writes packages/data/test/fixtures/{loader,sampler,random-split,options,images}.json: what PyTorch's loaders draw and give.

Run: /usr/bin/python3 tools/reference/data.py

loader, sampler: a case is {n, seed, generators, loader or sampler, length, steps, results}. The data set is 0 … n - 1,
`generators` are seeds by name, and the steps run in order after manual_seed(seed):
  rand     one number of the default stream          [name]  one number of that generator
  iter     begins a pass (the last one is left)      next    its next batch or index, null at its end
  rest     what is left of the pass                  epoch   a whole pass
random-split: {n, seed, generator, lengths, subsets (their indices), rand, own (a number of the generator)}.
images: {shape, image, resize: size or rotate: degrees, result}, by interpolate and by grid_sample, bilinear.
options: {options, accepted}: which options of a DataLoader over five samples PyTorch takes together.
"""

import itertools
import json
import pathlib
import warnings

import torch
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    DistributedSampler,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
    random_split,
)

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages/data/test/fixtures"
NAMES = {"batchSize": "batch_size", "dropLast": "drop_last", "batchSampler": "batch_sampler", "numSamples": "num_samples", "numReplicas": "num_replicas"}


def keywords(options):
    return {NAMES.get(name, name): value for name, value in options.items()}


def sampler_of(spec, data, generators):
    """A sampler from its description: a list of indices or batches, or {kind, …}."""
    if isinstance(spec, list):
        return spec
    options = {name: value for name, value in spec.items() if name != "kind"}
    if spec["kind"] == "sequential":
        return SequentialSampler(data)
    if spec["kind"] == "batch":
        return BatchSampler(sampler_of(options["sampler"], data, generators), options["batchSize"], options["dropLast"])
    if "generator" in options:
        options["generator"] = generators[options["generator"]]
    if spec["kind"] == "weighted":
        return WeightedRandomSampler(options.pop("weights"), options.pop("numSamples"), **options)
    if spec["kind"] == "subset":
        return SubsetRandomSampler(**options)
    if spec["kind"] == "distributed":
        epoch = options.pop("epoch", 0)
        sampler = DistributedSampler(data, **keywords(options))
        sampler.set_epoch(epoch)
        return sampler
    return RandomSampler(data, **keywords(options))


class Counted(IterableDataset):
    """0 ... n - 1, one after the other."""

    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(range(self.n))

    def __len__(self):
        return self.n


def loader_of(options, data, generators):
    options = dict(options)
    if options.pop("iterable", False):
        data = Counted(len(data))
    if "generator" in options:
        options["generator"] = generators[options["generator"]]
    for name in ["sampler", "batchSampler"]:
        if name in options:
            options[name] = sampler_of(options[name], data, generators)
    return DataLoader(data, **keywords(options))


def plain(item):
    return item.tolist() if isinstance(item, torch.Tensor) else item


def play(iterable, steps, generators):
    results, current = [], None
    for step in steps:
        if step == "rand":
            results.append(torch.rand(1).item())
        elif step in generators:
            results.append(torch.rand(1, generator=generators[step]).item())
        elif step == "iter":
            current = iter(iterable)
            results.append(None)
        elif step == "next":
            results.append(plain(next(current, None)))
        else:
            results.append([plain(item) for item in (current if step == "rest" else iterable)])
    return results


def case(kind, n, seed, spec, steps, seeds=None):
    data = list(range(n))
    seeds = {name: value for name, value in (seeds or {}).items() if f"'generator': '{name}'" in str(spec)}
    # After each step one number of each generator in use.
    steps = [step for step in steps for step in [step, *seeds]]
    generators = {name: torch.Generator().manual_seed(value) for name, value in seeds.items()}
    torch.manual_seed(seed)
    made = (loader_of if kind == "loader" else sampler_of)(spec, data, generators)
    results = play(made, steps, generators)
    seed = seed if seed < 2**53 else str(seed)
    return {"n": n, "seed": seed, "generators": seeds, kind: spec, "length": len(made), "steps": steps, "results": results}


EPOCHS = ["rand", "epoch", "rand", "epoch", "rand"]
BROKEN = ["rand", "iter", "rand", "next", "rand", "next", "rand", "iter", "rand", "next", "rest", "rand", "next", "epoch", "rand"]


def loaders():
    # Every combination of the plain options.
    for n, size, shuffle, drop, own in itertools.product([1, 7, 10], [1, 3, 10, None], [False, True], [False, True], [False, True]):
        if size is None and drop:
            continue
        spec = {"batchSize": size, "shuffle": shuffle, **({"dropLast": True} if drop else {}), **({"generator": "g"} if own else {})}
        yield case("loader", n, n + 3, spec, EPOCHS, {"g": 5} if own else None)
    # Passes that are left halfway; draws between the steps of a pass.
    for size, shuffle, own in itertools.product([1, 2, 4, None], [False, True], [False, True]):
        yield case("loader", 7, 11, {"batchSize": size, "shuffle": shuffle, **({"generator": "g"} if own else {})}, BROKEN, {"g": 2**40 + 1})
    # Samplers of the caller.
    samplers = [
        [4, 0, 3, 3],
        [],
        {"kind": "sequential"},
        {"kind": "random"},
        {"kind": "random", "generator": "s"},
        {"kind": "random", "generator": "g"},
        {"kind": "random", "numSamples": 5},
        {"kind": "random", "numSamples": 17, "generator": "s"},
        {"kind": "random", "replacement": True},
        {"kind": "random", "replacement": True, "numSamples": 40, "generator": "g"},
        {"kind": "random", "replacement": True, "numSamples": 70},
    ]
    for sampler, size, own in itertools.product(samplers, [1, 3, None], [False, True]):
        spec = {"sampler": sampler, "batchSize": size, **({"generator": "g"} if own else {})}
        yield case("loader", 7, 23, spec, BROKEN, {"g": 8, "s": 9})
    batches = [
        [[0, 1], [2], [6, 5, 4, 3]],
        {"kind": "batch", "sampler": {"kind": "sequential"}, "batchSize": 3, "dropLast": True},
        {"kind": "batch", "sampler": {"kind": "random"}, "batchSize": 3, "dropLast": False},
        {"kind": "batch", "sampler": {"kind": "random", "generator": "g"}, "batchSize": 4, "dropLast": True},
        {"kind": "batch", "sampler": {"kind": "random", "replacement": True, "numSamples": 35}, "batchSize": 8, "dropLast": False},
        {"kind": "batch", "sampler": [1, 3, 5], "batchSize": 2, "dropLast": False},
    ]
    for sampler, own in itertools.product(batches, [False, True]):
        spec = {"batchSampler": sampler, **({"generator": "g"} if own else {})}
        yield case("loader", 7, 31, spec, BROKEN, {"g": 6})
    # Samples that come in an order of their own.
    for n, size, drop in itertools.product([0, 7], [1, 3, 7, None], [False, True]):
        if size is None and drop:
            continue
        yield case("loader", n, 13, {"iterable": True, "batchSize": size, **({"dropLast": True} if drop else {})}, BROKEN)
    others = [
        {"kind": "weighted", "weights": [1, 2, 0, 0.5, 3, 1, 1], "numSamples": 9},
        {"kind": "weighted", "weights": [1, 2, 0, 0.5, 3, 1, 1], "numSamples": 4, "replacement": False, "generator": "s"},
        {"kind": "subset", "indices": [6, 2, 4, 0]},
        {"kind": "subset", "indices": [6, 2, 4, 0, 3], "generator": "g"},
        {"kind": "distributed", "numReplicas": 2, "rank": 1, "epoch": 3},
    ]
    for sampler, size in itertools.product(others, [1, 3, None]):
        yield case("loader", 7, 29, {"sampler": sampler, "batchSize": size, "generator": "g"}, BROKEN, {"g": 8, "s": 9})
    # The lesson's loader, and a larger one.
    for seed in [0, 1, 42, 2**63 + 5]:
        yield case("loader", 100, seed, {"batchSize": 10, "shuffle": True}, EPOCHS + ["epoch", "rand"])
    yield case("loader", 1000, 7, {"batchSize": 64, "shuffle": True}, EPOCHS)


def samplers():
    passes = ["rand", "iter", "rand", "next", "rand", "next", "epoch", "rand", "epoch", "rand"]
    for n, replacement, count, own in itertools.product([1, 5, 33], [False, True], [None, 1, 5, 32, 33, 64, 70], [False, True]):
        spec = {"kind": "random", "replacement": replacement, **({} if count is None else {"numSamples": count}), **({"generator": "g"} if own else {})}
        yield case("sampler", n, 3, spec, passes, {"g": 12} if own else None)
    weights = [[1, 1, 1], [0.1, 5, 0, 2.5, 1e-3], [7], [1 / (i + 1) for i in range(20)]]
    for given, count, replacement, own in itertools.product(weights, [1, 2, 5, 33], [None, True, False], [False, True]):
        if replacement is False and count > sum(weight > 0 for weight in given):
            continue
        spec = {"kind": "weighted", "weights": given, "numSamples": count, **({} if replacement is None else {"replacement": replacement}), **({"generator": "g"} if own else {})}
        yield case("sampler", len(given), 3, spec, passes, {"g": 12} if own else None)
    for indices, own in itertools.product([[], [4], [9, 8, 1, 1, 3], list(range(30, 50))], [False, True]):
        yield case("sampler", 50, 3, {"kind": "subset", "indices": indices, **({"generator": "g"} if own else {})}, passes, {"g": 12} if own else None)
    for n, (replicas, rank), shuffle, drop in itertools.product([1, 5, 8, 10], [(1, 0), (2, 0), (2, 1), (3, 2), (12, 0), (12, 11)], [None, False], [None, True]):
        if drop and n < replicas:
            continue
        spec = {"kind": "distributed", "numReplicas": replicas, "rank": rank, **({} if shuffle is None else {"shuffle": shuffle}), **({} if drop is None else {"dropLast": drop})}
        yield case("sampler", n, 3, spec, ["rand", "epoch", "rand", "iter", "next", "epoch", "rest", "next", "rand"])
    for seed, epoch in itertools.product([0, 1, 2**31], [0, 1, 7]):
        spec = {"kind": "distributed", "numReplicas": 2, "rank": 0, "seed": seed, "epoch": epoch}
        yield case("sampler", 9, 3, spec, ["rand", "epoch", "epoch", "rand"])
    for n in [0, 1, 6]:
        yield case("sampler", n, 3, {"kind": "sequential"}, passes)
    for count, size, drop in itertools.product([0, 1, 6, 7], [1, 2, 3, 10], [False, True]):
        yield case("sampler", 8, 3, {"kind": "batch", "sampler": list(range(count)), "batchSize": size, "dropLast": drop}, ["epoch", "iter", "next", "rest", "next"])
    # How far ahead the inner sampler is asked: with replacement it draws 32 indices at a time.
    for size, drop in itertools.product([1, 8, 31, 32, 33], [False, True]):
        inner = {"kind": "random", "replacement": True, "numSamples": 66, "generator": "g"}
        steps = ["iter", "g", "next", "g", "next", "g", "rest", "g"]
        yield case("sampler", 50, 3, {"kind": "batch", "sampler": inner, "batchSize": size, "dropLast": drop}, steps, {"g": 12})
    inner = {"kind": "random", "generator": "g"}
    yield case("sampler", 4, 3, {"kind": "batch", "sampler": inner, "batchSize": 2, "dropLast": False}, ["iter", "g", "next", "g", "next", "g", "next", "g"], {"g": 12})


def splits():
    lengths = [
        (10, [10]), (10, [3, 7]), (10, [0, 10]), (10, [10, 0, 0]), (0, []), (0, [0, 0]), (1, [1]), (1, [1, 0]), (5, [0, 1]), (13, [5, 4, 3, 1]), (100, [80, 20]),
        (10, [0.5, 0.5]), (10, [0.8, 0.2]), (10, [0.7, 0.2, 0.1]), (11, [0.3, 0.3, 0.4]), (7, [0.25, 0.25, 0.25, 0.25]), (3, [0.1] * 10), (0, [0.5, 0.5]),
        (100, [0.6, 0.3, 0.1]), (17, [0.333333333, 0.333333333, 0.333333334]), (9, [0.0, 1.0]), (30, [1 / 3, 1 / 3, 1 / 3]), (1, [0.5, 0.5]),
    ]
    for (n, parts), own in itertools.product(lengths, [False, True]):
        generator = torch.Generator().manual_seed(77)
        torch.manual_seed(19)
        subsets = random_split(list(range(n)), parts, **({"generator": generator} if own else {}))
        yield {"n": n, "seed": 19, "generator": 77 if own else None, "lengths": parts, "subsets": [s.indices for s in subsets],
               "rand": torch.rand(1).item(), "own": torch.rand(1, generator=generator).item() if own else None}


def options():
    unset = object()
    choices = {
        "batchSize": [unset, 1, 3, 10, None, 0, -1, 2.5],
        "shuffle": [unset, False, True],
        "sampler": [unset, [0, 2]],
        "batchSampler": [unset, [[0, 2], [1]]],
        "dropLast": [unset, False, True],
    }
    for chosen in itertools.product(*choices.values()):
        given = {name: value for name, value in zip(choices, chosen) if value is not unset}
        try:
            DataLoader(list(range(5)), **keywords(given))
            accepted = True
        except ValueError:
            accepted = False
        yield {"options": given, "accepted": accepted}


def images():
    torch.manual_seed(4)
    for shape, size in [((1, 4, 5), (8, 10)), ((3, 6, 4), (3, 3)), ((1, 5, 5), (5, 5)), ((2, 3, 7), (7, 4)), ((1, 1, 1), (2, 3))]:
        image = torch.rand(shape)
        result = torch.nn.functional.interpolate(image[None], size, mode="bilinear", align_corners=False)[0]
        yield {"shape": shape, "image": image.flatten().tolist(), "resize": size, "result": result.flatten().tolist()}
    for shape, degrees in [((1, 5, 5), 30), ((2, 4, 7), -50), ((1, 6, 3), 90), ((1, 4, 4), 180)]:
        image = torch.rand(shape)
        height, width = shape[1:]
        # Counterclockwise, rows count downwards: the place in the old image is turned clockwise as seen, in pixels.
        angle = torch.tensor(degrees * torch.pi / 180, dtype=torch.float64)
        rows, columns = torch.meshgrid(torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2, indexing="ij")
        x = columns * angle.cos() - rows * angle.sin()
        y = columns * angle.sin() + rows * angle.cos()
        grid = torch.stack([2 * x / width, 2 * y / height], -1)[None].double()
        result = torch.nn.functional.grid_sample(image[None].double(), grid, mode="bilinear", padding_mode="zeros", align_corners=False)[0]
        yield {"shape": shape, "image": image.flatten().tolist(), "rotate": degrees, "result": result.flatten().tolist()}


def main():
    warnings.simplefilter("ignore")  # of empty splits
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, rows in [("loader", loaders()), ("sampler", samplers()), ("random-split", splits()), ("options", options()), ("images", images())]:
        lines = [json.dumps(row, separators=(",", ":"), allow_nan=False) for row in rows]
        target = FOLDER / f"{name}.json"
        target.write_text("[\n" + ",\n".join(lines) + "\n]\n")
        print(f"{name}: {len(lines)} cases, {target.stat().st_size} bytes")


main()
