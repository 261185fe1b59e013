"""Writes golden.json: the label issues that cleanlab finds in random probabilities, and in SST-2 dev with
5 % of its labels flipped, by the bundled model's logits. Prints how many flips each filter finds.

    pip install cleanlab==2.9.0
    python make.py path/to/SST-2/dev.tsv
"""

import json
import sys
import warnings
from importlib import metadata
from pathlib import Path

import numpy as np
from cleanlab.filter import find_label_issues

warnings.filterwarnings("ignore")
FOLDER = Path(__file__).parent
FILTERS = ["prune_by_noise_rate", "prune_by_class", "both", "confident_learning", "predicted_neq_given"]
RANKINGS = ["self_confidence", "normalized_margin"]
random = np.random.default_rng(7)


def softmax(logits):
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def issues(probabilities, labels):
    """By filter and ranking; the probabilities are those that float32 holds."""
    exact = probabilities.astype(np.float32).astype(np.float64)
    return {
        name: {
            ranking: find_label_issues(
                labels, exact, filter_by=name, return_indices_ranked_by=ranking, n_jobs=1).tolist()
            for ranking in RANKINGS
        } for name in FILTERS
    }


def case(name, rows, classes, sharpness, noise, counts=None):
    """Random probabilities of rows of which a share has another label than the one they were drawn for."""
    truth = random.choice(classes, rows, p=counts)
    logits = random.normal(size=(rows, classes)) + sharpness * np.eye(classes)[truth]
    labels = np.where(random.random(rows) < noise, random.integers(classes, size=rows), truth)
    probabilities = np.round(softmax(logits), 5)
    return {"name": name, "labelCount": classes, "labels": labels.tolist(),
            "probabilities": probabilities.ravel().tolist(), "issues": issues(probabilities, labels)}


def sst2(path):
    rows = json.loads((FOLDER / "../../sentiment/golden.json").read_text())["sst2"]
    logits = np.array([row["logits"] for row in rows])
    truth = np.array([int(line.split("\t")[0]) for line in Path(path).read_text().splitlines()[1:]])
    assert (logits.argmax(1) == truth).sum() == 778
    flipped = np.sort(random.choice(len(truth), round(0.05 * len(truth)), replace=False))
    labels = truth.copy()
    labels[flipped] = 1 - labels[flipped]
    found = issues(softmax(logits), labels)
    for name in FILTERS:
        hits = len(set(found[name][RANKINGS[0]]) & set(flipped.tolist()))
        count = len(found[name][RANKINGS[0]])
        print(f"{name}: {hits} of {len(flipped)} flips among {count} issues: recall"
              f" {hits / len(flipped):.3f}, precision {hits / count:.3f}")
    return {"labels": "".join(map(str, labels)), "flipped": flipped.tolist(), "issues": found}


golden = {
    "versions": {name: metadata.version(name) for name in ["cleanlab", "numpy", "scikit-learn"]},
    "cases": [
        case("two labels", 150, 2, 2, 0.2),
        case("three labels", 120, 3, 1.5, 0.3),
        case("noise alone", 60, 4, 0, 0),
        case("six labels", 90, 6, 3, 0.15),
        case("rare labels", 90, 4, 2, 0.1, [0.6, 0.36, 0.02, 0.02]),
        case("a label without rows", 60, 3, 2, 0, [0.5, 0.5, 0]),
        case("twelve labels", 120, 12, 4, 0.2),
    ],
    "sst2": sst2(sys.argv[1]),
}
text = json.dumps(golden, separators=(",", ":")).replace('{"name"', '\n{"name"')
(FOLDER / "golden.json").write_text(text + "\n")
