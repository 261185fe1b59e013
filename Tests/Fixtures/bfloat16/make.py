"""Writes what models of checkpoints/ and heads/ answer when their products are computed in bfloat16.

    python make.py

The products with weights of the transformer layers take inputs and weights that are rounded to bfloat16 (to the
nearest, ties to even), and sum in float32. Everything else is float32: embeddings, norms, softmax, activations,
residuals and heads. Attention of at least 16 tokens with heads of a multiple of 16 is computed in bfloat16 too:
queries, keys, values and the numerators of softmax are rounded. README.md one level up describes the files.
"""

import json
import os
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import numpy as np
import torch
import transformers
from torch.nn import functional

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent
sys.path.insert(0, str(FIXTURES / "checkpoints"))
import make as checkpoints  # noqa: E402

#: Attention is computed in bfloat16 from this length on, with heads of a multiple of this size.
LENGTH, HEAD_SIZE = 16, 16


@dataclass(frozen=True)
class Golden:
    folder: str
    covers: str
    task: str
    lengths: tuple[int, ...] = (1, 2, 5, 17, 40)
    #: For embeddings: the rows that are concatenated, and whether the result has length 1.
    poolings: tuple[str, ...] = ()
    normalizes: bool = False

    @property
    def name(self):
        return self.folder.split("/")[1]


GOLDENS = [
    Golden("checkpoints/plain", "DistilBERT, labels of texts, heads of 5", "labels", (1, 2, 5, 17, 64, 129, 300)),
    Golden("checkpoints/bert", "BERT, labels of texts, two token types, heads of 7", "labels", (1, 2, 17, 64, 129)),
    Golden("checkpoints/bfloat16", "stored in bfloat16, heads of 10", "labels", (1, 2, 5, 17, 64, 129, 300)),
    Golden("checkpoints/wide", "stored in float16, heads of 16", "labels", (1, 5, 15, 16, 17, 64, 129, 160)),
    Golden("checkpoints/mixed-dtypes", "stored in three types, heads of 6", "labels", (1, 5, 64, 129)),
    Golden("checkpoints/five-heads-of-seven", "fewer inner columns than 16", "labels", (1, 5, 64, 129)),
    Golden(
        "checkpoints/bert-minilm",
        "BERT without a head, heads of 32",
        "embedding",
        (1, 5, 17, 64, 129, 400),
        ("cls", "mean"),
    ),
    Golden("heads/tokens", "DistilBERT, labels of tokens", "tokens", (1, 5, 17, 70)),
    Golden("heads/bert-tokens", "BERT, labels of tokens", "tokens", (1, 5, 17, 70)),
    Golden("heads/questions", "DistilBERT, questions", "questions"),
    Golden("heads/bert-questions", "BERT, questions", "questions"),
    Golden("heads/mask", "DistilBERT, masked tokens", "mask"),
    Golden("heads/bert-mask", "BERT, masked tokens", "mask"),
    Golden("heads/embed-mean", "DistilBERT, mean of the rows", "embedding", poolings=("mean",)),
    Golden("heads/bert-embed-mean", "BERT, mean of the rows, normalised", "embedding", (1, 5, 17, 70), ("mean",), True),
]
CLASSES = {
    "labels": transformers.AutoModelForSequenceClassification,
    "tokens": transformers.AutoModelForTokenClassification,
    "questions": transformers.AutoModelForQuestionAnswering,
    "mask": transformers.AutoModelForMaskedLM,
    "embedding": transformers.AutoModel,
}


def rounded(x):
    """The nearest bfloat16 numbers, in the type of x."""
    return x.bfloat16().to(x.dtype)


class RoundedLinear(torch.nn.Linear):
    def forward(self, x):
        return functional.linear(rounded(x), rounded(self.weight), self.bias)


def attend(module, query, key, value, attention_mask, **options):
    """The eager attention of transformers for one text without padding, with rounded operands."""
    scores = torch.matmul(rounded(query), rounded(key).transpose(2, 3)) * query.shape[-1] ** -0.5
    numerators = torch.exp(scores - scores.amax(-1, keepdim=True))
    context = torch.matmul(rounded(numerators), rounded(value)) / numerators.sum(-1, keepdim=True)
    return context.transpose(1, 2).contiguous(), None


transformers.AttentionInterface.register("rounded", attend)


def load(golden, dtype, attention, is_rounded=True):
    model = CLASSES[golden.task].from_pretrained(FIXTURES / golden.folder, dtype=dtype, attn_implementation=attention)
    count = 0
    for name, module in model.named_modules():
        if is_rounded and ".layer." in f".{name}" and type(module) is torch.nn.Linear:
            module.__class__ = RoundedLinear
            count += 1
    assert count == (6 * model.config.num_hidden_layers if is_rounded else 0), (golden.name, count)
    return model.eval()


def answer(golden, model, ids, types):
    """The rows of the head's output."""
    tensor = torch.tensor([ids])
    inputs = {"input_ids": tensor} | ({"token_type_ids": torch.tensor([types])} if types else {})
    with torch.no_grad():
        output = model(**inputs)
    if golden.task == "embedding":
        rows = output.last_hidden_state[0]
        row = torch.cat([rows[0] if pooling == "cls" else rows.mean(0) for pooling in golden.poolings])
        return functional.normalize(row, dim=0)[None] if golden.normalizes else row[None]
    if golden.task == "questions":
        return torch.stack([output.start_logits[0], output.end_logits[0]], dim=1)
    if golden.task == "mask":
        return output.logits[0][tensor[0] == mask_id(golden)]
    return output.logits if golden.task == "labels" else output.logits[0]


def mask_id(golden):
    return (FIXTURES / golden.folder / "vocab.txt").read_text().splitlines().index("[MASK]")


def texts(golden, config):
    """Random ids, with two masks in each text where those are asked for."""
    random = np.random.default_rng(zlib.crc32(golden.name.encode()))
    types = getattr(config, "type_vocab_size", 1)
    for length in golden.lengths:
        ids = random.integers(config.vocab_size, size=length).tolist()
        if golden.task == "mask":
            ids[length // 2] = ids[-1] = mask_id(golden)
        yield ids, random.integers(types, size=length).tolist() if types > 1 else None


def distance(found, expected):
    """‖found - expected‖ / ‖expected‖ over all outputs."""
    pairs = [(np.float64(a) - np.float64(b), np.float64(b)) for a, b in zip(found, expected, strict=True)]
    error, size = (sum((pair[i] ** 2).sum() for pair in pairs) for i in (0, 1))
    return float(f"{(error / size) ** 0.5:.2g}")


def make(golden):
    def found(dtype, is_rounded=True):
        """The outputs of all texts, each with the attention of its length."""
        eager = load(golden, dtype, "eager", is_rounded)
        narrow = load(golden, dtype, "rounded", is_rounded) if is_rounded and has_narrow_heads else eager
        return [answer(golden, narrow if len(ids) >= LENGTH else eager, ids, types).numpy() for ids, types in inputs]

    config = transformers.AutoConfig.from_pretrained(FIXTURES / golden.folder)
    has_narrow_heads = config.hidden_size // config.num_attention_heads % HEAD_SIZE == 0
    inputs = list(texts(golden, config))
    outputs = found(torch.float32)
    result = {"covers": golden.covers, "versions": checkpoints.VERSIONS, "folder": golden.folder, "task": golden.task}
    if golden.poolings:
        result |= {"poolings": golden.poolings, "normalizes": golden.normalizes}
    if golden.task == "mask":
        result["maskID"] = mask_id(golden)
    result |= {
        # How far other sums of the same rounded numbers are off: an input may round to the other neighbour.
        "sumError": distance(found(torch.float64), outputs),
        # What rounding the operands changes: what a test of them must be sharper than.
        "float32Distance": distance(found(torch.float32, is_rounded=False), outputs),
        "cases": [
            {"ids": ids} | ({"typeIDs": types} if types else {}) | {"outputs": checkpoints.decimals(rows)}
            for (ids, types), rows in zip(inputs, outputs, strict=True)
        ],
    }
    path = HERE / f"{golden.name}.json"
    checkpoints.dump(result, path)
    print(
        f"{golden.name:20} {path.stat().st_size / 1000:5.1f} KB, distance of other sums {result['sumError']:.1e}, "
        f"of float32 {result['float32Distance']:.1e}"
    )


if __name__ == "__main__":
    for golden in GOLDENS:
        make(golden)
