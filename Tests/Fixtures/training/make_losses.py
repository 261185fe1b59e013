"""Writes losses.json: losses and gradients by torch and sentence-transformers, in float64.

    python make_losses.py

Inputs are float32 numbers. Values that torch does not define, as the mean over no row, are left out;
the tests state them.
"""

import json
from pathlib import Path

import numpy as np
import sentence_transformers
import torch
import torch.nn.functional as F
from sentence_transformers.sentence_transformer import losses

random = np.random.default_rng(19)
cases = []


def numbers(*shape, scale=2.0):
    return random.normal(0, scale, shape).round(3).astype(np.float32)


def rounded(values, digits=8):
    return [float(f"{v:.{digits}g}") for v in np.asarray(values, np.float64).ravel()]


def short(values):
    """Inputs have three decimals, so the shortest text of their float32 is exact."""
    return [int(v) if v == int(v) else round(float(v), 3) for v in values.ravel()]


def add(kind, function, outputs, **fields):
    x = torch.tensor(outputs, dtype=torch.float64, requires_grad=True)
    loss = function(x)
    loss.backward()
    fields = {k: short(v) if isinstance(v, np.ndarray) else v for k, v in fields.items()}
    cases.append(dict(kind=kind, columns=outputs.shape[1], outputs=short(outputs), **fields,
                      loss=loss.item(), gradient=rounded(x.grad)))


def double(values):
    return torch.tensor(values, dtype=torch.float64)


def cross_entropies():
    weights = np.array([0.5, 2, 1, 0, 3.25], np.float32)
    targets = np.array([4, -100, 0, 3, 2, -100, 1])
    shapes = [(numbers(7, 5), targets)]
    extreme = np.array([[1e4, -1e4, 0, 1, 2], [-1e4, -1e4, -1e4, -1e4, -1e4], [1e4, 1e4, 1e4, 9999, 0]], np.float32)
    shapes.append((extreme, np.array([1, 3, 4])))
    for logits, targets in shapes:
        classes = logits.shape[1]
        for smoothing in (0.0, 0.1):
            for w in (None, np.resize(weights, classes)):
                add("cross-entropy", lambda x: F.cross_entropy(
                    x, torch.tensor(targets), None if w is None else double(w), label_smoothing=smoothing),
                    logits, classes=targets, weights=w, parameter=smoothing)
    wide, targets = numbers(2, 260), np.array([259, 7])
    add("cross-entropy", lambda x: F.cross_entropy(x, torch.tensor(targets), label_smoothing=0.1), wide,
        classes=targets, parameter=0.1)


def binary_cross_entropies():
    logits = numbers(4, 6)
    logits[0, :4] = [1e4, -1e4, 1e4, -1e4]
    targets = (random.random((4, 6)) < 0.4).astype(np.float32)
    targets[0, :4] = [0, 1, 1, 0]
    targets[3, 5] = 0.25
    for weights in (None, np.array([1, 2.5, 0.5, 7, 1, 3], np.float32)):
        add("binary", lambda x: F.binary_cross_entropy_with_logits(
            x, double(targets), pos_weight=None if weights is None else double(weights)),
            logits, targets=targets, weights=weights)


def squared_errors():
    for columns in (1, 3):
        targets = numbers(5, columns)
        add("squared-error", lambda x: F.mse_loss(x, double(targets)), numbers(5, columns), targets=targets)


def spans():
    lengths = [5, 1, 7, 4]
    for starts, ends in (([0, 0, 6, 2], [4, 0, 6, 3]), ([5, 0, 3, 9], [2, 1, 7, 4]), ([-1, 1, 2, 4], [3, 1, 7, 4])):
        def loss(x):
            sums = []
            for column, positions in ((0, starts), (1, ends)):
                parts = zip(x.split(lengths), positions, lengths)
                terms = [F.cross_entropy(rows[None, :, column], torch.tensor([max(0, p)]))
                         for rows, p, length in parts if p < length]
                sums.append(torch.stack(terms).mean())
            return (sums[0] + sums[1]) / 2
        add("span", loss, numbers(sum(lengths), 2), lengths=lengths, starts=starts, ends=ends)


def distillations():
    for classes, temperature in ((3, 1.0), (5, 2.0), (260, 2.0)):
        teacher = numbers(4 if classes < 100 else 1, classes)
        student = numbers(*teacher.shape)
        add("distillation", lambda x: temperature**2 * F.kl_div(
            F.log_softmax(x / temperature, -1), F.softmax(double(teacher) / temperature, -1), reduction="batchmean"),
            student, targets=teacher, parameter=temperature)
    teacher = numbers(4, 11)
    add("hidden-cosine", lambda x: F.cosine_embedding_loss(x, double(teacher), torch.ones(4)), numbers(4, 11),
        targets=teacher)


def embeddings():
    def columns(x, count):
        return [x[i::count] for i in range(count)]

    for texts in (2, 3, 4):
        loss = losses.MultipleNegativesRankingLoss(None)
        add("ranking", lambda x: loss.compute_loss_from_embeddings(columns(x, texts), None),
            numbers(4 * texts, 9), texts=texts)
    scores = np.array([0.2, 1, 0.6, 0.2, 0], np.float32)
    for kind, loss in (("cosine-similarity", losses.CosineSimilarityLoss(None)), ("cosent", losses.CoSENTLoss(None))):
        add(kind, lambda x: loss.compute_loss_from_embeddings(columns(x, 2), torch.tensor(scores)),
            numbers(10, 9), targets=scores)
    triplets = numbers(12, 9)
    triplets[2] = triplets[0] + 100  # beyond the margin: no loss
    loss = losses.TripletLoss(None)
    add("triplet", lambda x: loss.compute_loss_from_embeddings(columns(x, 3), None), triplets)


for part in (cross_entropies, binary_cross_entropies, squared_errors, spans, distillations, embeddings):
    part()
versions = dict(torch=torch.__version__, sentence_transformers=sentence_transformers.__version__)
text = json.dumps(dict(versions=versions, cases=cases), separators=(",", ":"))
Path(__file__).with_name("losses.json").write_text(text.replace('{"kind"', '\n{"kind"') + "\n")
