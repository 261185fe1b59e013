"""Writes small checkpoints, batches and the gradients that torch computes for them in float64.

    python make_gradients.py [folder]

The float32 weights are widened to float64 and run through transformers' own models with eager attention, without
dropout unless the batch has masks, one text at a time and so without padding. README.md describes the files.
"""

import json
import math
import os
import platform
import shutil
import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import numpy as np
import safetensors
import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import save_file
from transformers import BertConfig, DistilBertConfig

torch.set_num_threads(1)
transformers.utils.logging.disable_progress_bar()

VERSIONS = {
    "python": platform.python_version(),
    "torch": torch.__version__.split("+")[0],
    "transformers": transformers.__version__,
    "safetensors": safetensors.__version__,
    "numpy": np.__version__,
}
HERE = Path(__file__).resolve().parent
PADDING, MASK, IGNORED = 0, 4, -100
DROPOUT_KEY, NUMBERS = 123_456_789, (4, 0, 11)  # of the step, and of the texts within it
VANISHING = 1e-12  # a smaller norm is the rounding error of a gradient that is zero


# ---- Checkpoints ----


@dataclass(frozen=True)
class Shape:
    dim: int = 24
    heads: int = 3
    hidden: int = 48
    layers: int = 2
    vocabulary: int = 60
    positions: int = 40


SMALL = Shape(dim=12, hidden=24, vocabulary=16, positions=14)
SMALLEST = Shape(dim=12, hidden=24, layers=1, vocabulary=16, positions=14)
LENGTHS = (5, 1, 13, 8)


@dataclass
class Checkpoint:
    name: str
    architecture: str  # the class of transformers
    labels: int = 2
    shape: Shape = Shape()
    config: dict = field(default_factory=dict)
    kept: tuple[str, ...] = ("",)  # the gradients to store: those whose names contain one of these

    @property
    def bert(self) -> bool:
        return self.architecture.startswith("Bert")

    def make(self) -> torch.nn.Module:
        """The model in float32, with dropouts of probability 0 unless `config` says otherwise."""
        shape = self.shape
        common = {"vocab_size": shape.vocabulary, "max_position_embeddings": shape.positions}
        common |= {"num_labels": self.labels, "pad_token_id": PADDING, "initializer_range": 0.2}
        if self.bert:
            sizes = {"hidden_size": shape.dim, "num_attention_heads": shape.heads}
            sizes |= {"intermediate_size": shape.hidden, "num_hidden_layers": shape.layers}
            dropouts = dict.fromkeys(
                ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"), 0.0
            )
            config = BertConfig(**common | sizes | dropouts | self.config)
        else:
            sizes = {"dim": shape.dim, "n_heads": shape.heads}
            sizes |= {"hidden_dim": shape.hidden, "n_layers": shape.layers}
            names = ("dropout", "attention_dropout", "seq_classif_dropout", "qa_dropout")
            config = DistilBertConfig(**common | sizes | dict.fromkeys(names, 0.0) | self.config)
        config._attn_implementation = "eager"
        options = {"add_pooling_layer": False} if self.architecture == "BertModel" else {}
        model = getattr(transformers, self.architecture)(config, **options)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.copy_(self.drawn(self.stored_name(name), parameter.shape))
        return model.train()

    def drawn(self, name: str, shape: torch.Size) -> torch.Tensor:
        """The body's values depend on its size alone, so that checkpoints can share them."""
        owner = f"{self.shape} bert={self.bert}" if self.in_body(name) else self.name
        random = np.random.default_rng(zlib.crc32(f"{owner} {name}".encode()))
        norm = "norm" in name.lower() and name.endswith("weight")
        mean, deviation = (1, 0.1) if norm else (0, 0.2)
        return torch.from_numpy(random.normal(mean, deviation, tuple(shape)).astype(np.float32))

    @staticmethod
    def in_body(name: str) -> bool:
        return name.startswith(("bert.", "distilbert.")) and ".pooler." not in name

    def stored_name(self, name: str) -> str:
        """The name of a parameter in the file. Bare models have the names of those with a head, to share a body."""
        return f"bert.{name}" if self.architecture == "BertModel" else name

    def write(self, folder: Path, model: torch.nn.Module):
        """Writes config.json and two shards; that of the body is a link to a file that checkpoints share."""
        folder.mkdir(parents=True)
        model.save_pretrained(folder)
        file = folder / "model.safetensors"
        with safetensors.safe_open(file, "pt") as stored:
            tensors = {self.stored_name(name): stored.get_tensor(name) for name in stored.keys()}
        file.unlink()
        body = {name: tensor for name, tensor in tensors.items() if self.in_body(name)}
        head = {name: tensor for name, tensor in tensors.items() if not self.in_body(name)}
        kind = "bert" if self.bert else "distilbert"
        shared = folder.parent / f"body-{kind}-{self.shape.dim}x{self.shape.layers}.safetensors"
        save_file(body, shared, metadata={"format": "pt"})
        count = 2 if head else 1
        first, second = (f"model-0000{i}-of-0000{count}.safetensors" for i in (1, 2))
        (folder / first).symlink_to(f"../{shared.name}")
        if head:
            save_file(head, folder / second, metadata={"format": "pt"})
        size = sum(tensor.numel() * 4 for tensor in tensors.values())
        places = dict.fromkeys(body, first) | dict.fromkeys(head, second)
        index = {"metadata": {"total_size": size}, "weight_map": places}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")


# ---- Batches ----


def drawn_texts(name: str, lengths, shape: Shape, bert: bool) -> list[dict]:
    """Random ids, among them that of padding, attended to like any other."""
    random = np.random.default_rng(zlib.crc32(name.encode()))
    texts = []
    for length in lengths:
        ids = [int(i) for i in random.integers(1, shape.vocabulary, size=length)]
        if length > 7:
            ids[6] = PADDING
        text = {"ids": ids}
        if bert and length > 3:
            second = int(random.integers(2, length - 1))
            text["typeIDs"] = [0] * second + [1] * (length - second)
        texts.append(text)
    return texts


class Task:
    """How the outputs of single texts become the loss of a batch: the mean over all labelled items."""

    def labelled(self, texts: list[dict], random: np.random.Generator, checkpoint: Checkpoint):
        raise NotImplementedError

    def output(self, model, text: dict) -> torch.Tensor:
        """The rows of the head for one text."""
        return model(**tensors_of(text)).logits[0]

    def loss(self, outputs: list[torch.Tensor], items: list[dict]) -> torch.Tensor:
        raise NotImplementedError

    def padded_labels(self, items: list[dict], dtype: torch.dtype) -> torch.Tensor | None:
        """What transformers takes as `labels` of the padded batch, to compare losses with; None for no comparison."""
        return None


def tensors_of(text: dict) -> dict[str, torch.Tensor]:
    found = {"input_ids": torch.tensor([text["ids"]])}
    found["attention_mask"] = torch.ones_like(found["input_ids"])
    if "typeIDs" in text:
        found["token_type_ids"] = torch.tensor([text["typeIDs"]])
    return found


class Classification(Task):
    name = "classification"

    def labelled(self, texts, random, checkpoint):
        return [text | {"label": int(random.integers(checkpoint.labels))} for text in texts]

    def loss(self, outputs, items):
        return F.cross_entropy(torch.stack(outputs), self.padded_labels(items, None))

    def padded_labels(self, items, dtype):
        return torch.tensor([item["label"] for item in items])


class MultiLabel(Task):
    name = "multiLabel"

    def labelled(self, texts, random, checkpoint):
        draw = lambda: [int(i) for i in random.integers(2, size=checkpoint.labels)]
        return [text | {"labels": draw()} for text in texts]

    def loss(self, outputs, items):
        return F.binary_cross_entropy_with_logits(
            torch.stack(outputs), self.padded_labels(items, outputs[0].dtype)
        )

    def padded_labels(self, items, dtype):
        return torch.tensor([item["labels"] for item in items], dtype=dtype)


class Regression(Task):
    name = "regression"

    def labelled(self, texts, random, checkpoint):
        draw = lambda: [round(float(value), 3) for value in random.normal(0, 2, checkpoint.labels)]
        return [text | {"values": draw()} for text in texts]

    def loss(self, outputs, items):
        return F.mse_loss(torch.stack(outputs), self.padded_labels(items, outputs[0].dtype))

    def padded_labels(self, items, dtype):
        # The labels are float32 on both sides.
        return torch.tensor([item["values"] for item in items], dtype=torch.float32).to(dtype)


class Tokens(Task):
    """Labels of tokens, -100 at the first and last of each text and at some between."""

    name = "tokens"

    def labelled(self, texts, random, checkpoint):
        def labels(text):
            length = len(text["ids"])
            drawn = [int(i) for i in random.integers(checkpoint.labels, size=length)]
            skipped = random.random(length) < 0.2
            inner = lambda i: 0 < i < length - 1 and not skipped[i]
            return [label if inner(i) else IGNORED for i, label in enumerate(drawn)]

        return [text | {"labels": labels(text)} for text in texts]

    def loss(self, outputs, items):
        labels = torch.tensor([label for item in items for label in item["labels"]])
        return F.cross_entropy(torch.cat(outputs), labels, ignore_index=IGNORED)

    def padded_labels(self, items, dtype):
        longest = max(len(item["ids"]) for item in items)
        rows = [item["labels"] + [IGNORED] * (longest - len(item["ids"])) for item in items]
        return torch.tensor(rows)


class Mask(Tokens):
    """Some tokens are replaced by the mask, some kept; both have labels."""

    name = "mask"

    def labelled(self, texts, random, checkpoint):
        def masked(text):
            ids, labels = list(text["ids"]), [IGNORED] * len(text["ids"])
            for i in range(len(ids)):
                if i == 0 or random.random() < 0.4:
                    labels[i] = ids[i]
                    if i != 1:
                        ids[i] = MASK
            return text | {"ids": ids, "labels": labels}

        return [masked(text) for text in texts]


class Questions(Task):
    """Start and end of an answer; outside of the text they are ignored, each alone."""

    name = "questions"

    def labelled(self, texts, random, checkpoint):
        items = []
        for i, text in enumerate(texts):
            length = len(text["ids"])
            start = int(random.integers(length))
            end = int(random.integers(start, length))
            if i == 1:
                start = end = length  # outside
            if i == 3:
                end = length + 5  # begins inside, ends outside
            items.append(text | {"start": start, "end": end})
        return items

    def output(self, model, text):
        found = model(**tensors_of(text))
        return torch.stack([found.start_logits[0], found.end_logits[0]], dim=-1)

    def loss(self, outputs, items):
        def part(column, key):
            losses = [
                F.cross_entropy(output[None, :, column], torch.tensor([item[key]]))
                for output, item in zip(outputs, items)
                if item[key] < len(item["ids"])
            ]
            return torch.stack(losses).mean()

        return (part(0, "start") + part(1, "end")) / 2


class Choice(Task):
    name = "choice"
    choices = 3

    def labelled(self, texts, random, checkpoint):
        groups = [texts[i : i + self.choices] for i in range(0, len(texts), self.choices)]
        return [{"choices": group, "label": int(random.integers(self.choices))} for group in groups]

    def output(self, model, item):
        return torch.cat(
            [
                model(**{key: value[None] for key, value in tensors_of(text).items()}).logits[0]
                for text in item["choices"]
            ]
        )

    def loss(self, outputs, items):
        return F.cross_entropy(torch.stack(outputs), self.padded_labels(items, None))

    def padded_labels(self, items, dtype):
        return torch.tensor([item["label"] for item in items])


class Embedding(Task):
    """Mean of the last hidden rows, scaled to length 1, times a given cotangent."""

    name = "embedding"

    def labelled(self, texts, random, checkpoint):
        draw = lambda: [float(np.float32(round(v, 4))) for v in random.normal(0, 1, checkpoint.shape.dim)]
        return [text | {"cotangent": draw()} for text in texts]

    def output(self, model, text):
        return F.normalize(model(**tensors_of(text)).last_hidden_state[0].mean(dim=0), dim=0)

    def loss(self, outputs, items):
        cotangents = torch.tensor([item["cotangent"] for item in items], dtype=torch.float32)
        return (torch.stack(outputs) * cotangents.to(outputs[0].dtype)).sum()


# ---- Dropout ----


def scrambled(number: np.ndarray) -> np.ndarray:
    number = (number ^ (number >> np.uint32(16))) * np.uint32(0x21F0AAAD)
    number = (number ^ (number >> np.uint32(15))) * np.uint32(0x735A2D97)
    return number ^ (number >> np.uint32(15))


INCREMENT = np.uint32(0x9E3779B9)


def mix(key: np.ndarray, number) -> np.ndarray:
    return scrambled(key + scrambled(np.asarray(number, np.uint32).reshape(-1) + INCREMENT))


class CounterMasks:
    """Replaces torch's dropout while a text runs: the masks are Swiftlet's, functions of counters.

    `Dropout.swift` and `ModelDropout.swift` define them; README.md has the formula.
    """

    def __init__(self, checkpoint: Checkpoint, key: int):
        self.key = np.array([key], np.uint32)
        self.heads = checkpoint.shape.heads
        # The sites in the order of calls: name, number of the place, layer.
        self.sites = [("embeddings", 0, 0)]
        for i in range(checkpoint.shape.layers):
            self.sites.append((f"layer.{i}.probabilities", 1, i))
            if checkpoint.bert:
                self.sites.append((f"layer.{i}.attention", 2, i))
            self.sites.append((f"layer.{i}.output", 3, i))
        self.sites.append(("head", 4, 0))
        self.rates: dict[str, float] = {}
        self.masks: dict[str, torch.Tensor] = {}

    def output(self, task: Task, model, item: dict) -> torch.Tensor:
        self.item, self.calls = item, 0
        original, F.dropout = F.dropout, self.dropout
        try:
            return task.output(model, item)
        finally:
            F.dropout = original
            assert self.calls == len(self.sites)

    def dropout(self, values, p=0.5, training=True, inplace=False):
        name, place, layer = self.sites[self.calls]
        self.calls += 1
        self.rates[name] = p
        key = mix(np.array([place], np.uint32), layer)
        if place == 1:
            masks = [self.mask(mix(key, head), p, values.shape[2:]) for head in range(self.heads)]
            mask = np.stack(masks)
        else:
            shape = values.shape[1:] if values.ndim == 3 else (1, values.shape[1])
            mask = self.mask(key, p, shape).reshape(values.shape[1:])
        self.masks[f"text.{self.item['number']}.{name}"] = torch.from_numpy(mask.astype(np.uint8))
        return values * torch.from_numpy(mask)[None].to(values.dtype) / (1 - p)

    def mask(self, key: np.ndarray, p: float, shape) -> np.ndarray:
        """A row for each of the first tokens of the text."""
        rows, columns = shape
        tokens = mix(mix(self.key, self.item["number"]), np.arange(rows))
        numbers = scrambled((tokens ^ key)[:, None] + np.arange(columns, dtype=np.uint32)[None] * INCREMENT)
        return numbers >= np.uint32(round(p * 2**32))


# ---- Gradients ----


def gradients(model, task: Task, items: list[dict], masks: CounterMasks | None):
    model.zero_grad(set_to_none=True)
    run = (lambda item: masks.output(task, model, item)) if masks else (lambda item: task.output(model, item))
    outputs = [run(item) for item in items]
    for output in outputs:
        output.retain_grad()
        output.grad = torch.zeros_like(output)  # stays so where all labels are ignored
    loss = task.loss(outputs, items)
    loss.backward()
    found = {n: p.grad.detach().double() for n, p in model.named_parameters() if p.grad is not None}
    return loss.item(), outputs, found


def check_against_padded(model, task: Task, items: list[dict], loss: float):
    """transformers' own loss of the padded batch with attention masks is the same."""
    labels = task.padded_labels(items, torch.float64)
    if labels is None:
        return
    texts = [text for item in items for text in item.get("choices", [item])]
    longest = max(len(text["ids"]) for text in texts)
    fill = lambda key, value: torch.tensor(
        [t.get(key, [0] * len(t["ids"])) + [value] * (longest - len(t["ids"])) for t in texts]
    )
    inputs = {"input_ids": fill("ids", PADDING), "labels": labels}
    inputs["attention_mask"] = torch.tensor(
        [[1] * len(t["ids"]) + [0] * (longest - len(t["ids"])) for t in texts]
    )
    if any("typeIDs" in text for text in texts):
        inputs["token_type_ids"] = fill("typeIDs", 0)
    if "choices" in items[0]:
        shape = (len(items), -1, longest)
        inputs |= {n: v.reshape(shape) for n, v in inputs.items() if n != "labels"}
    own = model(**inputs).loss.item()
    assert math.isclose(own, loss, rel_tol=1e-12), (own, loss)


def numbers(tensor: torch.Tensor) -> list:
    return json.loads(json.dumps(tensor.tolist()), parse_float=lambda text: float(f"{float(text):.10g}"))


def write_batch(folder: Path, name: str, covers: str, checkpoint: Checkpoint, task: Task, items: list[dict]):
    masks = CounterMasks(checkpoint, DROPOUT_KEY) if checkpoint.name.endswith("dropout") else None
    if masks:
        items = [item | {"number": NUMBERS[i]} for i, item in enumerate(items)]
    model = checkpoint.make()
    _, _, single = gradients(model, task, items, masks)
    model = model.double()
    loss, outputs, exact = gradients(model, task, items, masks)
    if not masks:
        check_against_padded(model, task, items, loss)
    tensors = {}
    exact = {checkpoint.stored_name(parameter): gradient for parameter, gradient in exact.items()}
    single = {checkpoint.stored_name(parameter): gradient for parameter, gradient in single.items()}
    for parameter, gradient in exact.items():
        norm, error = gradient.norm().item(), (single[parameter] - gradient).norm().item()
        if norm < VANISHING:
            tensors[parameter] = {"norm": 0.0, "float32Norm": float(f"{error:.3g}")}
        else:
            tensors[parameter] = {"norm": float(f"{norm:.6g}"), "float32Error": float(f"{error / norm:.3g}")}
    stored = {n: g.float() for n, g in exact.items() if any(part in n for part in checkpoint.kept)}
    save_file(stored, folder / f"{name}.gradients.safetensors")
    content = {"covers": covers, "versions": VERSIONS, "task": task.name, "loss": loss}
    content["gradientNorm"] = math.sqrt(sum(gradient.square().sum().item() for gradient in exact.values()))
    if masks:
        content["dropout"] = {"key": DROPOUT_KEY, "rates": masks.rates}
        save_file(masks.masks, folder / f"{name}.masks.safetensors")
    lines = lambda values: "[\n" + ",\n".join("  " + json.dumps(value) for value in values) + "\n ]"
    parts = [f' {json.dumps(key)}: {json.dumps(value)}' for key, value in content.items()]
    parts.append(f' "items": {lines(items)}')
    if not isinstance(task, Mask):
        parts.append(f' "outputs": {lines([numbers(output) for output in outputs])}')
        parts.append(f' "outputGradients": {lines([numbers(output.grad) for output in outputs])}')
    rows = ",\n".join(f"  {json.dumps(n)}: {json.dumps(v)}" for n, v in tensors.items())
    parts.append(f' "tensors": {{\n{rows}\n }}')
    (folder / f"{name}.json").write_text("{\n" + ",\n".join(parts) + "\n}\n")
    worst = max(entry.get("float32Error", 0) for entry in tensors.values())
    print(f"{folder.name}/{name}: loss {loss:.4f}, float32 {worst:.1e}")


def write_checkpoint(root: Path, checkpoint: Checkpoint, batches: list[tuple[str, str, Task, tuple[int, ...]]]):
    folder = root / checkpoint.name
    checkpoint.write(folder, checkpoint.make())
    for name, covers, task, lengths in batches:
        key = f"{checkpoint.name} {name}"
        texts = drawn_texts(key, lengths, checkpoint.shape, checkpoint.bert)
        random = np.random.default_rng(zlib.crc32(f"{key} labels".encode()))
        write_batch(folder, name, covers, checkpoint, task, task.labelled(texts, random, checkpoint))


def heads(bert: bool):
    """The checkpoints of one architecture with their batches of mixed lengths."""
    short, long = ("bert", "Bert") if bert else ("distilbert", "DistilBert")

    def head(name: str, kind: str, labels: int, problem: str | None = None, **options):
        config = {"problem_type": problem} if problem else {}
        return Checkpoint(f"{short}-{name}", f"{long}For{kind}", labels, config=config, **options)

    sequence = "SequenceClassification"
    mixed = lambda covers, task, lengths=LENGTHS: ("mixed", covers, task, lengths)
    plain = [mixed("one label of three", Classification())]
    if bert:
        plain.append(("pairs", "two texts with token types", Classification(), (9, 13, 6)))
    else:
        plain.append(("one", "a batch of one text", Classification(), (7,)))
    single, several = "single_label_classification", "multi_label_classification"
    choices = (5, 1, 13, 8, 7, 2)
    yield head("classification", sequence, 3, single), plain
    yield head("multi-label", sequence, 4, several, shape=SMALL), [mixed("several labels of four", MultiLabel())]
    yield head("regression", sequence, 1, "regression", shape=SMALL), [mixed("one number", Regression())]
    yield head("regression-2", sequence, 2, "regression", shape=SMALL), [mixed("two numbers", Regression())]
    yield head("tokens", "TokenClassification", 5), [mixed("labels of tokens, some ignored", Tokens())]
    yield head("questions", "QuestionAnswering", 2), [mixed("spans, some of them outside", Questions())]
    yield head("mask", "MaskedLM", 2), [mixed("a tied decoder", Mask())]
    yield head("choice", "MultipleChoice", 2, shape=SMALL), [mixed("two questions of three choices", Choice(), choices)]


ACTIVATIONS = (
    "gelu_new", "quick_gelu", "gelu_10", "relu", "relu2", "relu6", "leaky_relu", "sigmoid", "silu", "tanh",
    "mish", "laplace", "hardswish", "sqrtsoftplus", "linear",
)  # fmt: skip


#: What the gradient of the activation goes through.
ACTIVATED = ("ffn", "layer_norm", "LayerNorm")


def others():
    """Embeddings, a wider model, activations and dropout."""
    embedding = Checkpoint("bert-embedding", "BertModel")
    yield embedding, [("mixed", "mean of the rows, scaled to length 1", Embedding(), LENGTHS)]
    wide = Shape(dim=48, hidden=96, layers=1, vocabulary=20, positions=14)
    name = "DistilBertForSequenceClassification"
    sequence = {"problem_type": "single_label_classification"}
    checkpoint = Checkpoint("distilbert-wide", name, 3, wide, sequence)
    yield checkpoint, [("mixed", "48 columns in three heads", Classification(), LENGTHS)]
    for activation in ACTIVATIONS:
        config = sequence | {"activation": activation}
        checkpoint = Checkpoint(f"activation-{activation}", name, 3, SMALLEST, config, ACTIVATED)
        yield checkpoint, [("mixed", f"the activation {activation}", Classification(), (5, 1, 9))]
    rates = {"dropout": 0.1, "attention_dropout": 0.15, "seq_classif_dropout": 0.2, "qa_dropout": 0.25}
    distilbert = sequence | rates
    rates = {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.15, "classifier_dropout": 0.2}
    bert = sequence | rates
    for kind, labels, task, config in (
        ("DistilBertForSequenceClassification", 3, Classification(), distilbert),
        ("DistilBertForTokenClassification", 5, Tokens(), distilbert),
        ("DistilBertForQuestionAnswering", 2, Questions(), distilbert),
        ("BertForSequenceClassification", 3, Classification(), bert),
        ("BertForTokenClassification", 5, Tokens(), bert),
    ):
        model = kind.partition("For")[0].lower()
        checkpoint = Checkpoint(f"{model}-{task.name}-dropout", kind, labels, SMALL, config)
        yield checkpoint, [("mixed", "dropout masks from counters", task, (5, 3, 9))]


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "gradients"
    shutil.rmtree(root, ignore_errors=True)
    for checkpoint, batches in [*heads(bert=False), *heads(bert=True), *others()]:
        write_checkpoint(root, checkpoint, batches)


if __name__ == "__main__":
    main()
