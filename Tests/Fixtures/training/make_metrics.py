"""Writes metrics.json: metrics by scikit-learn, scipy and seqeval on random predictions.

    python make_metrics.py
"""

import json
import re
import string
import warnings
from collections import Counter
from importlib import metadata
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy import stats
from seqeval import metrics as entities
from seqeval.metrics.sequence_labeling import precision_recall_fscore_support
from seqeval.scheme import IOB2
from sklearn import metrics

warnings.filterwarnings("ignore")
random = np.random.default_rng(19)


def short(values):
    """Inputs have three decimals, so the shortest text of their float32 is exact."""
    return [round(float(v), 3) for v in values.ravel()]


def softmax(logits):
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def calibration_error(probabilities, truth):
    """As temperature_scaling computes it: 15 bins (low, high]."""
    confidences, hits = probabilities.max(1), probabilities.argmax(1) == truth
    edges = np.linspace(0, 1, 16)
    error = 0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidences > low) & (confidences <= high)
        if inside.any():
            error += abs(confidences[inside].mean() - hits[inside].mean()) * inside.mean()
    return error


def classification():
    cases = []
    # The last case has a class without a row and without a prediction.
    for classes, rows, seen in ((2, 40, 2), (4, 90, 4), (5, 30, 3)):
        truth = random.integers(0, seen, rows)
        logits = random.normal(0, 1.5, (rows, classes))
        logits[np.arange(rows), truth] += 1
        logits[:, seen + 1:] = -20
        logits = logits.round(3).astype(np.float32)
        p = softmax(logits.astype(np.float64))
        predicted = logits.argmax(1)
        interval = stats.binomtest(int((predicted == truth).sum()), rows).proportion_ci(method="wilson")
        every = list(range(classes))
        precision, recall, f1, support = metrics.precision_recall_fscore_support(
            truth, predicted, labels=every, zero_division=0)
        cases.append(dict(
            classes=classes, logits=short(logits), truth=truth.tolist(),
            accuracy=metrics.accuracy_score(truth, predicted), interval=[interval.low, interval.high],
            macroF1=metrics.f1_score(truth, predicted, average="macro"),
            microF1=metrics.f1_score(truth, predicted, average="micro"),
            weightedF1=metrics.f1_score(truth, predicted, average="weighted"),
            precision=precision.tolist(), recall=recall.tolist(), f1=f1.tolist(), support=support.tolist(),
            confusion=metrics.confusion_matrix(truth, predicted, labels=every).tolist(),
            logLoss=metrics.log_loss(truth, p, labels=every), calibrationError=calibration_error(p, truth),
            brierScore=float(((p - np.eye(classes)[truth]) ** 2).sum(1).mean())))
    return cases


def multi_label():
    truth = (random.random((40, 4)) < [0.5, 0.2, 0.05, 0.3]).astype(int)
    truth[:, 2] = 0
    logits = np.round(random.normal(0, 1.5, (40, 4)) + truth, 1).astype(np.float32)  # with ties
    predicted = (logits > 0).astype(int)
    average = [metrics.average_precision_score(truth[:, i], logits[:, i]) for i in range(4)]
    p = 1 / (1 + np.exp(-logits.astype(np.float64)))
    return dict(
        labels=4, logits=short(logits), truth=truth.ravel().tolist(),
        microF1=metrics.f1_score(truth, predicted, average="micro", zero_division=0),
        macroF1=metrics.f1_score(truth, predicted, average="macro", zero_division=0),
        subsetAccuracy=metrics.accuracy_score(truth, predicted),
        averagePrecisions=[None if i == 2 else average[i] for i in range(4)],
        logLoss=float(-(truth * np.log(p) + (1 - truth) * np.log(1 - p)).mean()))


def regression():
    target = np.round(random.uniform(0, 5, 60), 1)
    predicted = np.round(target + random.normal(0, 1, 60), 1)  # with ties
    return dict(
        predicted=predicted.tolist(), target=target.tolist(),
        mse=metrics.mean_squared_error(target, predicted), mae=metrics.mean_absolute_error(target, predicted),
        pearson=stats.pearsonr(predicted, target).statistic, spearman=stats.spearmanr(predicted, target).statistic)


def tokens():
    cases = []
    schemes = dict(
        iob2=["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-GPE-X", "I-GPE-X"],
        iobes=["O", "B-PER", "I-PER", "E-PER", "S-PER", "B-LOC", "I-LOC", "E-LOC", "S-LOC"])
    for name, labels in schemes.items():
        truth, predicted = [], []
        for length in random.integers(1, 9, 40):
            line = random.integers(0, len(labels), length)
            noise = random.integers(0, len(labels), length)
            truth.append(line.tolist())
            predicted.append(np.where(random.random(length) < 0.7, line, noise).tolist())
        t = [[labels[i] for i in line] for line in truth]
        p = [[labels[i] for i in line] for line in predicted]
        for mode in ("lenient", "strict") if name == "iob2" else ("lenient",):
            options = dict(mode="strict", scheme=IOB2) if mode == "strict" else {}
            kinds = precision_recall_fscore_support(t, p, average=None, zero_division=0) \
                if mode == "lenient" else None
            cases.append(dict(
                labels=labels, mode=mode, truth=truth, predicted=predicted,
                precision=entities.precision_score(t, p, zero_division=0, **options),
                recall=entities.recall_score(t, p, zero_division=0, **options),
                f1=entities.f1_score(t, p, zero_division=0, **options),
                macroF1=entities.f1_score(t, p, average="macro", zero_division=0, **options),
                accuracy=entities.accuracy_score(t, p), support=kinds and kinds[3].tolist()))
    return cases


def normalized(text):
    """normalize_answer of SQuAD's evaluation script."""
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def overlap(prediction, truth, version):
    prediction, truth = normalized(prediction).split(), normalized(truth).split()
    if version == 2 and not (prediction and truth):
        return int(prediction == truth)
    common = sum((Counter(prediction) & Counter(truth)).values())
    return 2 * common / (len(prediction) + len(truth)) if common else 0


def answers():
    questions = [
        ("The Normans", ["Normans", "the Norman people"]), ("in the 10th  century", ["10th century", "10th"]),
        ("U.S.A.", ["USA"]), ("a", ["the"]), ("", ["the"]), ("Denmark, Iceland and Norway", ["Norway, Denmark and Iceland"]),
        ("the the cat", ["cat cat"]), ("caf\u00e9\u2013the bar", ["caf\u00e9\u2013 bar"]), ("\u00c9COLE", ["\u00e9cole"]),
        ("an_apple", ["apple"]), ("x\u00a0y\u2003z", ["x y z"]), ("a\u0301 b", ["b"]), ("\u2460 the \u4e00", ["\u2460 \u4e00"]),
        ("nothing", ["else"]), ("$5,000", ["5000"])]
    unanswerable = [("", []), ("the", []), ("some", [])]
    cases = []
    for version, rows in ((1, questions), (2, questions + unanswerable)):
        exact, overlaps = [], []
        for prediction, truths in rows:
            if version == 2:
                truths = [t for t in truths if normalized(t)] or [""]
            exact.append(max(int(normalized(prediction) == normalized(t)) for t in truths))
            overlaps.append(max(overlap(prediction, t, version) for t in truths))
        cases.append(dict(version=version, predictions=[p for p, _ in rows], answers=[t for _, t in rows],
                          exact=exact, overlaps=overlaps))
    return cases


def plain(value):
    return value.item() if hasattr(value, "item") else str(value)


versions = dict(sklearn=sklearn.__version__, scipy=scipy.__version__, seqeval=metadata.version("seqeval"))
result = dict(versions=versions, classification=classification(), multiLabel=multi_label(), regression=regression(),
              tokens=tokens(), answers=answers())
text = json.dumps(result, separators=(",", ":"), default=plain)
Path(__file__).with_name("metrics.json").write_text(text + "\n")
