"""Every checkpoint of Tests/Fixtures, exported to ONNX in the ways of `importing.py`, loads as the same model.

Needs torch, transformers, onnxscript and safetensors; with optimum, its exports too. SWIFTLET_ONNX_MODELS takes
names of checkpoints, separated by commas; all of them take an hour."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

for package in ("torch", "transformers", "onnxscript", "safetensors"):
    pytest.importorskip(package)

import importing  # noqa: E402
import numpy  # noqa: E402
import onnxruntime  # noqa: E402
import safetensors.numpy  # noqa: E402
import transformers  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("SWIFTLET_TEST_PROGRAM", ROOT / ".build/release/swiftlet")).resolve()
FIXTURES = ROOT / "Tests/Fixtures"
MODELS = sorted(path.parent for folder in ("checkpoints", "heads") for path in FIXTURES.glob(f"{folder}/*/config.json"))
if chosen := os.environ.get("SWIFTLET_ONNX_MODELS"):
    MODELS = [model for model in MODELS if model.name in chosen.split(",")]

EXPORTS = {
    "torchscript": {},
    "unfolded": {"folding": False, "attention": "eager"},
    "dynamo": {"dynamo": True},
}
CHANGES = {
    "": None,
    "basic": lambda source, path, model: importing.optimize(source, path, "ORT_ENABLE_BASIC"),
    "session": lambda source, path, model: importing.optimize(source, path),
    "fused": importing.fuse,
    "approximate": lambda source, path, model: importing.fuse(source, path, model, approximate=True),
    "half": lambda source, path, model: importing.fuse(source, path, model, half=True),
    "int8": lambda source, path, model: importing.quantize(source, path),
    "int8-channels": lambda source, path, model: importing.quantize(source, path, per_channel=True),
    "uint8": lambda source, path, model: importing.quantize(source, path, unsigned=True),
}


def swiftlet(*arguments):
    result = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def folder_with(graph, model, folder):
    """A folder with the files of a model, but its weights as ONNX alone."""
    folder.mkdir()
    for file in model.iterdir():
        if file.suffix in (".json", ".txt") and "safetensors" not in file.name:
            shutil.copy(file, folder)
    for module in (path for path in model.iterdir() if path.is_dir()):
        shutil.copytree(module, folder / module.name)
    (folder / "onnx").mkdir()
    shutil.copy(graph, folder / "onnx/model.onnx")
    return folder


@pytest.fixture(scope="module", params=MODELS, ids=lambda model: model.name)
def model(request):
    return request.param


@pytest.fixture(scope="module")
def values(model):
    """The parameters of the checkpoint as transformers loads them."""
    module = importing.Model(model).module
    return {name: value.numpy() for name, value in module.state_dict().items() if not name.endswith("position_ids")}


@pytest.fixture(scope="module", params=EXPORTS)
def exported(request, model, tmp_path_factory):
    path = tmp_path_factory.mktemp(request.param) / "model.onnx"
    importing.export(model, path, **EXPORTS[request.param])
    return path


@pytest.mark.parametrize("change", CHANGES)
def test_a_graph_has_the_parameters_of_its_checkpoint(model, values, exported, change, tmp_path):
    graph = exported
    if CHANGES[change]:
        graph = tmp_path / "changed.onnx"
        CHANGES[change](exported, graph, model)
    folder = folder_with(graph, model, tmp_path / "model")
    swiftlet("convert", folder, "--output", tmp_path / "converted")
    found = safetensors.numpy.load_file(tmp_path / "converted/model.safetensors")
    # A model whose graph has no pooler has none.
    missing = set(values) - set(found)
    assert all("pooler" in name or "predictions" in name or "projector" in name for name in missing)
    for name, tensor in found.items():
        value = values[name]
        assert tensor.shape == value.shape
        largest = abs(value).max()
        if change == "half":
            numpy.testing.assert_allclose(tensor.astype(numpy.float32), value, rtol=2**-11, atol=2**-24)
        elif "int8" in change:
            numpy.testing.assert_allclose(tensor, value, rtol=0, atol=2 * largest / 255)
        else:
            assert tensor.tobytes() == value.tobytes(), name


TEXTS = ["good", "a good film was not the b c", "it was bad , the film ! good good bad"]


def probabilities(logits, config):
    if config.get("problem_type") == "multi_label_classification" or logits.shape[-1] == 1:
        return 1 / (1 + numpy.exp(-logits))
    powers = numpy.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def test_a_classifier_answers_as_onnxruntime(model, exported, tmp_path):
    config = json.loads((model / "config.json").read_text())
    if not (config.get("architectures") or [""])[0].endswith("SequenceClassification"):
        pytest.skip("not a sequence classifier")
    if config.get("problem_type") == "regression":
        pytest.skip("a regression has no probabilities")
    folder = folder_with(exported, model, tmp_path / "model")
    rows = [json.loads(line) for line in swiftlet(
        "classify", "--model", folder, "--json", "--all-scores", *TEXTS).splitlines()]
    session = onnxruntime.InferenceSession(str(exported), providers=["CPUExecutionProvider"])
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    labels = config.get("id2label") or {str(index): f"LABEL_{index}" for index in range(config.get("num_labels", 2))}
    for text, row in zip(TEXTS, rows, strict=True):
        encoding = tokenizer(text, return_tensors="np", truncation=True)
        inputs = {each.name: encoding.get(each.name, numpy.zeros_like(encoding["input_ids"])).astype(numpy.int64)
                  for each in session.get_inputs()}
        expected = probabilities(session.run(None, inputs)[0][0], config)
        for index, score in enumerate(expected):
            found = next(each["score"] for each in row["scores"] if each["label"] == labels[str(index)])
            assert abs(found - score) < 1e-4


TASKS = {"SequenceClassification": "text-classification", "TokenClassification": "token-classification",
         "QuestionAnswering": "question-answering", "MaskedLM": "fill-mask", "MultipleChoice": "multiple-choice"}


@pytest.mark.parametrize("level", [None, "O2"])
def test_optimum_exports_the_same_model(model, values, level, tmp_path):
    exporters = pytest.importorskip("optimum.exporters.onnx")
    config = json.loads((model / "config.json").read_text())
    name = (config.get("architectures") or ["Model"])[0].split("For")[-1]
    if name == "PreTraining":
        pytest.skip("optimum has no task for pre-training")
    exporters.main_export(
        str(model), output=tmp_path / "optimum", task=TASKS.get(name, "feature-extraction"), optimize=level,
        do_validation=False, library_name="transformers")
    folder = folder_with(tmp_path / "optimum/model.onnx", model, tmp_path / "model")
    swiftlet("convert", folder, "--output", tmp_path / "converted")
    found = safetensors.numpy.load_file(tmp_path / "converted/model.safetensors")
    for name, tensor in found.items():
        expected = values.get(name, values.get(name.partition(".")[2]))
        assert tensor.tobytes() == expected.tobytes(), name
