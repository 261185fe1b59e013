"""Writes the small checkpoints beside this file and what Hugging Face transformers answers for them.

    python make.py [folder]

Each checkpoint is drawn from its own seed, stored, loaded back from disk with transformers, and run in
float32 with eager attention, one sequence at a time. README.md one level up describes the files.
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
from typing import Callable

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import numpy as np
import safetensors
import safetensors.torch
import tokenizers
import torch
import transformers
from transformers import (
    AutoModel,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertModel,
    DistilBertTokenizer,
    pipeline,
)
from transformers.activations import ACT2CLS

torch.set_num_threads(1)
transformers.utils.logging.disable_progress_bar()

VERSIONS = {
    "python": platform.python_version(),
    "torch": torch.__version__.split("+")[0],
    "transformers": transformers.__version__,
    "tokenizers": tokenizers.__version__,
    "safetensors": safetensors.__version__,
    "numpy": np.__version__,
}

# ---- Vocabulary and texts ----

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = (
    "the and of it is was not but very good bad great film movie plot acting love hate boring fun one no never "
    "in this that with for best worst cat"
).split()
SUFFIXES = ["##ing", "##ed", "##es", "##ly", "##er", "##est", "##able", "##ness", "##th", "##on"]


def vocabulary(cased: bool = False) -> list[str]:
    letters = LETTERS + (LETTERS.upper() + "éüÉ" if cased else "")
    words = WORDS + (["The", "Film", "Good", "NOT"] if cased else [])
    pieces = list("!\"#$%&'()*+,-./:;=?@[]_") + list("0123456789") + list(letters)
    pieces += ["##" + piece for piece in "0123456789" + letters]
    pieces += words + SUFFIXES + list("東京日本語中") + list("приветм") + ["##" + c for c in "приветм"] + ["😀"]
    return SPECIALS + [f"[unused{i}]" for i in range(3)] + pieces


TEXTS = [
    "",
    " ",
    "A good film.",
    "...!?",
    "Unbelievably BAD acting, and the plot made no sense at all",
    "not good",
    "Café naïve RÉSUMÉ über, e\u0301te\u0301",
    "東京 is 日本の cat",
    "I loved it 😀 \U0001f44d\U0001f3fd",
    "☃ ꙮ ﷺ",
    "The [MASK] was [SEP] fine",
    "\tTabs\nand\u00a0spaces\u200b here \u0007",
    "x" * 101 + " was good",
    "It's $9.99 (50% off)—don't!",
    "Привет мир",
]
FEW_TEXTS = ["", "A good film.", "Unbelievably BAD acting, and the plot made no sense at all", "東京 😀"]
PAIRS = [("A good film.", "It was not bad"), ("", "the best"), ("boring", ""), ("Café 東京", "I loved it 😀")]
LENGTHS = (1, 2, 3, 5, 8, 17, 31, 64, 129)
FEW_LENGTHS = (1, 2, 5, 17)


def long_text(words: int) -> str:
    draw = np.random.default_rng(7)
    return " ".join(WORDS[i] + ("." if i % 9 == 0 else "") for i in draw.integers(len(WORDS), size=words))


# ---- Checkpoints ----

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Shape:
    dim: int = 12
    heads: int = 3
    hidden: int = 17
    layers: int = 1
    positions: int = 160


@dataclass
class Checkpoint:
    name: str
    covers: str
    shape: Shape = Shape()
    dtype: torch.dtype = torch.float32
    labels: list[str] = field(default_factory=lambda: ["NEGATIVE", "POSITIVE"])
    head: bool = True
    group: str | None = None  # whose weights it has, when not its own
    seed: int = 0  # chosen so that the answers differ between the inputs
    config: dict = field(default_factory=dict)  # added to config.json, or replacing what is there
    without: tuple[str, ...] = ()  # keys that config.json lacks
    redraw: Callable[[Tensors], Tensors] | None = None  # changes the drawn weights
    store: Callable[[Tensors], Tensors] | None = (
        None  # changes names and types, not values, on the way to the file
    )
    pieces: list[str] = field(default_factory=vocabulary)
    extra_rows: int = 0  # rows of the embedding beyond the vocabulary
    tokenizer: dict = field(default_factory=dict)  # added to tokenizer_config.json
    tokenizer_json: Callable[[Path], None] | None = None
    lengths: tuple[int, ...] = FEW_LENGTHS
    texts: list[str] = field(default_factory=lambda: TEXTS)
    pairs: bool = False
    hidden_states: bool = False  # lastHiddenState for the short sequences too
    modern_names: bool = False  # transformers does not know the stored names: load the drawn ones
    bert: bool = False
    types: int = 2  # token types of BERT
    pooler: bool = True  # of a BERT without head; one with a head has it anyway
    shards: int = 1

    def random(self, what: str) -> np.random.Generator:
        return np.random.default_rng(zlib.crc32(f"{self.group or self.name} {what} {self.seed}".encode()))

    @property
    def rows(self) -> int:
        return len(self.pieces) + self.extra_rows

    @property
    def prefix(self) -> str:
        return ("bert." if self.bert else "distilbert.") if self.head else ""

    def config_json(self) -> dict:
        config = self.bert_config() if self.bert else self.distilbert_config()
        if self.head:
            config["id2label"] = {str(i): label for i, label in enumerate(self.labels)}
            config["label2id"] = {label: i for i, label in enumerate(self.labels)}
        config |= self.config
        return {key: value for key, value in config.items() if key not in self.without}

    def bert_config(self) -> dict:
        return {
            "architectures": ["BertForSequenceClassification" if self.head else "BertModel"],
            "model_type": "bert",
            "vocab_size": self.rows,
            "hidden_size": self.shape.dim,
            "num_attention_heads": self.shape.heads,
            "num_hidden_layers": self.shape.layers,
            "intermediate_size": self.shape.hidden,
            "max_position_embeddings": self.shape.positions,
            "type_vocab_size": self.types,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
            "layer_norm_eps": 1e-12,
            "pad_token_id": 0,
            "position_embedding_type": "absolute",
        }

    def distilbert_config(self) -> dict:
        return {
            "architectures": ["DistilBertForSequenceClassification" if self.head else "DistilBertModel"],
            "model_type": "distilbert",
            "vocab_size": self.rows,
            "dim": self.shape.dim,
            "n_heads": self.shape.heads,
            "n_layers": self.shape.layers,
            "hidden_dim": self.shape.hidden,
            "max_position_embeddings": self.shape.positions,
            "activation": "gelu",
            "dropout": 0.1,
            "attention_dropout": 0.1,
            "seq_classif_dropout": 0.2,
            "pad_token_id": 0,
            "sinusoidal_pos_embds": False,
        }

    def draw(self) -> Tensors:
        """Weights large enough that every part of the model shows in the logits, which are of order 1."""
        random = self.random("weights")
        tensors: Tensors = {}

        def normal(name: str, mean: float, deviation: float, *shape: int):
            tensors[name] = torch.from_numpy(random.normal(mean, deviation, shape))

        def linear(name: str, out: int, into: int, gain: float = 1.5):
            normal(f"{name}.weight", 0, gain / math.sqrt(into), out, into)
            normal(f"{name}.bias", 0, 0.2, out)

        def norm(name: str):
            normal(f"{name}.weight", 1, 0.2, self.shape.dim)
            normal(f"{name}.bias", 0, 0.2, self.shape.dim)

        body = self.prefix
        normal(f"{body}embeddings.word_embeddings.weight", 0, 1, self.rows, self.shape.dim)
        normal(f"{body}embeddings.position_embeddings.weight", 0, 1, self.shape.positions, self.shape.dim)
        if self.bert:
            normal(f"{body}embeddings.token_type_embeddings.weight", 0, 1, self.types, self.shape.dim)
        norm(f"{body}embeddings.LayerNorm")
        parts = BERT_PARTS if self.bert else DISTILBERT_PARTS
        for i in range(self.shape.layers):
            layer = f"{body}{parts['layer']}.{i}."
            for part in parts["attention"]:
                linear(f"{layer}{part}", self.shape.dim, self.shape.dim)
            norm(f"{layer}{parts['attention norm']}")
            linear(f"{layer}{parts['inner']}", self.shape.hidden, self.shape.dim)
            linear(f"{layer}{parts['outer']}", self.shape.dim, self.shape.hidden)
            norm(f"{layer}{parts['output norm']}")
        if self.bert and (self.head or self.pooler):
            linear(f"{body}pooler.dense", self.shape.dim, self.shape.dim)
        if self.head:
            if not self.bert:
                linear("pre_classifier", self.shape.dim, self.shape.dim)
            linear("classifier", len(self.labels), self.shape.dim)
        if self.redraw:
            tensors = self.redraw(tensors)
        return {name: tensor.to(self.dtype) for name, tensor in tensors.items()}


DISTILBERT_PARTS = {
    "layer": "transformer.layer",
    "attention": ["attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin"],
    "attention norm": "sa_layer_norm",
    "inner": "ffn.lin1",
    "outer": "ffn.lin2",
    "output norm": "output_layer_norm",
}
BERT_PARTS = {
    "layer": "encoder.layer",
    "attention": ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"],
    "attention norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "output norm": "output.LayerNorm",
}


# Changes to the weights.


def sinusoidal(tensors: Tensors) -> Tensors:
    # Not quite the table that transformers would initialise: the stored one counts.
    name = "distilbert.embeddings.position_embeddings.weight"
    rows, dim = tensors[name].shape
    angle = np.arange(rows)[:, None] / np.power(10000, 2 * (np.arange(dim) // 2) / dim)
    tensors[name] = 1.25 * torch.from_numpy(np.where(np.arange(dim) % 2 == 0, np.sin(angle), np.cos(angle)))
    return tensors


def equal_labels(tensors: Tensors) -> Tensors:
    for name in ("classifier.weight", "classifier.bias"):
        tensors[name][9] = tensors[name][4]
    return tensors


def small_embeddings(tensors: Tensors) -> Tensors:
    return {n: t * 1e-6 if "_embeddings" in n else t for n, t in tensors.items()}


def distant_embeddings(tensors: Tensors) -> Tensors:
    return {n: t + 100 if "word_embeddings" in n else t for n, t in tensors.items()}


def large_scores(tensors: Tensors) -> Tensors:
    # The same amount for all keys of a query, so that the probabilities stay what they were.
    return {n: t * 400 if "k_lin.bias" in n else t for n, t in tensors.items()}


def wide_activations(tensors: Tensors) -> Tensors:
    return {n: t * 2.7 if "ffn.lin1.weight" in n else t for n, t in tensors.items()}


def calm_layers(tensors: Tensors) -> Tensors:
    # Twelve layers of so few columns would otherwise make much of the smallest error of the first.
    return {n: t * 0.4 if ".layer." in n and t.ndim == 2 else t for n, t in tensors.items()}


# Changes on the way to the file.


def without_prefix(tensors: Tensors) -> Tensors:
    return {name.removeprefix("distilbert.").removeprefix("bert."): tensor for name, tensor in tensors.items()}


def legacy_embedding_norm(tensors: Tensors) -> Tensors:
    def rename(name: str) -> str:
        return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")

    return {rename(name): tensor for name, tensor in tensors.items()}


def legacy_norms(tensors: Tensors) -> Tensors:
    def rename(name: str) -> str:
        if "LayerNorm" in name or "layer_norm" in name:
            return name.replace(".weight", ".gamma").replace(".bias", ".beta")
        return name

    return {rename(name): tensor for name, tensor in tensors.items()}


def with_position_ids(tensors: Tensors) -> Tensors:
    table = next(name for name in tensors if name.endswith("position_embeddings.weight"))
    ids = torch.arange(tensors[table].shape[0])[None]
    return tensors | {table.replace("position_embeddings.weight", "position_ids"): ids}


def mixed_types(tensors: Tensors) -> Tensors:
    types = (torch.float32, torch.float16, torch.bfloat16)
    return {name: tensor.to(types[i % 3]) for i, (name, tensor) in enumerate(sorted(tensors.items()))}


def every_float_type(tensors: Tensors) -> Tensors:
    types = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
    return {name: tensor.to(types[i % 4]) for i, (name, tensor) in enumerate(sorted(tensors.items()))}


# tokenizer.json files.


def tokenizer_file(folder: Path):
    DistilBertTokenizer.from_pretrained(folder).backend_tokenizer.save(str(folder / "tokenizer.json"))


def cased_tokenizer_file(folder: Path):
    tokenizer_file(folder)
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text())
    content["normalizer"]["lowercase"] = False
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1))


def tokenizer_file_that_differs(folder: Path):
    """Another vocabulary than vocab.txt (two words exchanged), another normalizer than in tokenizer_config."""
    tokenizer_file(folder)
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text())
    vocab = content["model"]["vocab"]
    vocab["good"], vocab["bad"] = vocab["bad"], vocab["good"]
    content["model"]["vocab"] = dict(sorted(vocab.items(), key=lambda item: item[1]))
    content["normalizer"]["lowercase"] = False
    content["truncation"] = {"direction": "Right", "max_length": 6, "strategy": "LongestFirst", "stride": 0}
    content["padding"] = {
        "strategy": {"Fixed": 9},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "[PAD]",
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1))


THREE = ["negative", "neutral", "positive"]
TWELVE = [
    "anger",
    "calm",
    "disgust",
    "envy",
    "fear",
    "guilt",
    "hope",
    "joy",
    "love",
    "pride",
    "relief",
    "sadness",
]

CHECKPOINTS = [
    Checkpoint(
        "plain",
        (
            "The usual form: float32, prefix distilbert., two labels; pairs of texts; lastHiddenState"
            " of the short id sequences."
        ),
        Shape(dim=25, heads=5, hidden=53, layers=2, positions=512),
        lengths=LENGTHS,
        pairs=True,
        hidden_states=True,
        seed=2,
    ),
    Checkpoint(
        "three-heads",
        "Three heads of 7, three layers, three labels with id2label not in order.",
        Shape(dim=21, heads=3, hidden=37, layers=3, positions=512),
        lengths=LENGTHS,
        labels=THREE,
        config={
            "id2label": {"2": "positive", "0": "negative", "1": "neutral"},
            "label2id": {"positive": 2, "negative": 0, "neutral": 1},
        },
        seed=3,
    ),
    Checkpoint(
        "one-head",
        "One head of 13; 40 positions, so that texts are cut at 40.",
        Shape(dim=13, heads=1, hidden=29, layers=2, positions=40),
        lengths=LENGTHS,
    ),
    Checkpoint(
        "head-size-one", "15 heads of size 1.", Shape(dim=15, heads=15, hidden=19), lengths=LENGTHS, seed=6
    ),
    Checkpoint(
        "head-size-ten", "Three heads of 10.", Shape(dim=30, heads=3, hidden=41), lengths=LENGTHS, seed=7
    ),
    Checkpoint(
        "five-heads-of-seven",
        "Five heads of 7, feed-forward narrower than the model.",
        Shape(dim=35, heads=5, hidden=11),
        lengths=LENGTHS,
    ),
    Checkpoint(
        "wide",
        "Three heads of 16, feed-forward of 96, float16: sizes that fit vectors exactly.",
        Shape(dim=48, heads=3, hidden=96),
        lengths=LENGTHS,
        dtype=torch.float16,
        seed=3,
    ),
    # Types of the stored tensors.
    Checkpoint(
        "float16",
        "All tensors F16; torch_dtype float16.",
        Shape(dim=30, heads=5, hidden=43, layers=2, positions=512),
        lengths=LENGTHS,
        dtype=torch.float16,
        config={"torch_dtype": "float16"},
        hidden_states=True,
        seed=3,
    ),
    Checkpoint(
        "bfloat16",
        "All tensors BF16; dtype bfloat16.",
        Shape(dim=30, heads=3, hidden=43, layers=2, positions=512),
        lengths=LENGTHS,
        dtype=torch.bfloat16,
        config={"dtype": "bfloat16"},
        seed=4,
    ),
    Checkpoint(
        "float64",
        "All tensors F64, not representable in float32.",
        Shape(dim=14, heads=2, hidden=23, layers=2),
        lengths=LENGTHS,
        dtype=torch.float64,
        seed=8,
    ),
    Checkpoint(
        "mixed-dtypes",
        "F32, F16 and BF16 tensors by turns, in the order of their names.",
        Shape(dim=18, heads=3, hidden=31, layers=2, positions=512),
        lengths=LENGTHS,
        store=mixed_types,
    ),
    # Names of the stored tensors.
    Checkpoint(
        "bare",
        "DistilBertModel without head and prefix: lastHiddenState instead of logits.",
        Shape(dim=30, heads=3, hidden=47, layers=2),
        head=False,
        lengths=(1, 2, 3, 5, 8, 17, 31),
        texts=FEW_TEXTS,
    ),
    Checkpoint(
        "no-prefix",
        "Sequence classification whose body has no distilbert. prefix.",
        Shape(dim=18, heads=3, hidden=25, layers=2),
        lengths=LENGTHS,
        store=without_prefix,
    ),
    Checkpoint(
        "legacy-layernorm",
        "embeddings.LayerNorm.gamma and .beta.",
        Shape(dim=14, heads=2, hidden=23),
        store=legacy_embedding_norm,
    ),
    Checkpoint(
        "legacy-layernorm-all",
        (
            "Every norm spelled gamma and beta, sa_layer_norm and output_layer_norm too. transformers"
            " 5 renames only LayerNorm.*, so the golden values come from the same weights under "
            "today's names."
        ),
        Shape(dim=14, heads=2, hidden=23),
        store=legacy_norms,
        modern_names=True,
        seed=6,
    ),
    Checkpoint(
        "position-ids",
        "The I64 tensor distilbert.embeddings.position_ids of older exports, to be ignored.",
        Shape(dim=14, heads=2, hidden=23, positions=512),
        store=with_position_ids,
        seed=15,
    ),
    # Forms of config.json.
    Checkpoint(
        "aliases",
        "hidden_size, num_hidden_layers, num_attention_heads instead of dim, n_layers, n_heads.",
        Shape(dim=18, heads=3, hidden=25, layers=2),
        without=("dim", "n_heads", "n_layers"),
        config={"hidden_size": 18, "num_attention_heads": 3, "num_hidden_layers": 2},
        seed=5,
    ),
    Checkpoint(
        "defaults",
        (
            "config.json with little but dim, hidden_dim and vocab_size: 6 layers, 12 heads (of size "
            "1), 512 positions, gelu, LABEL_0 and LABEL_1 by default; no model_max_length either."
        ),
        Shape(dim=12, heads=12, hidden=31, layers=6, positions=512),
        labels=["LABEL_0", "LABEL_1"],
        without=(
            "n_heads",
            "n_layers",
            "max_position_embeddings",
            "activation",
            "dropout",
            "attention_dropout",
            "seq_classif_dropout",
            "pad_token_id",
            "sinusoidal_pos_embds",
            "id2label",
            "label2id",
        ),
        tokenizer={"model_max_length": None, "do_lower_case": None},
        seed=7,
    ),
    Checkpoint(
        "default-hidden-dim",
        "hidden_dim missing: 3072. float16.",
        Shape(dim=10, heads=5, hidden=3072, positions=64),
        dtype=torch.float16,
        without=("hidden_dim",),
        texts=FEW_TEXTS,
        seed=4,
    ),
    Checkpoint(
        "num-labels",
        (
            "The config of an early export: num_labels without id2label, torchscript, pruned_heads {}"
            " and other leftovers."
        ),
        Shape(dim=14, heads=2, hidden=23, positions=512),
        labels=["LABEL_0", "LABEL_1", "LABEL_2"],
        without=("id2label", "label2id"),
        config={
            "num_labels": 3,
            "finetuning_task": "mnli",
            "output_attentions": False,
            "output_hidden_states": False,
            "output_past": True,
            "pruned_heads": {},
            "tie_weights_": True,
            "torchscript": False,
            "use_bfloat16": False,
        },
        seed=3,
    ),
    Checkpoint(
        "sinusoidal",
        "sinusoidal_pos_embds true: the stored table counts (here 1.25 times the sine table).",
        Shape(dim=15, heads=5, hidden=23, positions=512),
        lengths=LENGTHS,
        redraw=sinusoidal,
        config={"sinusoidal_pos_embds": True},
        seed=2,
    ),
    Checkpoint(
        "larger-vocabulary",
        (
            "More embedding rows than vocab.txt has lines; special tokens at the end of the "
            "vocabulary; pad_token_id accordingly."
        ),
        Shape(dim=14, heads=2, hidden=23),
        pieces=vocabulary()[5:] + SPECIALS,
        extra_rows=7,
        config={"pad_token_id": len(vocabulary()) - 5},
        seed=2,
    ),
    # Labels and what is done to the logits.
    Checkpoint(
        "twelve-labels",
        (
            "Twelve labels, JSON order 0, 1, 10, 11, 2 …; labels 4 and 9 have equal weights and tie: "
            "index order."
        ),
        Shape(dim=18, heads=3, hidden=25),
        labels=TWELVE,
        redraw=equal_labels,
        config={
            "id2label": {i: TWELVE[int(i)] for i in sorted(map(str, range(12)))},
            "label2id": {TWELVE[int(i)]: int(i) for i in sorted(map(str, range(12)))},
        },
        seed=7,
    ),
    Checkpoint(
        "regression",
        "One label, problem_type regression: the raw value.",
        labels=["rating"],
        config={"problem_type": "regression"},
        seed=2,
    ),
    Checkpoint(
        "regression-three",
        "Three labels, problem_type regression: raw values.",
        labels=THREE,
        config={"problem_type": "regression"},
        seed=2,
    ),
    Checkpoint(
        "multi-label",
        "Three labels, problem_type multi_label_classification: sigmoid.",
        labels=THREE,
        config={"problem_type": "multi_label_classification"},
        seed=1,
    ),
    Checkpoint(
        "single-label",
        "Three labels, problem_type single_label_classification: softmax.",
        labels=THREE,
        config={"problem_type": "single_label_classification"},
        seed=4,
    ),
    Checkpoint("one-label", "One label without problem_type: sigmoid.", labels=["toxic"], seed=1),
    # Tokenizers.
    Checkpoint(
        "cased",
        "do_lower_case false; pairs of texts.",
        Shape(dim=18, heads=3, hidden=25, positions=512),
        pieces=vocabulary(cased=True),
        tokenizer={"do_lower_case": False},
        pairs=True,
        seed=3,
    ),
    Checkpoint(
        "cased-without-accents",
        "do_lower_case false, strip_accents true, tokenize_chinese_chars false.",
        pieces=vocabulary(cased=True),
        tokenizer={"do_lower_case": False, "strip_accents": True, "tokenize_chinese_chars": False},
        seed=5,
    ),
    Checkpoint(
        "tokenizer-json",
        "tokenizer.json beside vocab.txt, saying the same.",
        tokenizer_json=tokenizer_file,
        seed=3,
    ),
    Checkpoint(
        "tokenizer-json-differs",
        (
            "tokenizer.json and its neighbours disagree: its vocabulary (good and bad exchanged) wins"
            " over vocab.txt; do_lower_case of tokenizer_config.json wins over its normalizer; its "
            "truncation (6) and padding (9) do not count."
        ),
        tokenizer_json=tokenizer_file_that_differs,
        seed=4,
    ),
    Checkpoint(
        "tokenizer-json-generic",
        (
            "tokenizer_class PreTrainedTokenizerFast: tokenizer.json counts alone, so that its normalizer"
            " without lowercase wins over do_lower_case."
        ),
        pieces=vocabulary(cased=True),
        tokenizer={
            "tokenizer_class": "PreTrainedTokenizerFast",
            "pad_token": "[PAD]",
            "unk_token": "[UNK]",
            "cls_token": "[CLS]",
            "sep_token": "[SEP]",
            "mask_token": "[MASK]",
        },
        tokenizer_json=cased_tokenizer_file,
    ),
    Checkpoint(
        "short-model-max-length",
        "model_max_length 20 with 64 positions: texts are cut at 20; pairs of texts.",
        Shape(positions=64),
        tokenizer={"model_max_length": 20},
        pairs=True,
        seed=14,
    ),
    # Numbers that lose digits when computed carelessly.
    Checkpoint(
        "layernorm-small-variance",
        "Embeddings of size 1e-6: the epsilon 1e-12 is half of their variance.",
        Shape(positions=64),
        redraw=small_embeddings,
        texts=FEW_TEXTS,
        seed=7,
    ),
    Checkpoint(
        "layernorm-offset",
        "Embeddings around 100: mean of squares minus square of the mean would lose the variance.",
        Shape(positions=64),
        redraw=distant_embeddings,
        texts=FEW_TEXTS,
    ),
    Checkpoint(
        "attention-large-scores",
        "Attention scores of several hundred: softmax needs its maximum taken off.",
        Shape(positions=64),
        redraw=large_scores,
        texts=FEW_TEXTS,
        seed=3,
    ),
]

# Checkpoints in several files, and BERT.
CHECKPOINTS += [
    Checkpoint(
        "sharded",
        "Three shards and their index.",
        Shape(dim=18, heads=3, hidden=25, layers=2),
        shards=3,
        seed=2,
    ),
    Checkpoint(
        "bert",
        (
            "The usual form: float32, prefix bert., two token types, pooler; pairs of texts;"
            " lastHiddenState of the short id sequences."
        ),
        Shape(dim=28, heads=4, hidden=53, layers=2, positions=512),
        bert=True,
        lengths=LENGTHS,
        pairs=True,
        hidden_states=True,
        seed=2,
    ),
    Checkpoint(
        "bert-bare",
        "BertModel without head and prefix, as sentence-transformers saves it: lastHiddenState and pooled.",
        Shape(dim=30, heads=3, hidden=47, layers=2),
        bert=True,
        head=False,
        lengths=(1, 2, 3, 5, 8, 17, 31),
        texts=FEW_TEXTS,
        pairs=True,
    ),
    Checkpoint(
        "bert-without-pooler",
        "BertModel without a pooler.",
        Shape(dim=18, heads=3, hidden=25),
        bert=True,
        head=False,
        pooler=False,
        texts=FEW_TEXTS,
    ),
    Checkpoint(
        "bert-no-prefix",
        "Sequence classification whose body has no bert. prefix.",
        Shape(dim=18, heads=3, hidden=25),
        bert=True,
        store=without_prefix,
        seed=3,
    ),
    Checkpoint(
        "bert-legacy-layernorm",
        "LayerNorm.gamma and LayerNorm.beta everywhere, and position_ids, as the first releases stored them.",
        Shape(dim=20, heads=2, hidden=33, layers=2),
        bert=True,
        store=lambda tensors: with_position_ids(legacy_embedding_norm(tensors)),
        seed=2,
    ),
    Checkpoint(
        "bert-minilm",
        "Like MiniLM: heads of 32 (two), feed-forward of four times the width, bare, no position_embedding_type.",
        Shape(dim=64, heads=2, hidden=256, layers=1, positions=512),
        dtype=torch.float16,
        bert=True,
        head=False,
        without=("position_embedding_type",),
        config={"gradient_checkpointing": False, "use_cache": True, "initializer_range": 0.02},
        lengths=(1, 2, 3, 5, 8),
        texts=FEW_TEXTS,
    ),
    Checkpoint(
        "bert-tinybert",
        "Like TinyBERT: heads of 26 (three), sizes that are multiples of nothing; float16.",
        Shape(dim=78, heads=3, hidden=101, layers=1, positions=200),
        dtype=torch.float16,
        bert=True,
        config={"cell": {}, "emb_size": 78, "structure": [], "pre_trained": "", "training": ""},
        lengths=LENGTHS,
        seed=3,
    ),
    Checkpoint(
        "bert-cased",
        "do_lower_case false; pairs of texts; three labels.",
        Shape(dim=18, heads=3, hidden=25, positions=64),
        labels=THREE,
        pieces=vocabulary(cased=True),
        tokenizer={"do_lower_case": False},
        bert=True,
        pairs=True,
        seed=3,
    ),
    Checkpoint(
        "bert-reranker",
        "One label, without problem_type: what a reranker gives a pair; 40 positions.",
        Shape(dim=24, heads=2, hidden=40, positions=40),
        labels=["LABEL_0"],
        bert=True,
        pairs=True,
        seed=4,
    ),
    Checkpoint(
        "bert-epsilon",
        "layer_norm_eps 0.01, which shows in every norm.",
        Shape(dim=18, heads=3, hidden=25, positions=64),
        bert=True,
        redraw=lambda tensors: {n: t * 0.1 if "_embeddings" in n else t for n, t in tensors.items()},
        config={"layer_norm_eps": 0.01},
        texts=FEW_TEXTS,
        seed=2,
    ),
    Checkpoint(
        "bert-three-types",
        "Three token types.",
        Shape(dim=18, heads=3, hidden=25, positions=64),
        bert=True,
        types=3,
        texts=FEW_TEXTS,
        seed=2,
    ),
    Checkpoint(
        "bert-one-type",
        "A single token type, to be added all the same.",
        Shape(dim=18, heads=3, hidden=25, positions=64),
        bert=True,
        types=1,
        texts=FEW_TEXTS,
        seed=2,
    ),
    Checkpoint(
        "bert-relu",
        "hidden_act relu.",
        Shape(dim=18, heads=3, hidden=25, positions=64),
        bert=True,
        config={"hidden_act": "relu"},
        texts=FEW_TEXTS,
        seed=2,
    ),
    Checkpoint(
        "bert-gelu-new",
        "hidden_act gelu_new.",
        Shape(dim=18, heads=3, hidden=25, positions=64),
        bert=True,
        config={"hidden_act": "gelu_new"},
        texts=FEW_TEXTS,
        seed=2,
    ),
    Checkpoint(
        "bert-defaults",
        (
            "config.json with little but hidden_size, intermediate_size and vocab_size: 12 layers, 12 heads"
            " (of size 1), 512 positions, two token types, gelu, LABEL_0 and LABEL_1 by default."
        ),
        Shape(dim=12, heads=12, hidden=31, layers=12, positions=512),
        labels=["LABEL_0", "LABEL_1"],
        bert=True,
        without=(
            "num_attention_heads",
            "num_hidden_layers",
            "max_position_embeddings",
            "type_vocab_size",
            "hidden_act",
            "hidden_dropout_prob",
            "attention_probs_dropout_prob",
            "layer_norm_eps",
            "pad_token_id",
            "position_embedding_type",
            "id2label",
            "label2id",
        ),
        tokenizer={"model_max_length": None, "do_lower_case": None},
        redraw=calm_layers,
        seed=7,
    ),
    Checkpoint(
        "bert-default-intermediate-size",
        "intermediate_size missing: 3072. float16.",
        Shape(dim=10, heads=5, hidden=3072, positions=64),
        dtype=torch.float16,
        bert=True,
        without=("intermediate_size",),
        texts=FEW_TEXTS,
        seed=4,
    ),
    Checkpoint(
        "bert-sharded",
        "Four shards and their index; F32, F16, BF16 and F64 tensors by turns.",
        Shape(dim=18, heads=3, hidden=25, layers=2),
        dtype=torch.float64,
        bert=True,
        store=every_float_type,
        shards=4,
        seed=2,
    ),
]

# Every activation that transformers names, except the ones with parameters (prelu, xielu).
for activation in ACT2CLS:
    if activation not in ("prelu", "xielu"):
        CHECKPOINTS.append(
            Checkpoint(
                f"activation-{activation}",
                f"Activation {activation}; the weights are those of every activation-* folder.",
                Shape(hidden=19, positions=64),
                group="activation",
                seed=3,
                redraw=wide_activations,
                config={"activation": activation},
                texts=FEW_TEXTS,
            )
        )


# ---- Golden values ----


def decimals(array) -> list:
    """The shortest decimals that read back as the same float32."""
    array = np.asarray(array)
    assert array.dtype == np.float32
    return [decimals(row) for row in array] if array.ndim > 1 else [float(str(value)) for value in array]


def dump(golden: dict, path: Path):
    """One line per key, and one per element of the lists of cases."""

    def line(value) -> str:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return text.replace("\u00a0", "\\u00a0").replace("\u200b", "\\u200b").replace("\u0301", "\\u0301")

    lines = []
    for key, value in golden.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value = "[\n" + ",\n".join("  " + line(element) for element in value) + "\n ]"
        else:
            value = line(value)
        lines.append(f' "{key}":{value}')
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def save(tensors: Tensors, shards: int, folder: Path):
    """Tensors in alternating shards, so that every shard has parts of several layers."""
    if shards == 1:
        safetensors.torch.save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        return
    places = {}
    for index in range(shards):
        shard = dict(list(tensors.items())[index::shards])
        name = f"model-{index + 1:05d}-of-{shards:05d}.safetensors"
        safetensors.torch.save_file(shard, folder / name, metadata={"format": "pt"})
        places |= {tensor: name for tensor in shard}
    size = sum(tensor.nbytes for tensor in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": dict(sorted(places.items()))}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")


def write(checkpoint: Checkpoint, folder: Path):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tensors = checkpoint.draw()
    stored = checkpoint.store(tensors) if checkpoint.store else tensors
    save(stored, checkpoint.shards, folder)
    (folder / "config.json").write_text(json.dumps(checkpoint.config_json(), indent=1) + "\n")
    (folder / "vocab.txt").write_text("".join(piece + "\n" for piece in checkpoint.pieces), encoding="utf-8")
    tokenizer = {
        "tokenizer_class": "BertTokenizer" if checkpoint.bert else "DistilBertTokenizer",
        "do_lower_case": True,
        "model_max_length": checkpoint.shape.positions,
    } | checkpoint.tokenizer
    tokenizer = {key: value for key, value in tokenizer.items() if value is not None}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=1) + "\n")
    if checkpoint.tokenizer_json:
        checkpoint.tokenizer_json(folder)


def load(checkpoint: Checkpoint, folder: Path, dtype: torch.dtype):
    kind = AutoModelForSequenceClassification if checkpoint.head else AutoModel
    arguments = dict(dtype=dtype, attn_implementation="eager")
    if checkpoint.bert and not checkpoint.head and not checkpoint.pooler:
        kind = BertModel
        arguments["add_pooling_layer"] = False
    if checkpoint.modern_names:
        config = transformers.AutoConfig.from_pretrained(folder)
        model = kind.from_config(config, **arguments)
        model.load_state_dict({n: t.to(dtype) for n, t in checkpoint.draw().items()}, strict=True)
    else:
        model, report = kind.from_pretrained(folder, output_loading_info=True, **arguments)
        assert not any(report.values()), (checkpoint.name, report)
    return model.eval()


def answer(model, ids: list[int], types: list[int] | None):
    ids = torch.tensor([ids])
    types = {} if types is None else {"token_type_ids": torch.tensor([types])}
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True, **types)


def golden(checkpoint: Checkpoint, folder: Path) -> dict:
    model, reference = load(checkpoint, folder, torch.float32), load(checkpoint, folder, torch.float64)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    limit = min(tokenizer.model_max_length, checkpoint.shape.positions)
    cut = dict(truncation=True, max_length=limit)
    result = {"covers": checkpoint.covers, "versions": VERSIONS, "maxLength": limit}
    error = 0.0

    def values(ids: list[int], hidden_states: bool = False, types: list[int] | None = None) -> dict:
        nonlocal error
        output, exact = answer(model, ids, types), answer(reference, ids, types)
        found = {}
        if not checkpoint.head and getattr(output, "pooler_output", None) is not None:
            found["pooled"] = output.pooler_output[0].numpy()
            error = max(error, (output.pooler_output - exact.pooler_output).abs().max().item())
        if checkpoint.head:
            found["logits"] = output.logits[0].numpy()
            error = max(error, (output.logits - exact.logits).abs().max().item())
        if hidden_states or not checkpoint.head:
            found["lastHiddenState"] = output.hidden_states[-1][0].numpy()
            error = max(error, (output.hidden_states[-1] - exact.hidden_states[-1]).abs().max().item())
        assert all(np.isfinite(value).all() for value in found.values())
        kinds = {} if types is None else {"typeIDs": types}
        return kinds | {key: decimals(value) for key, value in found.items()}

    random = checkpoint.random("ids")
    lengths = [n for n in checkpoint.lengths if n <= checkpoint.shape.positions]
    lengths += [checkpoint.shape.positions] if checkpoint.head else []
    cases = []
    for length in lengths:
        ids = random.integers(checkpoint.rows, size=length).tolist()
        cases.append({"ids": ids} | values(ids, checkpoint.hidden_states and length <= 8))
        if checkpoint.bert:
            types = random.integers(checkpoint.types, size=length).tolist()
            cases.append({"ids": ids} | values(ids, checkpoint.hidden_states and length <= 8, types))

    texts = []
    if checkpoint.head:
        classify = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
        functions = [
            name
            for name in ("softmax", "sigmoid", "none")
            if classify("good", top_k=None, function_to_apply=name) == classify("good", top_k=None)
        ]
        result |= {
            "labels": [model.config.id2label[i] for i in range(model.config.num_labels)],
            "function": functions[0],
        }
        assert len(functions) == 1 and result["labels"] == checkpoint.labels
    for text in checkpoint.texts + [long_text(limit + 40)]:
        ids = tokenizer(text, **cut)["input_ids"]
        if not checkpoint.head:
            texts += [{"text": text, "ids": ids} | values(ids)] if len(ids) <= 32 else []
            continue
        scores = classify(text, top_k=None, **cut)
        scores = [
            {"label": s["label"], "score": decimals(np.array([s["score"]], np.float32))[0]} for s in scores
        ]
        texts.append({"text": text, "ids": ids} | values(ids) | {"scores": scores})

    pairs = []
    if checkpoint.pairs:
        for text, pair in PAIRS + [(long_text(limit), long_text(limit // 2)), ("good", long_text(limit + 9))]:
            encoding = tokenizer(text, pair, **cut)
            ids, types = encoding["input_ids"], encoding["token_type_ids"] if checkpoint.bert else None
            if checkpoint.head or len(ids) <= 32:
                pairs.append({"text": text, "pair": pair, "ids": ids} | values(ids, types=types))

    # How far float32 itself is from the exact answer: what a tolerance must allow at least.
    result |= {"float32Error": float(f"{error:.2g}"), "ids": cases, "texts": texts}
    return result | ({"pairs": pairs} if pairs else {})


def main():
    here = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    for checkpoint in CHECKPOINTS:
        folder = here / checkpoint.name
        write(checkpoint, folder)
        result = golden(checkpoint, folder)
        dump(result, folder / "golden.json")
        for file in folder.iterdir():
            file.chmod(0o644)
        firsts = np.array([c.get("logits") or c["lastHiddenState"][0] for c in result["ids"] + result["texts"]])
        size = sum(file.stat().st_size for file in folder.iterdir())
        print(
            f"{checkpoint.name:28} {size / 1000:6.1f} KB {result.get('function', '-'):8}",
            f"{firsts.min():7.3f} … {firsts.max():6.3f}, deviation {firsts.std(axis=0).min():.2f},",
            f"float32 error {result['float32Error']:.1e}",
        )


if __name__ == "__main__":
    main()
