"""swiftlet export: folders, refusals and messages; Tests/ONNX runs the graphs."""

import os
import signal

import pytest

from conftest import HEADS, PLAIN, wait_until

FILES = ["config.json", "onnx", "tokenizer.json", "tokenizer_config.json", "vocab.txt"]


@pytest.fixture
def export(swiftlet):
    return lambda *arguments: swiftlet("export", *arguments)


@pytest.fixture
def refused(export, swiftlet):
    """Checks that export fails with status and text, and that nothing in the folder changes."""
    def refused(*arguments, status=73, words):
        before = sorted(swiftlet.folder.rglob("*"))
        export(*arguments).fails(status, words)
        assert sorted(swiftlet.folder.rglob("*")) == before

    return refused


def test_the_bundled_model_is_written_with_all_its_files(export, swiftlet):
    result = export("--output", "exported", "--quantize", "dynamic")
    assert (result.status, result.err) == (0, "")
    assert result.lines == [
        "exported/onnx/model.onnx  90.9 MB, text-classification, opset 14",
        "exported/onnx/model_quantized.onnx  24.1 MB, text-classification, opset 14"]
    assert sorted(os.listdir(swiftlet.folder / "exported")) == FILES


def test_a_model_of_a_vocabulary_file_gets_a_tokenizer_json(export, swiftlet):
    assert export(PLAIN, "-o", "exported").err == ""
    assert (swiftlet.folder / "exported/tokenizer.json").exists()
    text = "Unbelievably BAD acting, 東京"
    assert swiftlet("tokenize", "--model", "exported", text).out == swiftlet("tokenize", "--model", PLAIN, text).out


def test_an_export_is_replaced_only_by_force(export, refused, swiftlet):
    assert export(PLAIN, "-o", "exported").status == 0
    refused(PLAIN, "-o", "exported", words="exported already exists; choose another folder, or replace it with --force")
    export(PLAIN, "-o", "exported", "--force", "--opset", "20").shows("opset 20")
    (swiftlet.folder / "exported/notes.txt").touch()
    refused(PLAIN, "-o", "exported", "--force", words="notes.txt does not belong to an exported model")


@pytest.mark.parametrize("output, words", [
    ("/proc", "does not belong to an exported model"), ("whole/exported", "is inside the folder of the model itself"),
    (".", ". holds the model itself"), ("other", "other holds a model that was not exported"), ("whole", "itself"),
    ("missing/exported", "missing/exported"),
])
def test_force_does_not_replace(refused, model, output, words):
    model("whole", PLAIN)
    model("other", PLAIN)
    refused("whole", "-o", output, "--force", words=words)


@pytest.mark.parametrize("arguments, status, words", [
    (["nowhere", "-o", "exported"], 66, "nowhere"),
    ([PLAIN, "-o", "exported", "--task", "fill-mask"], 65, "is not for filling masks"),
    ([HEADS / "mask", "-o", "exported", "--task", "text-classification"], 65, "is not for classifying texts"),
])
def test_what_can_not_be_exported_is_refused(refused, arguments, status, words):
    refused(*arguments, status=status, words=words)


def test_weights_that_are_links_are_copied_or_refused(export, refused, model, swiftlet):
    model("linked", PLAIN)
    refused("linked", "--link", status=65, words="it is a symbolic link")
    assert export("linked", "--link", "-o", "copied").status == 0
    copy = swiftlet.folder / "copied/model.safetensors"
    assert not copy.is_symlink() and copy.read_bytes() == (PLAIN / "model.safetensors").read_bytes()


def test_an_interrupted_export_leaves_nothing(start, swiftlet):
    process = start("export", "--output", "exported", "--quantize", "exact")
    wait_until(lambda: os.listdir(swiftlet.folder))
    process.send_signal(signal.SIGINT)
    # It may have been done.
    assert process.wait() in (130, 0)
    assert os.listdir(swiftlet.folder) == ([] if process.returncode else ["exported"])
