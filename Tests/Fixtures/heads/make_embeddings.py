"""Writes the checkpoints embed-* and bert-embed-*, and the embeddings that sentence-transformers makes with them.

    python make_embeddings.py [folder]
"""

import json
import os
import sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import numpy as np
import torch
from safetensors.torch import save_file

import make
import sentence_transformers
from sentence_transformers import SentenceTransformer

TEXTS = make.TEXTS + [make.LONG]
PREFIX = "sentence_transformers.models."
# name: pooling, dense activation or none, whether normalised, length, whether in a folder of its own
MODELS = {
    "embed-mean": (["mean_tokens"], None, False, 32, False),
    "embed-cls": (["cls_token"], None, True, 24, False),
    "embed-max": (["max_tokens"], "torch.nn.modules.activation.Tanh", True, 32, False),
    "embed-joined": (["cls_token", "max_tokens", "mean_tokens"], "torch.nn.modules.linear.Identity", False, 32, True),
    "embed-weighted": (["weightedmean_tokens"], None, False, 32, False),
    "embed-root": (["mean_sqrt_len_tokens"], None, False, 32, False),
    "bert-embed-mean": (["mean_tokens"], None, True, 32, False),
    "bert-embed-cls": (["cls_token"], "torch.nn.modules.activation.Tanh", False, 24, True),
}
MODES = ["cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"]


def write(folder: Path, name: str):
    modes, activation, normalizes, length, apart = MODELS[name]
    root = folder / name
    encoder = root / "0_Transformer" if apart else root
    if root.exists():
        import shutil

        shutil.rmtree(root)
    if name.startswith("bert-"):
        # One with the pooler that no pooling of sentence-transformers reads, one without.
        pooler = {"pooler.dense": (make.DIM, make.DIM)} if name == "bert-embed-mean" else {}
        make.Model(name, "BertModel", pooler, body="").write(encoder)
    else:
        make.Model(name, "DistilBertModel", {}, body="").write(encoder)
    modules = [("Transformer", "0_Transformer" if apart else ""), ("Pooling", "1_Pooling")]
    pooling = {"word_embedding_dimension": make.DIM} | {f"pooling_mode_{mode}": mode in modes for mode in MODES}
    (root / "1_Pooling").mkdir()
    (root / "1_Pooling" / "config.json").write_text(json.dumps(pooling, indent=1) + "\n")
    if activation:
        modules.append(("Dense", "2_Dense"))
        inputs = make.DIM * len(modes)
        (root / "2_Dense").mkdir()
        has_bias = name != "embed-joined"
        dense = {"in_features": inputs, "out_features": 13, "bias": has_bias, "activation_function": activation}
        (root / "2_Dense" / "config.json").write_text(json.dumps(dense, indent=1) + "\n")
        random = np.random.default_rng(5)
        tensors = {"linear.weight": random.normal(0, inputs**-0.5, (13, inputs))}
        if has_bias:
            tensors["linear.bias"] = random.normal(0, 0.2, 13)
        tensors = {key: torch.from_numpy(value).to(torch.float32) for key, value in tensors.items()}
        save_file(tensors, str(root / "2_Dense" / "model.safetensors"), metadata={"format": "pt"})
    if normalizes:
        modules.append(("Normalize", f"{len(modules)}_Normalize"))
        (root / modules[-1][1]).mkdir()
    entries = [
        {"idx": i, "name": str(i), "path": path, "type": PREFIX + kind} for i, (kind, path) in enumerate(modules)
    ]
    (root / "modules.json").write_text(json.dumps(entries, indent=1) + "\n")
    settings = {"max_seq_length": length, "do_lower_case": False}
    (encoder / "sentence_bert_config.json").write_text(json.dumps(settings, indent=1) + "\n")
    prompts = {"prompts": {"query": "the best: ", "document": ""}, "default_prompt_name": None}
    if name == "embed-mean":
        prompts["default_prompt_name"] = "query"
    (root / "config_sentence_transformers.json").write_text(json.dumps(prompts, indent=1) + "\n")


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else make.HERE
    versions = {"sentence-transformers": sentence_transformers.__version__}
    make.base.VERSIONS |= versions
    for name in MODELS:
        write(folder, name)
        model = SentenceTransformer(str(folder / name), device="cpu")
        cases = []
        for prompt in (None, "query", "document"):
            vectors = model.encode(TEXTS, prompt_name=prompt, batch_size=1)
            for text, vector in zip(TEXTS, vectors):
                cases.append({"text": text, "prompt": prompt, "embedding": list(vector)})
        make.write_golden(folder, name, {"cases": cases})


if __name__ == "__main__":
    main()
