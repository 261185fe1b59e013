"""Writes curves/: what transformers' Trainer logs at every step of short trainings, and how far the weights went.

    python make_curves.py [--minilm FOLDER --clinc150 data_full.json]

Without the options only the curves of the small checkpoints of gradients/ are made. Each training runs in
float32, as Trainer does it, and in float64. README.md describes the files.
"""

import argparse
import json
import os
import platform
import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import accelerate
import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from transformers import (
    AutoConfig,
    AutoTokenizer,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

torch.set_num_threads(1)
transformers.utils.logging.disable_progress_bar()

HERE = Path(__file__).resolve().parent
VERSIONS = {
    "python": platform.python_version(),
    "torch": torch.__version__.split("+")[0],
    "transformers": transformers.__version__,
    "accelerate": accelerate.__version__,
    "numpy": np.__version__,
}
VANISHING = 1e-9  # a smaller change comes from the rounding error of gradients that are zero
DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout")
DROPOUTS += ("dropout", "attention_dropout", "seq_classif_dropout", "qa_dropout")


# ---- What both sides compute alike ----


def head_values(count: int) -> np.ndarray:
    """The initial weights of a new head: -0.02 to 0.02, the same bits wherever IEEE division is."""
    index = np.arange(count, dtype=np.int64)
    return (((index * 37 + 11) % 101 - 50) / 2500).astype(np.float32)


def projections(change: np.ndarray, count: int = 4) -> list[float]:
    """Sums of the elements with pseudo-random signs: projection k takes bit k of a hash of the index."""
    values = change.reshape(-1)
    mixed = np.arange(values.size, dtype=np.uint32) * np.uint32(0x9E3779B1)
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(0x85EBCA77)
    mixed ^= mixed >> np.uint32(13)
    negative = [(mixed >> np.uint32(k)) & np.uint32(1) for k in range(count)]
    return [float(np.sum(np.where(bits == 1, -values, values))) for bits in negative]


# ---- One training ----


@dataclass
class Curve:
    name: str
    covers: str
    architecture: str
    checkpoint: Path
    items: list[dict]
    epochs: int
    learning_rate: float
    schedule: str = "linear"
    warmup: float = 0.1
    weight_decay: float = 0.01
    clipping: float = 1.0
    order: str = "sequential"
    seed: int = 42
    batch_size: int = 8
    new_head: tuple[str, ...] = ()  # tensors with initial weights by formula; their biases are 0
    config: dict = field(default_factory=dict)
    keeps_weights: bool = True

    def model(self, dtype: torch.dtype) -> torch.nn.Module:
        kind = getattr(transformers, self.architecture)
        config = AutoConfig.from_pretrained(self.checkpoint, **self.config)
        config.update({key: 0.0 for key in DROPOUTS if hasattr(config, key)})
        model = kind.from_pretrained(
            self.checkpoint, config=config, dtype=torch.float32, attn_implementation="eager"
        )
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if name.startswith(self.new_head):
                    bias = name.endswith("bias")
                    values = np.zeros(parameter.numel(), np.float32) if bias else head_values(parameter.numel())
                    parameter.copy_(torch.from_numpy(values).view_as(parameter))
        return model.to(dtype)

    def arguments(self, folder: str) -> TrainingArguments:
        return TrainingArguments(
            output_dir=folder,
            num_train_epochs=self.epochs,
            per_device_train_batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            lr_scheduler_type=self.schedule,
            warmup_steps=self.warmup,
            weight_decay=self.weight_decay,
            max_grad_norm=self.clipping,
            seed=self.seed,
            train_sampling_strategy=self.order,
            optim="adamw_torch",
            logging_steps=1,
            logging_nan_inf_filter=False,
            save_strategy="no",
            report_to=[],
            use_cpu=True,
            disable_tqdm=True,
            remove_unused_columns=False,
        )

    @property
    def settings(self) -> dict:
        settings = {"epochs": self.epochs, "batchSize": self.batch_size, "learningRate": self.learning_rate}
        settings |= {"schedule": self.schedule, "warmup": self.warmup, "weightDecay": self.weight_decay}
        return settings | {"clipping": self.clipping, "order": self.order, "seed": self.seed}


def collate(items: list[dict]) -> dict[str, torch.Tensor]:
    """Pads to the longest of the batch."""
    longest = max(len(item["ids"]) for item in items)
    fill = lambda values, value: values + [value] * (longest - len(values))
    rows = {"input_ids": [fill(item["ids"], 0) for item in items]}
    rows["attention_mask"] = [fill([1] * len(item["ids"]), 0) for item in items]
    if "label" in items[0]:
        rows["labels"] = [item["label"] for item in items]
    if "labels" in items[0]:
        rows["labels"] = [fill(item["labels"], -100) for item in items]
    if "start" in items[0]:
        rows["start_positions"] = [item["start"] for item in items]
        rows["end_positions"] = [item["end"] for item in items]
    return {key: torch.tensor(values) for key, values in rows.items()}


class Log(TrainerCallback):
    """What Trainer logs. It adds up losses in float32, whatever the model computes in."""

    def __init__(self):
        self.losses, self.norms, self.rates = [], [], []

    def on_log(self, args, state, control, logs=None, **_):
        if "loss" in logs:
            self.losses.append(logs["loss"])
            self.norms.append(float(logs["grad_norm"]))
            self.rates.append(logs["learning_rate"])


def train(curve: Curve, dtype: torch.dtype):
    """The log, and by name the change of each tensor and its last value, in float64."""
    model = curve.model(dtype)
    first = {name: tensor.detach().double().clone() for name, tensor in model.named_parameters()}
    log = Log()
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=model,
            args=curve.arguments(folder),
            train_dataset=curve.items,
            data_collator=collate,
            callbacks=[log],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    last = {name: tensor.detach().double() for name, tensor in trainer.model.named_parameters()}
    return log, {name: (last[name] - first[name]).numpy() for name in last}, last


def write(curve: Curve):
    single, single_change, _ = train(curve, torch.float32)
    exact, exact_change, last = train(curve, torch.float64)
    steps = [
        {
            "loss": exact.losses[i],
            "gradientNorm": exact.norms[i],
            "learningRate": exact.rates[i],
            "float32Loss": single.losses[i],
            "float32GradientNorm": single.norms[i],
        }
        for i in range(len(exact.losses))
    ]
    tensors = {}
    for name, change in exact_change.items():
        norm = float(np.linalg.norm(change))
        difference = float(np.linalg.norm(change - single_change[name]))
        if norm < VANISHING:
            tensors[name] = {"norm": 0.0, "float32Norm": float(f"{difference:.3g}")}
            continue
        tensors[name] = {
            "norm": norm,
            "projections": projections(change),
            "float32Difference": float(f"{difference / norm:.3g}"),
        }
    content = {"covers": curve.covers, "versions": VERSIONS, "architecture": curve.architecture}
    if curve.checkpoint.is_relative_to(HERE):
        content["checkpoint"] = str(curve.checkpoint.relative_to(HERE))
    content["settings"] = curve.settings
    content["newHead"] = list(curve.new_head)
    lines = lambda values: "[\n" + ",\n".join("  " + json.dumps(value) for value in values) + "\n ]"
    parts = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
    parts += [f' "items": {lines(curve.items)}', f' "steps": {lines(steps)}']
    rows = ",\n".join(f"  {json.dumps(n)}: {json.dumps(v)}" for n, v in tensors.items())
    parts.append(f' "tensors": {{\n{rows}\n }}')
    folder = HERE / "curves"
    folder.mkdir(exist_ok=True)
    (folder / f"{curve.name}.json").write_text("{\n" + ",\n".join(parts) + "\n}\n")
    if curve.keeps_weights:
        save_file({n: t.float() for n, t in last.items()}, folder / f"{curve.name}.weights.safetensors")
    losses = np.array([[step["loss"], step["float32Loss"]] for step in steps])
    error = np.abs(losses[:, 1] / losses[:, 0] - 1)
    worst = max(entry.get("float32Difference", 0) for entry in tensors.values())
    print(
        f"{curve.name}: {len(steps)} steps, loss {losses[0, 0]:.4f} to {losses[-1, 0]:.4f}, "
        f"float32 {error[:20].max():.1e} in 20 steps, {error.max():.1e} in all, weights {worst:.1e}"
    )


# ---- The trainings ----


def small_items(name: str, count: int, lengths: tuple[int, int], vocabulary: int = 60) -> list[dict]:
    random = np.random.default_rng(zlib.crc32(name.encode()))
    sizes = random.integers(lengths[0], lengths[1] + 1, size=count)
    return [{"ids": [int(i) for i in random.integers(1, vocabulary, size=size)]} for size in sizes]


def small_curves():
    """Labels follow from the ids, so that there is something to learn."""
    folder = HERE / "gradients"
    items = small_items("classification", 77, (2, 12))
    for item in items:
        item["label"] = sum(i % 2 for i in item["ids"]) * 3 // (len(item["ids"]) + 1)
    yield Curve(
        "classification", "Trainer's order, a smaller last batch", "DistilBertForSequenceClassification",
        folder / "distilbert-classification", items, epochs=5, learning_rate=1e-3, order="random",
    )  # fmt: skip
    items = small_items("tokens", 80, (3, 12))
    for item in items:
        item["labels"] = [-100] + [i % 5 for i in item["ids"][1:-1]] + [-100]
    yield Curve(
        "tokens", "cosine schedule, warm-up in steps", "BertForTokenClassification",
        folder / "bert-tokens", items, epochs=5, learning_rate=1e-3, schedule="cosine", warmup=4.0,
    )  # fmt: skip
    items = small_items("questions", 80, (12, 12))
    for item in items:
        item["start"] = int(np.argmax(item["ids"][:8]))
        item["end"] = item["start"] + item["ids"][0] % 4
    yield Curve(
        "questions", "no clipping, no weight decay; texts of one length", "DistilBertForQuestionAnswering",
        folder / "distilbert-questions", items, epochs=5, learning_rate=1e-3, clipping=0.0, weight_decay=0.0,
    )  # fmt: skip


INTENTS = ("translate", "weather", "alarm", "balance")


def minilm_curve(model: Path, clinc150: Path) -> Curve:
    tokenizer = AutoTokenizer.from_pretrained(model)
    rows = json.loads(clinc150.read_text())["train"]
    texts = {intent: [text for text, label in rows if label == intent][:60] for intent in INTENTS}
    items = []
    for texts_of_round in zip(*texts.values()):
        for label, text in enumerate(texts_of_round):
            items.append({"ids": tokenizer(text)["input_ids"], "label": label})
    return Curve(
        "minilm", "all-MiniLM-L6-v2 on four intents of CLINC150", "BertForSequenceClassification",
        model, items, epochs=1, learning_rate=5e-5, new_head=("classifier.",), keeps_weights=False,
        config={"num_labels": len(INTENTS)},
    )  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minilm", type=Path)
    parser.add_argument("--clinc150", type=Path)
    arguments = parser.parse_args()
    for curve in small_curves():
        write(curve)
    if arguments.minilm:
        write(minilm_curve(arguments.minilm, arguments.clinc150))


if __name__ == "__main__":
    main()
