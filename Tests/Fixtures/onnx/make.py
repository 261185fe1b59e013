"""Makes the ONNX files of this folder, each beside the checkpoint that it was exported from.

Run with torch, transformers, onnx, onnxruntime and onnxscript; `versions.json` has the versions."""

import importlib.metadata
import json
import pathlib
import shutil
import sys
import tempfile

import numpy
import onnx
import torch
import transformers
from transformers import BertConfig, DistilBertConfig

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "ONNX"))
import importing  # noqa: E402

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] a b c good bad film was the not it ##s ##ly , . ! ?".split()
LABELS = {0: "negative", 1: "neutral", 2: "positive"}
SIZES = {
    "distilbert": dict(dim=8, n_heads=2, n_layers=2, hidden_dim=12, max_position_embeddings=16),
    "bert": dict(hidden_size=8, num_attention_heads=2, num_hidden_layers=2, intermediate_size=12,
                 max_position_embeddings=16),
}


def model(name, kind, seed, **settings):
    """A checkpoint with random weights, so that no two tensors are equal."""
    config_class = BertConfig if kind == "bert" else DistilBertConfig
    config = config_class(vocab_size=len(WORDS), **SIZES[kind], **settings)
    torch.manual_seed(seed)
    module = getattr(transformers, name)(config).eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.3 + (1 if parameter.dim() == 1 else 0))
    task = name.removeprefix("Distil").removeprefix("Bert").removeprefix("For").lower()
    folder = HERE / f"{kind}-{task}"
    shutil.rmtree(folder, ignore_errors=True)
    module.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true, "model_max_length": 16}\n')
    return folder


def externalise(source, folder):
    """Moves the weights of a file into another one beside it."""
    graph = onnx.load(source)
    onnx.save(graph, folder / "external.onnx", save_as_external_data=True, location="external.onnx_data",
              size_threshold=0)
    (folder / "external.onnx_data").chmod(0o644)


def compact(source, path):
    """Gives all values of a graph short names, for a corpus of small files."""
    graph = onnx.load(source)
    names = {"": ""}
    for node in graph.graph.node:
        for values in (node.input, node.output):
            for index, value in enumerate(values):
                values[index] = names.setdefault(value, f"v{len(names)}")
        node.name = ""
    for value in (*graph.graph.initializer, *graph.graph.input, *graph.graph.output):
        value.name = names.setdefault(value.name, f"v{len(names)}")
    graph.producer_name = graph.producer_version = ""
    onnx.save(graph, path)


def corpus(scratch):
    """The files that `scripts/fuzz` begins with: models of one layer."""
    target = HERE.parents[1] / "Fuzzing/corpus/onnx"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    sizes = dict(vocab_size=8, max_position_embeddings=5)
    bert = BertConfig(hidden_size=4, num_hidden_layers=1, num_attention_heads=2, intermediate_size=3, **sizes)
    distilbert = DistilBertConfig(dim=4, n_layers=1, n_heads=2, hidden_dim=3, **sizes)
    for name, config in (("BertForSequenceClassification", bert), ("DistilBertForQuestionAnswering", distilbert)):
        folder = scratch / name
        getattr(transformers, name)(config).save_pretrained(folder)
        importing.export(folder, folder / "plain.onnx", dynamo=True)
        importing.fuse(folder / "plain.onnx", folder / "fused.onnx", folder)
        importing.quantize(folder / "fused.onnx", folder / "int8.onnx")
        importing.export(folder, folder / "torchscript.onnx", attention="eager")
        for graph in sorted(folder.glob("*.onnx")):
            compact(graph, target / f"{config.model_type}-{graph.name}")


def scale(source, path):
    """Adds an output with weights that no model of transformers has."""
    graph = onnx.load(source)
    weights = onnx.numpy_helper.from_array(numpy.float32([0.5, 1.5, 2.5]), "scales")
    graph.graph.initializer.append(weights)
    graph.graph.node.append(onnx.helper.make_node("Mul", ["logits", "scales"], ["scaled"]))
    graph.graph.output.append(onnx.helper.make_tensor_value_info("scaled", onnx.TensorProto.FLOAT, None))
    onnx.save(graph, path)


def main():
    with tempfile.TemporaryDirectory() as temporary:
        scratch = pathlib.Path(temporary)
        folder = model("DistilBertForSequenceClassification", "distilbert", 1, num_labels=3, id2label=LABELS,
                       label2id={label: index for index, label in LABELS.items()})
        importing.export(folder, folder / "torchscript.onnx")
        importing.export(folder, folder / "unfolded.onnx", folding=False, attention="eager")
        importing.export(folder, folder / "dynamo.onnx", dynamo=True)
        scale(folder / "dynamo.onnx", folder / "scaled.onnx")
        importing.optimize(folder / "torchscript.onnx", folder / "session.onnx")
        importing.fuse(folder / "torchscript.onnx", folder / "fused.onnx", folder)
        importing.quantize(folder / "fused.onnx", folder / "fused-int8.onnx", unsigned=True)
        importing.fuse(folder / "dynamo.onnx", folder / "half.onnx", folder, half=True)
        importing.quantize(folder / "torchscript.onnx", folder / "int8.onnx", per_channel=True)
        importing.optimize(folder / "int8.onnx", folder / "int8-session.onnx")

        folder = model("BertForSequenceClassification", "bert", 2, num_labels=2)
        importing.export(folder, folder / "dynamo.onnx", dynamo=True, attention="eager", opset=20)
        importing.export(folder, scratch / "bert.onnx")
        importing.fuse(scratch / "bert.onnx", folder / "fused.onnx", folder)
        importing.fuse(scratch / "bert.onnx", folder / "approximate.onnx", folder, approximate=True)
        externalise(folder / "fused.onnx", folder)

        for name in ("BertForMaskedLM", "BertForQuestionAnswering", "BertForTokenClassification", "BertModel",
                     "BertForPreTraining"):
            folder = model(name, "bert", 3)
            importing.export(folder, folder / "torchscript.onnx")
        folder = model("DistilBertForMultipleChoice", "distilbert", 4)
        importing.export(folder, folder / "torchscript.onnx")
        corpus(scratch)
    packages = ("torch", "transformers", "onnx", "onnxruntime", "onnxscript")
    versions = {name: importlib.metadata.version(name) for name in packages}
    (HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")


if __name__ == "__main__":
    main()
