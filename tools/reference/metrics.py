"""Writes packages/nn/test/fixtures/metrics.json: what metrics of given batches come to.

Run: /usr/bin/python3 tools/reference/metrics.py
Debian has neither scikit-learn nor torcheval: their definitions are written here in NumPy, sample by sample where that is
plainest, in float64.
"""

import numpy as np

from nn import plain, write

rng = np.random.RandomState(5)


def values(x, dtype):
    x = np.asarray(x)
    return {"shape": list(x.shape), "dtype": dtype, "data": [plain(v) for v in x.reshape(-1).tolist()]}


def floats(*shape):
    return np.round(rng.randn(*shape) * 8) / 16  # with ties


def labels(classes, *shape, ignore=None):
    x = rng.randint(0, classes, shape)
    if ignore is not None:
        x[rng.rand(*shape) < 0.2] = ignore
    return x


def predicted_of(scores, target, threshold):
    """Labels and targets, flat."""
    if scores.ndim == target.ndim + 1:
        return np.argmax(scores, axis=1).reshape(-1)
    if scores.dtype.kind == "f":
        return (scores > threshold).astype(int).reshape(-1)
    return scores.reshape(-1)


def matrix_of(scores, target, classes, options):
    predicted = predicted_of(scores, target, options.get("threshold", 0.5))
    matrix = np.zeros((classes, classes), dtype=int)
    for p, t in zip(predicted, target.reshape(-1)):
        if t != options.get("ignoreIndex", -100):
            matrix[t, p] += 1
    return matrix


def over(a, b, otherwise):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return np.where(b == 0, otherwise, a / np.where(b == 0, 1, b))


def accuracy(matrix, options):
    hits, actual = np.diag(matrix), matrix.sum(1)
    average = options.get("average", "micro")
    if average in ("micro", "weighted"):
        return over(hits.sum(), actual.sum(), np.nan)
    shares = over(hits, actual, np.nan)
    return shares if average == "none" else np.nanmean(shares) if actual.any() else np.nan


def scores_of(matrix, options):
    hits, said, there = np.diag(matrix), matrix.sum(0), matrix.sum(1)
    average = options.get("average", "binary" if len(matrix) == 2 else "macro")
    zero = options.get("zeroDivision", 0)
    if average == "micro":
        hits, said, there = hits.sum(), said.sum(), there.sum()
    elif average == "binary":
        hits, said, there = hits[1], said[1], there[1]
    out = [over(hits, said, zero), over(hits, there, zero), over(2 * hits, said + there, zero)]
    if average == "macro":
        out = [x[(said + there) > 0].mean() for x in out]
    if average == "weighted":
        out = [(x * there).sum() / there.sum() for x in out]
    return out


def normalized(matrix, options):
    form = options.get("normalize", "none")
    if form == "none":
        return matrix
    sums = {"true": matrix.sum(1, keepdims=True), "pred": matrix.sum(0), "all": matrix.sum()}
    return over(matrix, sums[form], 0)


def top_k(scores, target, options):
    k, ignore = options.get("k", 5), options.get("ignoreIndex", -100)
    moved = np.moveaxis(scores, 1, -1).reshape(-1, scores.shape[1])
    found = [t in np.argsort(-row, kind="stable")[:k] for row, t in zip(moved, target.reshape(-1)) if t != ignore]
    return np.mean(found) if found else np.nan


def r2(prediction, target, options):
    y, p = target.reshape(len(target), -1), prediction.reshape(len(target), -1)
    if len(y) < 2 + options.get("numRegressors", 0):
        return np.nan
    residual, spread = ((y - p) ** 2).sum(0), ((y - y.mean(0)) ** 2).sum(0)
    each = np.where(spread == 0, np.where(residual == 0, 1.0, 0.0), 1 - over(residual, spread, 0))
    form = options.get("multioutput", "uniformAverage")
    score = each if form == "rawValues" else each.mean()
    if form == "varianceWeighted":
        score = (each * spread).sum() / spread.sum()
    p, n = options.get("numRegressors", 0), len(y)
    return 1 - (1 - score) * (n - 1) / (n - p - 1) if p else score


def batches(classes, ignore):
    """Inputs and targets of all kinds that metrics of classes take."""
    yield floats(23, classes), labels(classes, 23, ignore=ignore)
    yield floats(5, classes, 2, 3), labels(classes, 5, 2, 3, ignore=ignore)
    yield labels(classes, 31), labels(classes, 31, ignore=ignore)
    yield labels(max(2, classes - 2), 12), labels(max(2, classes - 1), 12, ignore=ignore)  # classes that never come
    if classes == 2:
        yield floats(17), labels(2, 17, ignore=ignore)
        yield floats(4, 5), labels(2, 4, 5, ignore=ignore)


def main():
    rows = []

    def row(name, scores, target, options, expected):
        dtype = "float32" if scores.dtype.kind == "f" else "int32"
        batch = {"input": values(scores, dtype), "target": values(target, "float32" if target.dtype.kind == "f" else "int32")}
        if not rows or rows[-1]["batch"] != batch:
            rows.append({"batch": batch, "calls": []})
        rows[-1]["calls"].append({"metric": name, "options": options, "expected": [values(x, kind) for x, kind in expected]})

    for classes in (2, 3, 6):
        for ignore in (None, -1):
            for scores, target in batches(classes, ignore):
                base = {} if scores.ndim == target.ndim + 1 or scores.dtype.kind == "f" else {"numClasses": classes}
                if ignore is not None:
                    base["ignoreIndex"] = ignore
                if scores.dtype.kind == "f" and scores.ndim == target.ndim:
                    base["threshold"] = 0.125
                matrix = matrix_of(scores, target, classes, base)
                for more in ({}, {"average": "macro"}, {"average": "weighted"}, {"average": "none"}):
                    options = {**base, **more}
                    row("accuracy", scores, target, options, [(accuracy(matrix, options), "float32")])
                for more in ({}, {"normalize": "true"}, {"normalize": "pred"}, {"normalize": "all"}):
                    options = {**base, **more}
                    kind = "float32" if more else "int32"
                    row("confusionMatrix", scores, target, options, [(normalized(matrix, options), kind)])
                for more in ({}, {"average": "micro"}, {"average": "macro"}, {"average": "weighted"}, {"average": "none"}, {"average": "macro", "zeroDivision": 1}):
                    options = {**base, **more}
                    row("precisionRecallF1", scores, target, options, [*((x, "float32") for x in scores_of(matrix, options)), (matrix.sum(1), "int32")])
                if scores.ndim == target.ndim + 1:
                    for k in (1, 2, 5):
                        options = {"k": k, **({} if ignore is None else {"ignoreIndex": ignore})}
                        row("topKAccuracy", scores, target, options, [(top_k(scores, target, options), "float32")])
    for shape in ((9,), (1,), (12, 3)):
        prediction, target = floats(*shape), floats(*shape)
        constant = target.copy()
        constant[..., -1:] = 0.5
        for y in (target, target + 4096, constant, prediction):
            for more in ({}, {"multioutput": "varianceWeighted"}, {"multioutput": "rawValues"}, {"numRegressors": 2}):
                if more.get("multioutput") == "varianceWeighted" and (y.reshape(len(y), -1).var(0) == 0).all():
                    continue
                score = r2(prediction, y, more)
                if np.ndim(score) == 0 and more.get("multioutput") == "rawValues":
                    score = np.full(1 if len(shape) == 1 else shape[1], score)
                row("r2Score", prediction, y, more, [(score, "float32")])
    for shape in ((), (7,), (3, 4)):
        value, weight = floats(*shape) if shape else np.float64(1.5), np.abs(floats(*shape[-1:])) + 0.25 if shape else np.float64(2)
        wide = np.broadcast_to(weight, value.shape)
        row("meanMetric", np.asarray(value), np.asarray(weight), {}, [((value * wide).sum() / wide.sum(), "float32")])
    write("metrics", rows)


main()
