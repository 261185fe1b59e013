"""Writes losses.json: losses of torch and sentence-transformers, with their gradients, in float64.

    python make_losses.py

The inputs are float32 numbers, widened. README.md describes the file.
"""

import json
import os
import platform
import zlib
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import numpy as np
import sentence_transformers
import torch
import torch.nn.functional as F
import transformers
from sentence_transformers.sentence_transformer import losses
from transformers.trainer_pt_utils import LabelSmoother

torch.set_num_threads(1)
HERE = Path(__file__).resolve().parent
VERSIONS = {
    "python": platform.python_version(),
    "torch": torch.__version__.split("+")[0],
    "transformers": transformers.__version__,
    "sentence-transformers": sentence_transformers.__version__,
    "numpy": np.__version__,
}


def draw(name: str, *shape: int, scale: float = 2) -> torch.Tensor:
    random = np.random.default_rng(zlib.crc32(name.encode()))
    return torch.from_numpy(np.round(random.normal(0, scale, shape), 3).astype(np.float32)).double()


def short(tensor: torch.Tensor):
    """Drawn numbers as they were rounded, so that reading them as float32 gives the same."""
    values = np.round(tensor.detach().numpy(), 3)
    return values.tolist()


def case(name: str, loss: str, function, inputs: dict[str, torch.Tensor], **options) -> dict:
    """The value of a function of some inputs and its gradients by each of them."""
    inputs = {key: value.clone().requires_grad_() for key, value in inputs.items()}
    value = function(**inputs)
    value.backward()
    given = {key: short(tensor) for key, tensor in inputs.items()}
    gradients = {key: tensor.grad.tolist() for key, tensor in inputs.items()}
    return {"name": name, "loss": loss, **options, "inputs": given, "value": value.item(), "gradients": gradients}


def cross_entropy():
    labels = [2, 0, -100, 4, 2, 1]
    weights = [0.5, 2.0, 1.25, 1.0, 0.25]
    for name, options in {
        "one label": {},
        "class weights": {"classWeights": weights},
        "label smoothing": {"labelSmoothing": 0.1},
        "class weights and label smoothing": {"classWeights": weights, "labelSmoothing": 0.1},
    }.items():
        weight = torch.tensor(options["classWeights"]).double() if "classWeights" in options else None
        smoothing = options.get("labelSmoothing", 0.0)
        function = lambda logits: F.cross_entropy(
            logits, torch.tensor(labels), weight=weight, label_smoothing=smoothing, ignore_index=-100
        )
        yield case(name, "crossEntropy", function, {"logits": draw(name, 6, 5)}, labels=labels, **options)
    logits = draw("label smoothing", 6, 5)
    own = LabelSmoother(epsilon=0.1)({"logits": logits}, torch.tensor(labels))
    torchs = F.cross_entropy(logits, torch.tensor(labels), label_smoothing=0.1, ignore_index=-100)
    assert torch.isclose(own, torchs, rtol=1e-12), "Trainer's smoothing is torch's"
    large = torch.tensor([[90.0, -90.0, 0.0], [-1000.0, 1000.0, 3.0]]).double()
    function = lambda logits: F.cross_entropy(logits, torch.tensor([1, 1]))
    yield case("large logits", "crossEntropy", function, {"logits": large}, labels=[1, 1])


def binary_cross_entropy():
    labels = [[1, 0, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]]
    targets = torch.tensor(labels).double()
    weights = [1.0, 3.5, 0.25, 8.0]
    for name, options in {"several labels": {}, "positive weights": {"positiveWeights": weights}}.items():
        weight = torch.tensor(options["positiveWeights"]).double() if options else None
        function = lambda logits: F.binary_cross_entropy_with_logits(logits, targets, pos_weight=weight)
        yield case(name, "binaryCrossEntropy", function, {"logits": draw(name, 3, 4)}, labels=labels, **options)
    large = torch.tensor([[95.0, -95.0], [-95.0, 95.0]]).double()
    function = lambda logits: F.binary_cross_entropy_with_logits(logits, torch.eye(2).double())
    yield case("large logits", "binaryCrossEntropy", function, {"logits": large}, labels=[[1, 0], [0, 1]])


def squared_error():
    for columns in (1, 3):
        values = draw(f"values {columns}", 4, columns)
        function = lambda outputs: F.mse_loss(outputs, values)
        inputs = {"outputs": draw(f"outputs {columns}", 4, columns)}
        yield case(f"{columns} outputs", "squaredError", function, inputs, values=short(values))


def distillation():
    """T² · KL(teacher ‖ student), the mean over rows, and the cosine of rows."""
    for temperature in (1.0, 2.0, 4.0):
        teacher = draw("teacher", 4, 5)
        function = lambda logits: temperature**2 * F.kl_div(
            F.log_softmax(logits / temperature, dim=-1),
            F.softmax(teacher / temperature, dim=-1),
            reduction="batchmean",
        )
        inputs, name = {"logits": draw("student", 4, 5)}, f"temperature {temperature:g}"
        options = {"teacher": short(teacher), "temperature": temperature}
        yield case(name, "distillation", function, inputs, **options)
    teacher = draw("teacher's rows", 4, 6)
    function = lambda rows: F.cosine_embedding_loss(rows, teacher, torch.ones(4).double())
    options = {"teacher": short(teacher)}
    yield case("rows", "cosineDistance", function, {"rows": draw("student's rows", 4, 6)}, **options)


def embeddings():
    """The embeddings are not scaled to length 1."""

    def names(count: int) -> list[str]:
        return ["anchors", "positives", "negatives"][:count]

    def inputs(name: str, count: int) -> dict:
        return {key: draw(f"{name} {key}", 4, 6, scale=1) for key in names(count)}

    for count in (2, 3):
        loss = losses.MultipleNegativesRankingLoss(model=None)
        function = lambda **given: loss.compute_loss_from_embeddings(list(given.values()), None)
        name = "pairs" if count == 2 else "with negatives"
        yield case(name, "multipleNegativesRanking", function, inputs("ranking", count), scale=20.0)
    triplet = losses.TripletLoss(model=None, triplet_margin=1.5)
    function = lambda **given: triplet.compute_loss_from_embeddings(list(given.values()), None)
    yield case("margin 1.5", "triplet", function, inputs("triplet", 3), margin=1.5)
    scores = [0.2, 1.0, 0.0, 0.6]
    for name, scores in {"scores": scores, "equal scores": [0.5, 0.5, 1.0, 0.0]}.items():
        cosine, ordered = losses.CosineSimilarityLoss(model=None), losses.CoSENTLoss(model=None)
        labels = torch.tensor(scores).double()
        function = lambda **given: cosine.compute_loss_from_embeddings(list(given.values()), labels)
        yield case(name, "cosineSimilarity", function, inputs("cosine", 2), scores=scores)
        function = lambda **given: ordered.compute_loss_from_embeddings(list(given.values()), labels)
        yield case(name, "cosent", function, inputs("cosent", 2), scores=scores, scale=20.0)


def main():
    kinds = (cross_entropy, binary_cross_entropy, squared_error, distillation, embeddings)
    cases = [found for kind in kinds for found in kind()]
    lines = ",\n".join("  " + json.dumps(found) for found in cases)
    text = f'{{\n "versions": {json.dumps(VERSIONS)},\n "cases": [\n{lines}\n ]\n}}\n'
    (HERE / "losses.json").write_text(text)
    for found in cases:
        print(f"{found['loss']}, {found['name']}: {found['value']:.6f}")


if __name__ == "__main__":
    main()
