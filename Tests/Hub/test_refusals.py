"""Models that can't be had, and names that are not names: each an error that says what to do, and no file."""

import json
import os
import signal

import pytest
from conftest import NAME, PLAIN, TOKEN, model_files, tree, wait_until
from fake_hub import Large, etag, slow, stall


def test_a_missing_repository(pair):
    ours, theirs = pair.both("snapshot", "org/missing")
    ours.fails(66, "the Hub has no model org/missing", "HF_TOKEN")
    assert theirs.status != 0
    assert not pair.swiftlet.cache.exists()


def test_a_private_repository(pair):
    pair.hub.add(NAME, model_files(), token=TOKEN)
    pair.swiftlet.snapshot().fails(66, "or it is private", "none was sent")
    pair.swiftlet.snapshot(HF_TOKEN="hf_other").fails(66, "whether the token that was sent may read it")
    assert not pair.swiftlet.cache.exists()


def test_a_gated_repository(pair):
    pair.hub.add(NAME, model_files(), gated="auto")
    ours, theirs = pair.both("snapshot")
    ours.fails(66, "is gated", f"{pair.hub.endpoint}/{NAME}")
    assert theirs.status != 0
    assert not any("/blobs" in name for name in tree(pair.swiftlet.cache))
    pair.same()


def test_a_missing_revision(pair, repository):
    ours, theirs = pair.both("snapshot", f"{NAME}@nowhere")
    ours.fails(66, 'no revision "nowhere"')
    assert theirs.status != 0
    assert not pair.swiftlet.cache.exists()


def test_a_revision_that_vanished_is_not_taken_from_the_cache(pair, repository):
    repository.commit(model_files(), branch="gone")
    pair.agree("snapshot", f"{NAME}@gone")
    del repository.branches["gone"]
    ours, theirs = pair.both("snapshot", f"{NAME}@gone")
    ours.fails(66, "no revision")
    assert theirs.status != 0
    pair.same()


@pytest.mark.parametrize("name", [
    "../evil", "org/../../evil", "org/na--me", "org/name-", "org/name.git", "a/b/c", "org/", "/org", "org/n\u00e4me",
    "x" * 97, "org/name@", "org/name@../../evil", "org/name@a b",
])
def test_a_name_that_breaks_the_rules(pair, name):
    pair.swiftlet.snapshot(name).fails(64, "is not a valid name")
    assert not pair.hub.requests and not pair.swiftlet.cache.exists()


@pytest.mark.parametrize("file", ["../evil", "a/../../evil", "/etc/passwd", "a//b", "C:/evil", "a\\..\\b", "\\\\host\\x"])
def test_a_file_outside_of_the_repository(pair, repository, file):
    repository.commits[repository.main][file] = b"evil"
    pair.swiftlet.file(file).fails(64, "path of a file within the repository")
    assert not pair.hub.requests and not pair.swiftlet.cache.exists()


def test_a_list_with_paths_outside_of_the_repository(pair, tmp_path):
    files = {**model_files(), "../../../../evil": b"evil", "/evil": b"evil"}
    pair.hub.add(NAME, files)
    assert pair.swiftlet.snapshot().status == 0
    assert not list(tmp_path.rglob("evil"))


def test_an_index_with_paths_outside_of_the_repository(pair, tmp_path):
    files = model_files()
    del files["model.safetensors"]
    index = {"weight_map": {"a": "../../../evil"}}
    pair.hub.add(NAME, {**files, "model.safetensors.index.json": json.dumps(index).encode(), "../../../evil": b"evil"})
    pair.swiftlet.snapshot().fails(65, "outside of its folder")
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("tag", ["../../../evil", ".", "..", "a/b", "", "x" * 200])
def test_a_tag_that_is_not_a_name(pair, repository, tmp_path, tag):
    pair.hub.tag_format = f'"{tag}"'
    pair.swiftlet.file("vocab.txt").fails(74, "ETag")
    assert not list(tmp_path.rglob("evil"))


def test_a_commit_that_is_not_a_hash(pair, repository):
    repository.branches["main"] = "../../evil"
    repository.commits["../../evil"] = model_files()
    pair.swiftlet.snapshot().fails(74, '"sha"')
    pair.swiftlet.file("vocab.txt").fails(74, "X-Repo-Commit")
    assert not pair.swiftlet.cache.exists()


def test_another_architecture_before_its_weights(pair):
    files = model_files()
    files["config.json"] = json.dumps({"model_type": "llama", "architectures": ["LlamaForCausalLM"]}).encode()
    pair.hub.add(NAME, files)
    pair.swiftlet.snapshot().fails(65, "llama")
    assert not pair.hub.asked("cdn GET") and not pair.hub.asked("model.safetensors")


def test_a_repository_without_a_model(pair):
    pair.hub.add(NAME, {"README.md": b"A data set"})
    pair.swiftlet.snapshot().fails(66, "has no model for Swiftlet", "config.json")


def test_a_repository_with_weights_of_another_program(pair):
    files = model_files()
    kept = {name: files[name] for name in ("config.json", "vocab.txt", "tf_model.h5")}
    pair.hub.add(NAME, kept)
    pair.swiftlet.snapshot().fails(66, "expected model.safetensors", "tf_model.h5")


def test_an_adapter_is_explained(pair):
    config = json.dumps({"base_model_name_or_path": "org/base", "task_type": "SEQ_CLS"}).encode()
    pair.hub.add(NAME, {"adapter_config.json": config, "adapter_model.safetensors": Large(b"x" * 100)})
    pair.swiftlet.snapshot().fails(65, "PEFT adapter", "org/base")


@pytest.mark.parametrize("weights, names", [
    ("pytorch_model.bin", ["pytorch_model.bin"]), ("onnx/model.onnx", ["onnx/model.onnx"]),
])
def test_other_formats_are_taken_where_there_is_no_better_one(pair, weights, names):
    files = model_files()
    for better in ("model.safetensors", "pytorch_model.bin", "onnx/model.onnx"):
        if better == weights:
            break
        del files[better]
    pair.hub.add(NAME, files)
    pair.swiftlet.snapshot()
    assert len(pair.hub.asked("cdn GET")) == len(names)
    for name in names:
        assert pair.hub.asked(f"hub HEAD .*/{name}$")


@pytest.mark.parametrize("name, value", [
    ("HF_ENDPOINT", "ftp://example.org"), ("HF_ENDPOINT", "nonsense"), ("HF_HUB_ETAG_TIMEOUT", "soon"),
    ("HF_HUB_DOWNLOAD_TIMEOUT", "-1"),
])
def test_variables_are_checked(pair, name, value):
    pair.swiftlet.snapshot(**{name: value}).fails(64, name, value)


def test_a_path_that_exists_wins(pair, repository):
    (pair.swiftlet.home / "org").mkdir()
    os.symlink(PLAIN, pair.swiftlet.home / "org/model")
    assert pair.swiftlet("classify", "--model", NAME, "a text", "--json").status == 0
    assert not pair.hub.requests


@pytest.mark.parametrize("path", ["./org/model", "nowhere.json", "/org/model", "a/b/c"])
def test_what_can_only_be_a_path_is_not_asked_for(pair, repository, path):
    pair.swiftlet("classify", "--model", path, "a text").fails(66, "no folder")
    assert not pair.hub.requests


def test_a_mistaken_path_is_named_in_the_error(pair):
    pair.swiftlet("classify", "--model", "models/mine", "a text").fails(
        66, "there is no folder models/mine, and the Hub has no model models/mine")


# Two processes, and processes that end early


def test_two_processes_download_once(pair, repository):
    pair.hub.fail("cdn GET", slow(10, 0.1))
    processes = [pair.swiftlet.start("download", NAME) for _ in range(2)]
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert outputs[0][0] == outputs[1][0]
    assert len(pair.hub.asked("cdn GET")) == 1
    assert pair.python.snapshot().status == 0
    pair.same()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_download_that_was_stopped_continues(pair, number):
    big = Large(bytes(range(256)) * 8000)
    pair.hub.add(NAME, {"big.bin": big})
    pair.hub.fail("cdn GET", stall(1_000_000, 20), times=1)
    process = pair.swiftlet.start("download", NAME, "big.bin")
    partial = pair.swiftlet.cache / f"models--org--model/blobs/{etag(big)}.swiftlet.incomplete"
    wait_until(lambda: partial.exists() and partial.stat().st_size == 1_000_000)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    if number != signal.SIGKILL:
        assert process.returncode == 128 + number and "continues" in err
    assert pair.swiftlet.file("big.bin").status == 0
    assert pair.hub.asked("cdn GET")[-1].headers["range"] == "bytes=1000000-"
    assert pair.python.file("big.bin").status == 0
    pair.same()


def test_a_full_disk(pair):
    big = Large(bytes(range(256)) * 40_000)
    pair.hub.add(NAME, {"big.bin": big})
    cache = pair.swiftlet.cache
    cache.mkdir()
    from conftest import PROGRAM
    mount = ["unshare", "-m", "bash", "-c", f'mount -t tmpfs -o size=1m none "{cache}" && exec "$@"', "bash"]
    if pair.swiftlet.run([*mount, "true"], {}).status != 0:
        pytest.skip("no right to mount")
    pair.swiftlet.run([*mount, str(PROGRAM), "download", NAME, "big.bin"], {}).fails(
        73, f"needs {len(big)} more bytes", "HF_HUB_CACHE")
