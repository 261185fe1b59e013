"""Writes gradients of the checkpoints of make_gradients.py whose products are in bfloat16.

    python make_bfloat16.py [folder]

Every linear layer of the body rounds its input, its weights and the gradient of its output to bfloat16, and
multiplies and sums in float64. Everything else is float64. The gradient of the outputs is that of the batch.
"""

import json
import shutil
import sys

import torch
from safetensors.torch import save_file

from make_gradients import DROPOUT_KEY, HERE, VERSIONS, CounterMasks, Mask, heads, others

#: A checkpoint with its batch: each task, activations that DistilBERT lacks, and dropout.
CHOSEN = {
    "activation-quick_gelu mixed", "activation-tanh mixed", "bert-choice mixed", "bert-classification pairs",
    "bert-embedding mixed", "bert-tokens-dropout mixed", "bert-tokens mixed", "distilbert-classification mixed",
    "distilbert-classification-dropout mixed", "distilbert-mask mixed", "distilbert-questions mixed",
    "distilbert-regression-2 mixed",
}  # fmt: skip


def rounded(tensor):
    return tensor.float().bfloat16().to(tensor.dtype)


class RoundedLinear(torch.autograd.Function):
    @staticmethod
    def forward(context, x, weight, bias):
        context.save_for_backward(rounded(x), rounded(weight))
        return rounded(x) @ rounded(weight).T + bias

    @staticmethod
    def backward(context, g):
        x, weight = context.saved_tensors
        rows = lambda tensor: tensor.reshape(-1, tensor.shape[-1])
        return rounded(g) @ weight, rows(rounded(g)).T @ rows(x), rows(g).sum(dim=0)


def rounding(model):
    for name, module in model.named_modules():
        if ".layer." in f".{name}" and isinstance(module, torch.nn.Linear):
            module.forward = lambda x, own=module: RoundedLinear.apply(x, own.weight, own.bias)
    return model


def is_kept(name):
    """Of the body, the layer with the longest way back."""
    return "layer.0." in name or not ("layer." in name or "embeddings." in name)


def write(root, checkpoint, name, task):
    batch = json.loads((HERE / "gradients" / checkpoint.name / f"{name}.json").read_text())
    masks = CounterMasks(checkpoint, DROPOUT_KEY) if "dropout" in batch else None
    model = rounding(checkpoint.make().double())
    run = (lambda item: masks.output(task, model, item)) if masks else (lambda item: task.output(model, item))
    outputs = [run(item) for item in batch["items"]]
    if isinstance(task, Mask):
        task.loss(outputs, batch["items"]).backward()
    else:
        torch.autograd.backward(outputs, [torch.tensor(g, dtype=torch.float64) for g in batch["outputGradients"]])
    found = {checkpoint.stored_name(n): p.grad for n, p in model.named_parameters() if p.grad is not None}
    stored = {n: g.float() for n, g in found.items() if is_kept(n) and g.norm() > 1e-9}
    save_file(stored, root / f"{checkpoint.name}.{name}.safetensors", metadata={"versions": json.dumps(VERSIONS)})


def main():
    root = HERE / "bfloat16" if len(sys.argv) < 2 else HERE / sys.argv[1]
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for checkpoint, batches in [*heads(bert=False), *heads(bert=True), *others()]:
        for name, _, task, _ in batches:
            if f"{checkpoint.name} {name}" in CHOSEN:
                write(root, checkpoint, name, task)


if __name__ == "__main__":
    main()
