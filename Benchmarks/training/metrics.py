"""The metrics of the table, by the definitions of scikit-learn, seqeval, SciPy and SQuAD's own script."""

import re
import string
from collections import Counter

import numpy as np


def accuracy(predicted, true):
    return float(np.mean(np.asarray(predicted) == np.asarray(true)))


def f1(found, predicted, true):
    """From the numbers of matches, predictions and true items; 0 where there are none."""
    return 2 * found / (predicted + true) if predicted + true else 0.0


def classification(predicted, true):
    """Accuracy, and the mean F1 of all labels that occur."""
    predicted, true = np.asarray(predicted), np.asarray(true)
    labels = np.union1d(predicted, true)
    scores = [f1(np.sum((predicted == l) & (true == l)), np.sum(predicted == l), np.sum(true == l)) for l in labels]
    return {"accuracy": accuracy(predicted, true), "macroF1": float(np.mean(scores))}


def multi_label(predicted, true):
    """Of matrices of 0 and 1, a row for each text and a column for each label."""
    predicted, true = np.asarray(predicted, bool), np.asarray(true, bool)
    found = (predicted & true).sum(axis=0)
    columns = [f1(*counts) for counts in zip(found, predicted.sum(axis=0), true.sum(axis=0))]
    micro = f1(found.sum(), predicted.sum(), true.sum())
    return {"microF1": float(micro), "macroF1": float(np.mean(columns))}


def entities(tags):
    """The entities of a sentence as (label, first, end): like conlleval, an I- without its B- begins one."""
    found, start, label = [], None, None
    for i, tag in enumerate([*tags, "O"]):
        kind, _, name = tag.partition("-")
        if label is not None and (kind != "I" or name != label):
            found.append((label, start, i))
            label = None
        if kind != "O" and label is None:
            start, label = i, name
    return found


def entity_f1(predicted, true):
    """Of lists of tags: an entity counts if its label and both its ends are right."""
    counts = np.zeros(3, int)
    for tags, expected in zip(predicted, true):
        found, wanted = set(entities(tags)), set(entities(expected))
        counts += len(found & wanted), len(found), len(wanted)
    right, found, wanted = counts.tolist()
    precision, recall = right / max(found, 1), right / max(wanted, 1)
    return {"entityF1": f1(right, found, wanted), "precision": precision, "recall": recall}


def regression(predicted, true):
    from scipy import stats

    return {
        "spearman": float(stats.spearmanr(predicted, true).statistic),
        "pearson": float(stats.pearsonr(predicted, true).statistic),
        "meanSquaredError": float(np.mean((np.asarray(predicted) - np.asarray(true)) ** 2)),
    }


def normalized(answer):
    text = "".join(c for c in answer.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def answers(predicted, true):
    """Of texts and, for each, the true answers: the best match counts."""

    def overlap(text, answer):
        found, wanted = normalized(text), normalized(answer)
        common = sum((Counter(found) & Counter(wanted)).values())
        return float(found == wanted) if not found or not wanted else f1(common, len(found), len(wanted))

    exact = [any(normalized(t) == normalized(a) for a in options) for t, options in zip(predicted, true)]
    best = [max(overlap(t, a) for a in options) for t, options in zip(predicted, true)]
    return {"f1": float(np.mean(best)), "exactMatch": float(np.mean(exact))}
