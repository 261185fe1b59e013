"""Broken and unusual folders of models."""

import os
import resource
import shutil

import pytest

from conftest import BUNDLED, HEADS


def put(name, content):
    """Replaces a file of a model."""
    def damage(folder):
        (folder / name).unlink()
        (folder / name).write_bytes(content)

    return damage


def change(old, new):
    """Replaces a part of config.json."""
    def damage(folder):
        text = (folder / "config.json").read_text()
        assert old in text
        (folder / "config.json").write_text(text.replace(old, new))

    return damage


def remove(*names):
    def damage(folder):
        for name in names:
            (folder / name).unlink()

    return damage


def special(make):
    """Puts what `make` makes of a path in the place of config.json."""
    def damage(folder):
        (folder / "config.json").unlink()
        make(folder / "config.json")

    return damage


def huge(path):
    path.touch()
    os.truncate(path, 3 << 30)


def beginning_of_the_weights(folder):
    with open(BUNDLED / "model.safetensors", "rb") as file:
        put("model.safetensors", file.read(1_000_000))(folder)


@pytest.mark.parametrize("damage, status, words", [
    pytest.param(beginning_of_the_weights, 65, "broken/model.safetensors", id="truncated weights"),
    pytest.param(put("model.safetensors", b""), 65, "broken/model.safetensors", id="empty weights"),
    pytest.param(put("model.safetensors", b"\xff" * 7 + b"\x7f{}"), 65, "broken/model.safetensors",
                 id="a header beyond the file"),
    pytest.param(remove("model.safetensors"), 66, "model.safetensors", id="no weights"),
    pytest.param(remove("tokenizer.json", "vocab.txt"), 66, "tokenizer.json", id="no vocabulary"),
    pytest.param(put("config.json", b'{"dim": 384,'), 65, "broken/config.json", id="malformed config.json"),
    pytest.param(change('"dim": 384', '"dim": 768'), 65, "384", id="weights of another shape"),
    pytest.param(change('"n_heads": 12', '"n_heads": 7'), 65, "broken/config.json", id="heads that do not divide"),
    pytest.param(change('"model_type": "distilbert"', r'"model_type": "\u001b[31ma\nb\u0000"'), 65, 'type " [31ma b "',
                 id="control characters"),
    pytest.param(special(os.mkfifo), 66, "not a regular file", id="a pipe"),
    pytest.param(special(lambda path: path.symlink_to("/dev/zero")), 66, "not a regular file", id="an endless file"),
    pytest.param(special(huge), 66, "File too large", id="a huge file"),
])
def test_a_broken_model_is_refused_with_the_file(swiftlet, model, damage, status, words):
    damage(model("broken"))
    swiftlet("classify", "x", "--model", "broken").fails(status, words)


@pytest.mark.parametrize("command", [["inspect", "cut/model.safetensors"], ["quantize", "cut", "-o", "int8"]],
                         ids=["inspect", "quantize"])
def test_truncated_weights_are_refused_by(swiftlet, model, command):
    beginning_of_the_weights(model("cut"))
    swiftlet(*command).fails(65, "cut/model.safetensors")
    assert os.listdir(swiftlet.folder) == ["cut"]


def test_truncated_int8_weights_are_refused(swiftlet, tmp_path, int8):
    shutil.copytree(int8, tmp_path / "cut")
    os.truncate(tmp_path / "cut/model.safetensors", 1_000_000)
    swiftlet("classify", "x", "--model", "cut").fails(65, "cut/model.safetensors")


@pytest.mark.parametrize("name, words", [
    ("nowhere", "nowhere"), ("folder", "folder"), ("lines.txt", "lines.txt"), ("", "the model's folder is empty"),
    ("org/name", "hf download org/name"),
])
def test_a_path_that_is_not_a_model_is_refused(swiftlet, write, name, words):
    write("lines.txt", "a\n")
    (swiftlet.folder / "folder").mkdir()
    swiftlet("classify", "x", "--model", name).fails(66, words)


def test_a_copied_model_answers(swiftlet, model):
    model("whole")
    swiftlet("classify", "I loved it.", "--model", "whole").shows("POSITIVE")


def test_the_root_of_a_model_in_the_hubs_cache_is_a_model(swiftlet, model):
    model("hub/snapshots/a", HEADS / "nli")
    (swiftlet.folder / "hub/refs").mkdir()
    (swiftlet.folder / "hub/refs/main").write_text("a")
    assert len(swiftlet("classify", "x", "--model", "hub").rows) == 1
    swiftlet("inspect", "hub", "--json").shows('"commands":["classify","evaluate","zero-shot"]')


def test_500_mb_of_addresses_are_enough(swiftlet):
    limit = 500_000 * 1024
    result = swiftlet("classify", "x", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
    assert len(result.rows) == 1


# inspect


def test_inspect_shows_the_bundled_model(swiftlet):
    result = swiftlet("inspect")
    result.shows("22,713,218 parameters")
    result.shows("distilbert.transformer.layer.5.output_layer_norm.weight")
    [model] = swiftlet("inspect", "--json").rows
    assert model["parameters"] == 22713218 and model["labels"] == ["NEGATIVE", "POSITIVE"]


def test_inspect_shows_a_weights_file_alone(swiftlet):
    [model] = swiftlet("inspect", BUNDLED / "model.safetensors", "--json").rows
    assert model["config"] is None


@pytest.mark.parametrize("name", ["nowhere", "folder", "lines.txt"])
def test_inspect_refuses_a_path_that_is_not_a_model(swiftlet, write, name):
    write("lines.txt", "a\n")
    (swiftlet.folder / "folder").mkdir()
    swiftlet("inspect", name).fails(66, name)


def test_inspect_warns_of_a_model_without_a_vocabulary(swiftlet, model):
    remove("tokenizer.json", "vocab.txt")(model("mute"))
    result = swiftlet("inspect", "mute")
    result.shows("parameters")
    assert "swiftlet: warning: " in result.err
