#!/usr/bin/env python3
"""Brings a DistilBERT checkpoint into the form that each of the compared engines is fastest with.

  python setup.py --model MODEL --workload WORKLOAD.json --root FOLDER

ROOT then holds onnx/, openvino/, ctranslate2-*/, head.npz, and reference.json: the logits that
PyTorch finds for the workload's check batch, to which all others are compared.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from transformers import DistilBertForSequenceClassification


class Logits(torch.nn.Module):
    """The model as a function from two tensors to one, as exporters like it."""

    def __init__(self, model_directory, attention):
        super().__init__()
        self.model = DistilBertForSequenceClassification.from_pretrained(
            model_directory, attn_implementation=attention
        ).eval()

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).logits


def example():
    """Two texts, one of them padded, so that the exporters see that both axes vary."""
    ids = torch.randint(1000, 30000, (2, 16), generator=torch.Generator().manual_seed(0))
    mask = torch.ones(2, 16, dtype=torch.int64)
    mask[1, 10:] = 0
    return ids, mask


def write_reference(arguments):
    check = json.loads(arguments.workload.read_text())["check"]
    model = Logits(arguments.model, "sdpa")
    with torch.inference_mode():
        logits = model(torch.tensor(check["ids"]), torch.tensor(check["mask"]))
    (arguments.root / "reference.json").write_text(json.dumps(logits.tolist()))


def make_onnx(arguments):
    """float32 fused by onnxruntime's optimizer for transformers, and dynamic int8.

    The quantised form is made of the plain export: onnxruntime fuses that as it loads, and it is
    faster than quantising the fused graph.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer

    folder = arguments.root / "onnx"
    folder.mkdir(exist_ok=True)
    plain = folder / "plain.onnx"
    axes = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        Logits(arguments.model, "eager"),
        example(),
        str(plain),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    fused = optimizer.optimize_model(
        str(plain), model_type="bert", num_heads=12, hidden_size=768, opt_level=0
    )
    fused.save_model_to_file(str(folder / "fused.onnx"))
    print("onnxruntime fused", fused.get_fused_operator_statistics())
    quantize_dynamic(
        plain,
        folder / "int8.onnx",
        per_channel=True,
        reduce_range=False,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def make_openvino(arguments):
    """float32, and int8 by post-training quantisation as NNCF does it for transformers."""
    import nncf
    import openvino as ov

    folder = arguments.root / "openvino"
    folder.mkdir(exist_ok=True)
    ids, mask = example()
    model = ov.convert_model(
        Logits(arguments.model, "sdpa"),
        example_input={"input_ids": ids, "attention_mask": mask},
        input=[("input_ids", [-1, -1], ov.Type.i64), ("attention_mask", [-1, -1], ov.Type.i64)],
    )
    ov.save_model(model, folder / "float32.xml", compress_to_fp16=False)
    random = np.random.default_rng(0)
    samples = [
        {
            "input_ids": random.integers(1000, 30000, (1, 64)),
            "attention_mask": np.ones((1, 64), np.int64),
        }
        for _ in range(32)
    ]
    quantised = nncf.quantize(
        ov.Core().read_model(folder / "float32.xml"),
        nncf.Dataset(samples),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(samples),
    )
    ov.save_model(quantised, folder / "int8.xml")


def make_ctranslate2(arguments):
    """The encoder in both precisions, and the head for numpy: CTranslate2 has none."""
    converter = Path(sys.executable).with_name("ct2-transformers-converter")
    for quantization in ("float32", "int8"):
        target = arguments.root / f"ctranslate2-{quantization}"
        command = [converter, "--model", arguments.model, "--output_dir", target]
        subprocess.run([*command, "--quantization", quantization, "--force"], check=True)
    weights = load_file(arguments.model / "model.safetensors")
    names = ("pre_classifier.weight", "pre_classifier.bias", "classifier.weight", "classifier.bias")
    np.savez(arguments.root / "head.npz", *(weights[name] for name in names))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--model", type=Path, required=True, help="a folder as transformers saves it"
    )
    parser.add_argument("--workload", type=Path, required=True)
    parser.add_argument("--root", type=Path, required=True, help="where the results go")
    arguments = parser.parse_args()
    arguments.root.mkdir(parents=True, exist_ok=True)
    for step in (write_reference, make_onnx, make_openvino, make_ctranslate2):
        print(f"{step.__name__} ...", flush=True)
        step(arguments)
    (arguments.root / "ready").touch()


if __name__ == "__main__":
    main()
