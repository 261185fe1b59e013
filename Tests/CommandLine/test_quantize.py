"""swiftlet quantize, and the int8 models that it writes."""

import os

import pytest

pytestmark = pytest.mark.usefixtures("files")
FILES = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt"]


@pytest.fixture
def quantize(swiftlet):
    return lambda *arguments: swiftlet("quantize", *arguments)


@pytest.fixture
def refused(quantize, swiftlet):
    """Checks that quantize fails with status and text, and that nothing in the folder changes."""
    def refused(*arguments, status=73, words):
        before = sorted(swiftlet.folder.rglob("*"))
        quantize(*arguments).fails(status, words)
        assert sorted(swiftlet.folder.rglob("*")) == before

    return refused


def test_the_bundled_model_is_written_with_all_its_files(quantize, swiftlet):
    result = quantize("--output", "int8")
    result.shows("int8  23.4 MB, from 45.4 MB: 22.3 MB of int8 weights, 1.1 MB of others")
    assert result.err == ""
    assert sorted(os.listdir(swiftlet.folder / "int8")) == FILES


def test_an_existing_copy_is_replaced_only_by_force(quantize, refused, swiftlet):
    assert quantize("-o", "int8").status == 0
    refused("-o", "int8", words="int8 already exists; choose another folder, or replace it with --force")
    quantize("-o", "int8", "--force").shows("int8  ")
    (swiftlet.folder / "int8/notes.txt").touch()
    refused("-o", "int8", "--force", words="int8")


@pytest.mark.parametrize("output, words", [
    ("lines.txt", "lines.txt"), ("/proc", "does not belong to an int8 model"),
    ("whole/int8", "is inside the folder of the model itself"), (".", ". holds the model itself"),
    ("float", "holds a model that is not int8"), ("whole", "itself"),
])
def test_force_does_not_replace(refused, model, output, words):
    model("whole")
    model("float")
    refused("whole", "-o", output, "--force", words=words)


@pytest.mark.parametrize("arguments, status, words", [
    (["-o", "/"], 73, "/ holds the model itself"),
    (["-o", "missing/int8"], 73, "missing/int8"),
    (["nowhere", "-o", "int8"], 66, "nowhere"),
])
def test_a_wrong_path_is_refused(refused, arguments, status, words):
    refused(*arguments, status=status, words=words)


@pytest.mark.parametrize("instruction_set", ["", "baseline", "avx2"])
def test_the_copy_answers_as_the_original_in_int8(swiftlet, int8, instruction_set):
    environment = {"SWIFTLET_ISA": instruction_set} if instruction_set else {}
    if swiftlet("classify", "x", environment=environment).status != 0:
        pytest.skip(f"{instruction_set}, which this processor lacks")
    original = swiftlet("classify", "--file", "lines.txt", "--precision", "int8", environment=environment)
    copy = swiftlet("classify", "--file", "lines.txt", "--model", int8, environment=environment)
    assert len(copy.rows) == 3 and copy == original


def test_the_copy_cannot_be_float32_or_quantised_again(swiftlet, refused, int8):
    swiftlet("classify", "x", "--model", int8, "--precision", "float32").fails(
        65, "the model that they were made from")
    refused(int8, "-o", "again", status=65, words="int8")


def test_inspect_names_the_format(swiftlet, int8):
    described = swiftlet("inspect", int8)
    described.shows("swiftlet-int8")
    described.shows("model.safetensors, used, linear layers and word embeddings in int8")
