"""Exports checkpoints to ONNX in the ways in which others do: torch's two exporters, onnxruntime's
optimisers, and its dynamic quantisation. `onnx`, `onnxruntime`, `onnxscript`, `torch` and `transformers`
are needed."""

import json
import logging
import pathlib
import warnings

import onnx
import onnxruntime
import torch
import transformers
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()


class Model:
    """A checkpoint as the class of its `architectures`, and inputs for it."""

    def __init__(self, folder, attention="sdpa"):
        config = json.loads((pathlib.Path(folder) / "config.json").read_text())
        bert = config.get("model_type") == "bert"
        name = (config.get("architectures") or ["BertModel" if bert else "DistilBertModel"])[0]
        self.module = getattr(transformers, name).from_pretrained(
            folder, attn_implementation=attention, dtype=torch.float32).eval()
        ids = torch.tensor([[2, 5, 6, 3, 0], [2, 7, 5, 6, 3]])
        mask = torch.tensor([[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]])
        if name.endswith("MultipleChoice"):
            ids, mask = (torch.stack([each, each.flip(0)]) for each in (ids, mask))
        self.inputs = {"input_ids": ids, "attention_mask": mask}
        if bert:
            types = min(config.get("type_vocab_size", 2), 2)
            self.inputs["token_type_ids"] = (ids > 5).long() if types > 1 else torch.zeros_like(ids)
        self.rank = ids.dim()

    @property
    def outputs(self):
        with torch.no_grad():
            found = self.module(**self.inputs, return_dict=True)
        return [name for name, value in found.items() if isinstance(value, torch.Tensor)]


class Named(torch.nn.Module):
    """A model whose inputs have places instead of names: TorchScript passes a name of BertModel twice."""

    def __init__(self, model, names):
        super().__init__()
        self.model, self.names = model, names

    def forward(self, *values):
        return self.model(**dict(zip(self.names, values)), return_dict=True)


AXES = ("batch_size", "num_choices", "sequence_length")


def export(folder, path, dynamo=False, folding=True, attention="sdpa", opset=None):
    """Writes a checkpoint as ONNX with torch: by TorchScript, or by torch.export (`dynamo`)."""
    model = Model(folder, attention)
    names, outputs = list(model.inputs), model.outputs
    axes = AXES if model.rank == 3 else (AXES[0], AXES[2])
    if dynamo:
        dynamic = torch.export.Dim.DYNAMIC
        shapes = {name: {axis: dynamic for axis in range(model.rank)} for name in names}
        torch.onnx.export(
            model.module, args=(), kwargs=model.inputs, f=str(path), input_names=names, output_names=outputs,
            dynamic_shapes=shapes, opset_version=opset or 18, dynamo=True, external_data=False, verbose=False)
    else:
        dynamic = {name: dict(enumerate(axes)) for name in names} | {name: {0: axes[0]} for name in outputs}
        bare = type(model.module).__name__.endswith("Model")
        module = Named(model.module, names) if bare else model.module
        inputs = tuple(model.inputs.values()) if bare else (model.inputs,)
        torch.onnx.export(
            module, args=inputs, f=str(path), input_names=names, output_names=outputs,
            dynamic_axes=dynamic, opset_version=opset or 14, do_constant_folding=folding, dynamo=False)
    # The sources that torch names in every node are of no use here.
    graph = onnx.load(path)
    for node in graph.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    del graph.graph.value_info[:]
    onnx.save(graph, path)


def optimize(source, path, level="ORT_ENABLE_ALL"):
    """Writes the graph that a session of onnxruntime makes of another."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])


def fuse(source, path, folder, half=False, approximate=False):
    """Writes the graph that onnxruntime.transformers.optimizer makes of another."""
    config = json.loads((pathlib.Path(folder) / "config.json").read_text())
    heads = config.get("n_heads", config.get("num_attention_heads", 12))
    size = config.get("dim", config.get("hidden_size", 768))
    options = FusionOptions("bert")
    options.enable_gelu_approximation = approximate
    model = optimize_model(
        str(source), "bert", num_heads=heads, hidden_size=size, opt_level=0, optimization_options=options)
    if half:
        model.convert_float_to_float16(keep_io_types=True)
    model.save_model_to_file(str(path))


def quantize(source, path, per_channel=False, unsigned=False):
    """Writes a graph with 8-bit weights and dynamic activations."""
    quantize_dynamic(
        str(source), str(path), per_channel=per_channel,
        weight_type=QuantType.QUInt8 if unsigned else QuantType.QInt8,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})
