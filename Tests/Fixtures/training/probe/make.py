"""Writes golden.json: linear models of scikit-learn and temperatures of PyTorch.

    python make.py

Features and targets come from the generator below, which ProbeData.swift repeats, so that the file holds
results only.
"""

import json
import platform
from pathlib import Path

import numpy as np
import sklearn
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier

OPTIONS = {"tol": 1e-8, "max_iter": 100_000}


class Numbers:
    """Park and Miller's generator, as float32 numbers between -1 and 1."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = self.state * 48271 % 2147483647
        return np.float32(self.state / 2147483647 * 2 - 1)

    def matrix(self, rows, columns):
        return np.array([[self.next() for _ in range(columns)] for _ in range(rows)], dtype=np.float32)


def data(seed, rows, columns, outputs):
    """Features, and the scores of `outputs` linear functions of the first eight with noise."""
    numbers = Numbers(seed)
    x = numbers.matrix(rows, columns)
    scores = np.zeros((rows, outputs))
    for row in range(rows):
        for output in range(outputs):
            total = 0.0
            for column in range(8):
                total += float(x[row, column]) * ((column * (output + 3)) % 5 - 2) / 2
            scores[row, output] = total + float(numbers.next()) * 0.8 + 0.3 * (output == 0)
    return x, scores


def rounded(values, digits=7):
    return [float(f"{value:.{digits}g}") for value in np.asarray(values, dtype=np.float64).ravel()]


def fitted(model, x, probabilities):
    return {
        "weights": rounded(model.coef_),
        "intercepts": rounded(np.atleast_1d(model.intercept_)),
        "probabilities": rounded(probabilities[:12]),
    }


def linear():
    cases = {}
    x, scores = data(11, 200, 10, 1)
    labels = (scores[:, 0] > 0).astype(int)
    model = LogisticRegression(C=1.0, **OPTIONS).fit(x.astype(np.float64), labels)
    cases["binary"] = fitted(model, x, model.predict_proba(x))
    x, scores = data(12, 300, 33, 5)
    labels = scores.argmax(1)
    model = LogisticRegression(C=1.0, class_weight="balanced", **OPTIONS).fit(x.astype(np.float64), labels)
    cases["balanced"] = fitted(model, x, model.predict_proba(x))
    x, scores = data(13, 500, 384, 3)
    labels = scores.argmax(1)
    model = LogisticRegression(C=1.0, **OPTIONS).fit(x.astype(np.float64), labels)
    cases["wide"] = fitted(model, x, model.predict_proba(x))
    x, scores = data(14, 150, 12, 4)
    model = OneVsRestClassifier(LogisticRegression(C=2.0, **OPTIONS)).fit(x.astype(np.float64), scores > 0.4)
    cases["multiLabel"] = {
        "weights": rounded([e.coef_ for e in model.estimators_]),
        "intercepts": rounded([e.intercept_ for e in model.estimators_]),
        "probabilities": rounded(model.predict_proba(x)[:12]),
    }
    x, scores = data(15, 201, 16, 2)
    model = Ridge(alpha=0.5).fit(x.astype(np.float64), scores.astype(np.float32))
    cases["ridge"] = fitted(model, x, model.predict(x))
    return cases


def temperature(logits, labels, classes, **options):
    """The minimum that temperature_scaling.py of Guo et al. looks for: LBFGS on the loss of the logits, from 1.5.

    Its own options, lr 0.01 and 50 iterations, end before the minimum (at 1.76 instead of 2.87 for "sharp").
    """
    parameter = torch.nn.Parameter(torch.ones(1, dtype=torch.float64) * 1.5)
    optimizer = torch.optim.LBFGS([parameter], **options)
    loss = torch.nn.CrossEntropyLoss() if classes else torch.nn.BCEWithLogitsLoss()

    def closure():
        optimizer.zero_grad()
        value = loss(logits / parameter, labels)
        value.backward()
        return value

    optimizer.step(closure)
    return parameter.item()


def temperatures():
    exact = {"lr": 1.0, "max_iter": 500, "line_search_fn": "strong_wolfe", "tolerance_grad": 1e-12, "tolerance_change": 0}
    cases = {}
    for name, seed, rows, classes, scale in [("sharp", 21, 400, 3, 6.0), ("flat", 22, 300, 5, 0.7)]:
        x, scores = data(seed, rows, 8, classes)
        numbers = Numbers(seed + 100)
        noise = np.array([[float(numbers.next()) for _ in range(classes)] for _ in range(rows)])
        logits = torch.tensor((scores * scale).astype(np.float32)).double()
        labels = torch.tensor((scores + noise).argmax(1))
        cases[name] = temperature(logits, labels, True, **exact)
    x, scores = data(23, 300, 8, 2)
    numbers = Numbers(123)
    noise = np.array([[float(numbers.next()) for _ in range(2)] for _ in range(300)])
    logits = torch.tensor((scores * 4).astype(np.float32)).double()
    cases["sigmoid"] = temperature(logits, torch.tensor((scores + noise > 0).astype(float)), False, **exact)
    return cases


def main():
    golden = {
        "versions": {"python": platform.python_version(), "scikit-learn": sklearn.__version__, "torch": torch.__version__},
        "models": linear(),
        "temperatures": temperatures(),
    }
    (Path(__file__).parent / "golden.json").write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
