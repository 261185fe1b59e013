"""Folders whose only weights are ONNX answer as ONNX Runtime does with the same file."""

import json
import os
import pathlib
import shutil
import subprocess

import numpy
import onnxruntime
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("SWIFTLET_TEST_PROGRAM", ROOT / ".build/release/swiftlet")).resolve()
FIXTURES = ROOT / "Tests/Fixtures/onnx"
CLASSIFIERS = ("bert-sequenceclassification", "distilbert-sequenceclassification")
FLOATS = sorted(path for name in CLASSIFIERS for path in (FIXTURES / name).glob("*.onnx")
                if "int8" not in path.name and path.name != "scaled.onnx")
TEXTS = ["good", "a good film was not the b c", "it was bad , the film ! good good bad"]


def swiftlet(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)


@pytest.fixture
def folder(tmp_path):
    """Makes a folder with the files of a fixture, but its weights as one ONNX file."""
    def make(graph):
        for name in ("config.json", "vocab.txt", "tokenizer_config.json"):
            shutil.copy(graph.parent / name, tmp_path)
        (tmp_path / "onnx").mkdir()
        shutil.copy(graph, tmp_path / "onnx/model.onnx")
        for data in graph.parent.glob("*.onnx_data"):
            shutil.copy(data, tmp_path / "onnx")
        return tmp_path

    return make


@pytest.mark.parametrize("graph", FLOATS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_scores_are_those_of_onnxruntime(graph, folder):
    result = swiftlet("classify", "--model", folder(graph), "--json", "--all-scores", *TEXTS)
    assert result.returncode == 0, result.stderr
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    labels = json.loads((graph.parent / "config.json").read_text()).get("id2label", {"0": "LABEL_0", "1": "LABEL_1"})
    vocabulary = (graph.parent / "vocab.txt").read_text().split()
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    # Weights of 16 bits are computed in 16 bits there, and an approximation of GELU has errors of 5e-4.
    tolerance = {"half.onnx": 2e-2, "approximate.onnx": 2e-3}.get(graph.name, 1e-4)
    for text, row in zip(TEXTS, rows, strict=True):
        ids = numpy.int64([[vocabulary.index(word) for word in ["[CLS]", *text.split(), "[SEP]"]]])
        inputs = {"input_ids": ids, "attention_mask": ids * 0 + 1, "token_type_ids": ids * 0}
        logits = session.run(["logits"], {each.name: inputs[each.name] for each in session.get_inputs()})[0][0]
        powers = numpy.exp(logits - logits.max())
        scores = {each["label"]: each["score"] for each in row["scores"]}
        for index, score in enumerate(powers / powers.sum()):
            assert abs(scores[labels[str(index)]] - score) < tolerance


def test_training_continues_from_a_graph(folder, tmp_path_factory):
    graph = FIXTURES / "bert-sequenceclassification/fused.onnx"
    outputs = tmp_path_factory.mktemp("trained")
    rows = outputs / "rows.csv"
    rows.write_text("text,label\n" + "good,LABEL_1\nbad,LABEL_0\nnot bad,LABEL_1\nnot good,LABEL_0\n" * 2)
    written = []
    for name, model in (("graph", folder(graph)), ("checkpoint", graph.parent)):
        output = outputs / name
        result = swiftlet("train", "--model", model, "--file", rows, "--output", output, "--epochs", "1",
                          "--validation", "none", "--text-column", "text", "--label-column", "label")
        assert result.returncode == 0, result.stderr
        written.append((output / "model.safetensors").read_bytes())
    assert written[0] == written[1]


def test_a_graph_of_another_model_is_refused(folder):
    path = folder(FIXTURES / "distilbert-sequenceclassification/dynamo.onnx")
    config = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps({**config, "n_layers": 3}))
    result = swiftlet("classify", "--model", path, "good")
    assert result.returncode != 0
    assert '"n_layers" 2 layers, but config.json has 3' in result.stderr


def test_data_outside_the_folder_is_refused(folder):
    path = folder(FIXTURES / "bert-sequenceclassification/external.onnx")
    secret = path / "secret"
    shutil.move(path / "onnx/external.onnx_data", secret)
    (path / "onnx/external.onnx_data").symlink_to(secret)
    result = swiftlet("classify", "--model", path, "good")
    assert result.returncode != 0
    assert "is not in the folder of the ONNX file" in result.stderr
