"""swiftlet convert, and models whose weights are in files of PyTorch."""

import json
import os
import shutil

import pytest

from conftest import ROOT

FIXTURES = ROOT / "Tests/Fixtures/pytorch"
SINGLE_LABEL = ROOT / "Tests/Fixtures/checkpoints/single-label"
INDEX = "pytorch_model.bin.index.json"


@pytest.fixture
def pytorch(tmp_path):
    """Copies a model with three labels, whose weights torch.save wrote in one form."""
    def pytorch(name, form="zip"):
        folder = shutil.copytree(SINGLE_LABEL, tmp_path / name)
        (folder / "model.safetensors").unlink()
        shutil.copyfile(FIXTURES / f"single-label/{form}.bin", folder / "pytorch_model.bin")
        return folder

    return pytorch


@pytest.mark.parametrize("form", ["zip", "legacy"])
@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_a_file_of_pytorch_answers_as_safetensors(swiftlet, pytorch, form, precision):
    pytorch("bin", form)
    expected, found = (swiftlet("classify", "a good film", "--json", "--precision", precision, "--model", model)
                       for model in (SINGLE_LABEL, "bin"))
    assert len(found.rows) == 1 and found == expected


def test_shards_are_read(swiftlet, pytorch):
    folder = pytorch("shards")
    names = json.loads(swiftlet("inspect", "shards", "--json").out)["tensors"]
    (folder / "pytorch_model.bin").rename(folder / "pytorch_model-00001-of-00001.bin")
    places = {tensor["name"]: "pytorch_model-00001-of-00001.bin" for tensor in names}
    (folder / INDEX).write_text(json.dumps({"weight_map": places}))
    assert swiftlet("classify", "x", "--model", "shards").out == swiftlet("classify", "x", "--model", SINGLE_LABEL).out
    (folder / "pytorch_model-00001-of-00001.bin").unlink()
    swiftlet("classify", "x", "--model", "shards").fails(66, "missing shards")


def test_convert_writes_a_folder_with_safetensors(swiftlet, pytorch):
    pytorch("bin")
    swiftlet("convert", "bin", "--output", "new").shows("new  23.5 kB, from 27.9 kB in pytorch_model.bin")
    assert sorted(os.listdir(swiftlet.folder / "new")) == ["config.json", "model.safetensors", "tokenizer_config.json",
                                                          "vocab.txt"]
    assert swiftlet("classify", "x", "--model", "new").out == swiftlet("classify", "x", "--model", "bin").out
    [model] = swiftlet("inspect", "new", "--json").rows
    assert [(found["format"], found["used"]) for found in model["formats"]] == [("safetensors", True)]


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_convert_writes_another_type(swiftlet, pytorch, dtype):
    pytorch("bin")
    assert swiftlet("convert", "bin", "-o", "new", "--dtype", dtype).status == 0
    [model] = swiftlet("inspect", "new", "--json").rows
    assert [total["dtype"] for total in model["data_types"]] == [{"float32": "F32", "float16": "F16", "bfloat16": "BF16"}[dtype]]


@pytest.mark.parametrize("arguments, status, words", [
    (["bin", "-o", "full"], 73, "does not belong to a converted model"), (["bin", "-o", "bin"], 73, "is the model itself"),
    (["bin", "-o", "bin/new"], 73, "is inside the folder of the model itself"),
    (["bin", "-o", "missing/new"], 73, "missing/new"), (["nowhere", "-o", "new"], 66, "nowhere"),
    (["int8", "-o", "new"], 65, "int8"), (["code", "-o", "new"], 65, '"os.system"'), (["cut", "-o", "new"], 65, "cut/pytorch_model.bin"),
])
def test_convert_refuses(swiftlet, pytorch, arguments, status, words):
    pytorch("bin")
    shutil.copytree(SINGLE_LABEL, swiftlet.folder / "full")
    assert swiftlet("quantize", "full", "-o", "int8").status == 0
    code = pytorch("code") / "pytorch_model.bin"
    code.write_bytes(code.read_bytes().replace(b"ccollections\nOrderedDict\n", b"cos\nsystem\n" + b"N" * 14))
    os.truncate(pytorch("cut") / "pytorch_model.bin", 20_000)
    before = sorted(swiftlet.folder.rglob("*"))
    swiftlet("convert", *arguments).fails(status, words)
    assert sorted(swiftlet.folder.rglob("*")) == before


@pytest.mark.parametrize("arguments, words", [
    (["bin"], "--output"), (["-o", "new"], "model"), (["bin", "-o", ""], "--output"), (["bin", "-o", "new", "--dtype", "int8"], "int8"),
])
def test_a_wrong_command_line_is_explained(swiftlet, arguments, words):
    swiftlet("convert", *arguments).is_misuse(words)


def test_training_from_a_file_of_pytorch_makes_the_same_model(train, pytorch, tmp_path):
    pytorch("bin", "legacy")
    for model, output in [("bin", "one"), (SINGLE_LABEL, "two")]:
        assert train("--epochs", 1, "--model", model, "--output", output).status == 0
    assert (tmp_path / "one/model.safetensors").read_bytes() == (tmp_path / "two/model.safetensors").read_bytes()


# inspect


def test_inspect_lists_the_formats_of_a_folder(swiftlet, pytorch):
    folder = pytorch("both")
    shutil.copyfile(SINGLE_LABEL / "model.safetensors", folder / "model.safetensors")
    (folder / "tf_model.h5").touch()
    [model] = swiftlet("inspect", "both", "--json").rows
    assert model["formats"] == [
        {"format": "safetensors", "file": "model.safetensors", "used": True},
        {"format": "PyTorch", "file": "pytorch_model.bin", "used": False},
        {"format": "TensorFlow", "file": "tf_model.h5", "used": False},
    ]
    result = swiftlet("inspect", "both")
    result.shows("model.safetensors, used")
    result.shows("pytorch_model.bin, not used")
    result.shows("tf_model.h5, not read")


@pytest.mark.parametrize("form", ["views/zip", "views/legacy", "types/torch-1.4"])
def test_inspect_reads_a_file_of_pytorch_alone(swiftlet, form):
    [model] = swiftlet("inspect", FIXTURES / f"{form}.bin", "--json").rows
    values = FIXTURES / form.split("/")[0] / "values.safetensors"
    [expected] = swiftlet("inspect", values, "--json").rows
    key = lambda tensor: tensor["name"]
    missing = {"bfloat16", "complex64"} if "torch-1" in form else set()
    assert sorted(model["tensors"], key=key) == [tensor for tensor in sorted(expected["tensors"], key=key)
                                                 if tensor["name"] not in missing]
    assert model["config"] is None and model["formats"][0]["format"] == "PyTorch"


def test_inspect_explains_a_file_with_code(swiftlet, pytorch):
    path = pytorch("code") / "pytorch_model.bin"
    path.write_bytes(path.read_bytes().replace(b"ccollections\nOrderedDict\n", b"cos\nsystem\n" + b"N" * 14))
    for name in ["code", path]:
        swiftlet("inspect", name).fails(65, 'the pickle asks for "os.system"')


def test_inspect_shows_the_graph_of_an_onnx_model(swiftlet, tmp_path):
    assert swiftlet("export", SINGLE_LABEL, "--output", "graph").status == 0
    [model] = swiftlet("inspect", "graph", "--json").rows
    [original] = swiftlet("inspect", SINGLE_LABEL, "--json").rows
    assert model["formats"] == [{"format": "ONNX", "file": "onnx/model.onnx", "used": True}]
    assert [value["name"] for value in model["graph"]["inputs"]] == ["input_ids", "attention_mask"]
    assert model["graph"]["operator_sets"] == {"ai.onnx": 14}
    names = sorted(tensor["name"] for tensor in original["tensors"])
    assert sorted(found["name"] for found in model["graph"]["parameters"]) == names
    assert model["parameters"] == original["parameters"] and model["tasks"] == original["tasks"]
    swiftlet("inspect", "graph").shows("input input_ids")
    [file] = swiftlet("inspect", "graph/onnx/model.onnx", "--json").rows
    assert (file["formats"][0]["format"], file["graph"]["outputs"][0]["name"]) == ("ONNX", "logits")
    (tmp_path / "graph/onnx/model.onnx").write_bytes(b"\x08\x07garbage")
    for name in ["graph", "graph/onnx/model.onnx"]:
        swiftlet("inspect", name).fails(65, "model.onnx is not a valid ONNX file")
    swiftlet("classify", "--model", "graph/onnx/model.onnx", "a text").fails(66, "the folder that it is in: graph")


def test_an_exported_model_converts_back_to_the_same_bytes(swiftlet, tmp_path):
    assert swiftlet("export", SINGLE_LABEL, "--output", "graph").status == 0
    for source, output in [(SINGLE_LABEL, "one"), ("graph", "two")]:
        assert swiftlet("convert", source, "--output", output).status == 0
    assert (tmp_path / "one/model.safetensors").read_bytes() == (tmp_path / "two/model.safetensors").read_bytes()
