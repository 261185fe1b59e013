"""Writes the small checkpoints of each head beside this file, and what transformers' pipelines answer.

    python make.py [folder]

`questions/golden.json` comes from make_questions.py, because transformers 5 has no pipeline for
questions any more. README.md one level up describes the files.
"""

import importlib.util
import json
import os
import shutil
import sys
import warnings
import zlib
from dataclasses import dataclass, field
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")
warnings.filterwarnings("ignore")

import numpy as np
import torch
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("checkpoints", HERE.parent / "checkpoints" / "make.py")
base = importlib.util.module_from_spec(spec)
sys.modules["checkpoints"] = base
spec.loader.exec_module(base)

import transformers
from transformers import AutoTokenizer, pipeline

DIM, HEADS, HIDDEN, LAYERS, POSITIONS = 20, 4, 33, 2, 96
NER = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "MISC"]
TEXTS = [
    "",
    "A good film.",
    "Unbelievably BAD acting, and the plot made no sense at all",
    "Café naïve RÉSUMÉ über, e\u0301te\u0301",
    "東京 is 日本の cat ☃ snowman",
    "I loved it 😀 \U0001f44d\U0001f3fd",
    "The [SEP] was fine",
    "x" * 101 + " was good",
    "It's $9.99 (50% off)—don't!",
]
LONG = base.long_text(70) + " Unbelievably unlovable boringness, cafés."


@dataclass
class Model:
    name: str
    architecture: str
    heads: dict[str, tuple[int, int]]  # layer: outputs, inputs
    labels: list[str] | None = None
    config: dict = field(default_factory=dict)
    tokenizer: dict = field(default_factory=dict)
    seed: int = 0
    gain: float = 2.5
    body: str | None = None
    untied: bool = False
    legacy: bool = False

    def __post_init__(self):
        self.bert = self.architecture.startswith("Bert")
        if self.body is None:
            self.body = "bert." if self.bert else "distilbert."

    def write(self, folder: Path):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        pieces = base.vocabulary()
        (folder / "vocab.txt").write_text("".join(piece + "\n" for piece in pieces))
        kind = "BertTokenizer" if self.bert else "DistilBertTokenizer"
        tokenizer = {"do_lower_case": True, "model_max_length": 48, "tokenizer_class": kind}
        (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer | self.tokenizer, indent=1) + "\n")
        config = {
            "architectures": [self.architecture],
            "model_type": "bert" if self.bert else "distilbert",
            "vocab_size": len(pieces),
            **dict(zip(BERT_KEYS if self.bert else DISTILBERT_KEYS, (DIM, HEADS, LAYERS, HIDDEN))),
            "max_position_embeddings": POSITIONS,
            ("hidden_act" if self.bert else "activation"): "gelu",
        }
        if self.untied:
            config["tie_word_embeddings"] = False
        if self.labels:
            config["id2label"] = {str(i): label for i, label in enumerate(self.labels)}
            config["label2id"] = {label: i for i, label in enumerate(self.labels)}
        (folder / "config.json").write_text(json.dumps(config | self.config, indent=1) + "\n")
        save_file(self.draw(len(pieces)), str(folder / "model.safetensors"), metadata={"format": "pt"})

    def draw(self, rows: int) -> dict[str, torch.Tensor]:
        random = np.random.default_rng(zlib.crc32(f"{self.name} {self.seed}".encode()))
        tensors: dict[str, torch.Tensor] = {}

        def normal(name: str, mean: float, deviation: float, *shape: int):
            tensors[name] = torch.from_numpy(random.normal(mean, deviation, shape)).to(torch.float32)

        def linear(name: str, out: int, into: int, gain: float = 1.5):
            normal(f"{name}.weight", 0, gain / into**0.5, out, into)
            normal(f"{name}.bias", 0, 0.2, out)

        def norm(name: str):
            normal(f"{name}.weight", 1, 0.2, DIM)
            normal(f"{name}.bias", 0, 0.2, DIM)

        body = self.body
        normal(f"{body}embeddings.word_embeddings.weight", 0, 1, rows, DIM)
        normal(f"{body}embeddings.position_embeddings.weight", 0, 1, POSITIONS, DIM)
        if self.bert:
            normal(f"{body}embeddings.token_type_embeddings.weight", 0, 1, 2, DIM)
        norm(f"{body}embeddings.LayerNorm")
        parts = base.BERT_PARTS if self.bert else base.DISTILBERT_PARTS
        for i in range(LAYERS):
            layer = f"{body}{parts['layer']}.{i}."
            for part in parts["attention"]:
                linear(f"{layer}{part}", DIM, DIM)
            norm(f"{layer}{parts['attention norm']}")
            linear(f"{layer}{parts['inner']}", HIDDEN, DIM)
            linear(f"{layer}{parts['outer']}", DIM, HIDDEN)
            norm(f"{layer}{parts['output norm']}")
        for name, (out, into) in self.heads.items():
            if name == "vocab_projector":  # its weight is that of the embeddings
                normal("vocab_projector.bias", 0, 0.2, out)
            elif name == PREDICTIONS:
                normal(f"{PREDICTIONS}.bias", 0, 0.2, out)
                if self.untied:
                    normal(f"{PREDICTIONS}.decoder.weight", 0, 1, out, DIM)
                    normal(f"{PREDICTIONS}.decoder.bias", 0, 0.2, out)  # which is the one that counts
            elif "layer_norm" in name.lower() or name.endswith("LayerNorm"):
                norm(name)
            else:
                linear(name, out, into, self.gain)
        if self.legacy:
            gamma = {name: legacy_name(name) for name in tensors}
            tensors = {gamma[name]: tensor for name, tensor in tensors.items()}
        return tensors


def legacy_name(name: str) -> str:
    """As in the checkpoints that were converted from TensorFlow, bert-base-uncased among them."""
    return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")


PREDICTIONS = "cls.predictions"
DISTILBERT_KEYS = ("dim", "n_heads", "n_layers", "hidden_dim")
BERT_KEYS = ("hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size")
CLASSIFIER = {"pre_classifier": (DIM, DIM)}
POOLER = {"bert.pooler.dense": (DIM, DIM)}
ROWS = len(base.vocabulary())
LANGUAGE = {
    f"{PREDICTIONS}.transform.dense": (DIM, DIM),
    f"{PREDICTIONS}.transform.LayerNorm": (0, 0),
    PREDICTIONS: (ROWS, 0),
}
MODELS = {
    model.name: model
    for model in [
        Model("tokens", "DistilBertForTokenClassification", {"classifier": (len(NER), DIM)}, NER),
        Model("questions", "DistilBertForQuestionAnswering", {"qa_outputs": (2, DIM)}),
        Model(
            "mask",
            "DistilBertForMaskedLM",
            {"vocab_transform": (DIM, DIM), "vocab_layer_norm": (0, 0), "vocab_projector": (ROWS, 0)},
        ),
        Model(
            "nli",
            "DistilBertForSequenceClassification",
            CLASSIFIER | {"classifier": (3, DIM)},
            ["contradiction", "neutral", "entailment"],
        ),
        Model(
            "nli-first",
            "DistilBertForSequenceClassification",
            CLASSIFIER | {"classifier": (2, DIM)},
            ["Entailment", "not_entailment"],
        ),
        Model(
            "reranker",
            "DistilBertForSequenceClassification",
            CLASSIFIER | {"classifier": (1, DIM)},
            ["RELEVANT"],
        ),
        Model("choice", "DistilBertForMultipleChoice", CLASSIFIER | {"classifier": (1, DIM)}),
        Model("bert-tokens", "BertForTokenClassification", {"classifier": (len(NER), DIM)}, NER),
        Model("bert-questions", "BertForQuestionAnswering", {"qa_outputs": (2, DIM)}),
        Model("bert-mask", "BertForMaskedLM", LANGUAGE),
        Model("bert-mask-untied", "BertForMaskedLM", LANGUAGE, untied=True),
        Model(
            "bert-pretraining",
            "BertForPreTraining",
            POOLER | LANGUAGE | {"cls.seq_relationship": (2, DIM)},
            legacy=True,
        ),
        Model(
            "bert-nli",
            "BertForSequenceClassification",
            POOLER | {"classifier": (3, DIM)},
            ["contradiction", "neutral", "entailment"],
        ),
        Model("bert-choice", "BertForMultipleChoice", POOLER | {"classifier": (1, DIM)}),
    ]
}


def plain(value):
    """Numbers of numpy as the shortest decimals that read back as the same float32."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(str(np.float32(value)))
    return value


def write_golden(folder: Path, name: str, golden: dict):
    """A case a line, so that a change shows as the lines of its cases."""
    versions = base.VERSIONS | {"transformers": transformers.__version__}
    lines = []
    for key, value in plain({"versions": versions} | golden).items():
        if isinstance(value, list):
            items = ",\n".join("  " + json.dumps(item, ensure_ascii=False) for item in value)
            lines.append(f' "{key}": [\n{items}\n ]')
        else:
            lines.append(f' "{key}": {json.dumps(value, ensure_ascii=False)}')
    (folder / name / "golden.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def load(task: str, folder: Path, name: str, **options):
    return pipeline(task, model=str(folder / name), dtype=torch.float32, device="cpu", **options)


def tokens(folder: Path):
    token_cases(folder, "tokens", (["O"], [], ["PER", "MISC"]), TEXTS + [LONG])
    token_cases(folder, "bert-tokens", ([],), TEXTS[1:4] + TEXTS[5:7] + [LONG])


def token_cases(folder: Path, name: str, all_ignored, texts: list[str]):
    pipe = load("token-classification", folder, name)
    cases = []
    for ignored in all_ignored:
        for strategy in ("none", "simple", "first", "average", "max"):
            for text in texts:
                found = pipe(text, aggregation_strategy=strategy, ignore_labels=ignored)
                cases.append({"text": text, "aggregation": strategy, "ignored": ignored, "entities": found})
    for strategy in ("simple", "first", "average", "max"):
        for stride in (0, 5, 20, 45):
            for text in (TEXTS[2], LONG):
                found = pipe(text, aggregation_strategy=strategy, stride=stride)
                case = {"text": text, "aggregation": strategy, "ignored": ["O"], "stride": stride}
                cases.append(case | {"entities": found})
    write_golden(folder, name, {"cases": cases})


def mask(folder: Path):
    mask_cases(folder, "mask", [1, 5])
    for name in ("bert-mask", "bert-mask-untied", "bert-pretraining"):
        mask_cases(folder, name, [3])


def mask_cases(folder: Path, name: str, counts: list[int]):
    pipe = load("fill-mask", folder, name)
    texts = ["The [MASK] was good.", "[MASK]", "I [MASK] this [MASK] [MASK]!", "Bad [PAD] [MASK] [SEP] cat", "東京[MASK]"]
    targets = [None, ["cat", "film", "good"], ["film"], ["unlovable", "cat", "cat", "Film"]]
    cases = []
    for text in texts:
        for top_k in counts:
            for target in targets:
                options = {"top_k": top_k} | ({"targets": target} if target else {})
                found = pipe(text, **options)
                rows = found if isinstance(found[0], list) else [found]
                cases.append({"text": text, "topK": top_k, "targets": target, "masks": rows})
    write_golden(folder, name, {"cases": cases})


def zero_shot(folder: Path):
    for name in ("nli", "nli-first", "bert-nli"):
        pipe = load("zero-shot-classification", folder, name)
        cases = []
        for text in (TEXTS[1], TEXTS[2], TEXTS[4], LONG):
            for labels in (["good", "bad", "fun"], ["film"], ["acting", "the plot, and all", "cat 😀"]):
                for template in ("This example is {}.", "{} love"):
                    for multi in (False, True):
                        options = {"hypothesis_template": template, "multi_label": multi}
                        answer = pipe(text, candidate_labels=labels, **options)
                        cases.append(
                            {"text": text, "candidates": labels, "template": template, "multiLabel": multi}
                            | {"labels": answer["labels"], "scores": answer["scores"]}
                        )
        write_golden(folder, name, {"cases": cases})


def pairs(folder: Path):
    for name in ("reranker", "nli", "bert-nli"):
        pipe = load("text-classification", folder, name)
        cases = []
        for text, other in base.PAIRS + [(TEXTS[2], TEXTS[4]), ("good film", LONG), (LONG, "cat"), (LONG, LONG)]:
            if not other:
                continue
            options = {"top_k": None, "truncation": True}
            answer = pipe({"text": text, "text_pair": other}, **options)
            cases.append({"text": text, "pair": other, "scores": answer})
        path = folder / name / "golden.json"
        golden = json.loads(path.read_text()) if path.exists() else {}
        golden.pop("versions", None)
        write_golden(folder, name, golden | {"pairs": cases})


def choice(folder: Path):
    for name in ("choice", "bert-choice"):
        choice_cases(folder, name)


def choice_cases(folder: Path, name: str):
    tokenizer = AutoTokenizer.from_pretrained(folder / name)
    model = transformers.AutoModelForMultipleChoice.from_pretrained(
        folder / name, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    cases = []
    for text in (TEXTS[1], TEXTS[4], LONG):
        choices = ["It was not bad.", "the best cat 😀", "", "boring, boring and again boring"]
        inputs = tokenizer([text] * len(choices), choices, truncation=True, padding=True, return_tensors="pt")
        if not MODELS[name].bert:
            inputs.pop("token_type_ids", None)
        with torch.no_grad():
            logits = model(**{key: value[None] for key, value in inputs.items()}).logits[0]
        cases.append(
            {"text": text, "choices": choices, "logits": logits.tolist(), "scores": logits.softmax(-1).tolist()}
        )
    write_golden(folder, name, {"cases": cases})


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, model in MODELS.items():
        model.write(folder / name)
    for make in (tokens, mask, zero_shot, pairs, choice):
        make(folder)
        print(make.__name__, flush=True)


if __name__ == "__main__":
    main()
