import importlib.metadata
import json
import multiprocessing
import os
import pathlib
import platform
import shutil
import subprocess
import sys

import pytest
import swiftlet


@pytest.fixture
def broken(heads, tmp_path):
    """A copy of a small model, to be spoilt."""
    return shutil.copytree(heads / "nli", tmp_path / "model")


def test_a_missing_folder_is_a_missing_file():
    with pytest.raises(swiftlet.MissingFileError, match="/nonexistent") as caught:
        swiftlet.Classifier("/nonexistent")
    assert isinstance(caught.value, FileNotFoundError)
    assert caught.value.text_index is None
    with pytest.raises(swiftlet.MissingFileError):
        swiftlet.Embedder("/nonexistent")
    with pytest.raises(swiftlet.MissingFileError):
        swiftlet.Tokenizer("/nonexistent")


def test_paths_are_checked(sentiment_path):
    with pytest.raises(swiftlet.InvalidArgumentError, match="NUL"):
        swiftlet.Tokenizer("a\0b")
    with pytest.raises(swiftlet.InvalidTextError, match="directory is not UTF-8"):
        swiftlet.Tokenizer(b"\xff")
    with pytest.raises(TypeError):
        swiftlet.Tokenizer(1.5)
    swiftlet.Tokenizer(sentiment_path.encode()).close()


def test_an_invalid_model(broken):
    (broken / "config.json").write_text("{")
    with pytest.raises(swiftlet.InvalidModelError, match="config.json"):
        swiftlet.Classifier(broken)


def test_an_unsupported_model(broken):
    configuration = json.loads((broken / "config.json").read_text())
    configuration["model_type"] = "gpt2"
    (broken / "config.json").write_text(json.dumps(configuration))
    with pytest.raises(swiftlet.UnsupportedModelError, match="gpt2"):
        swiftlet.Classifier(broken)


def test_a_model_of_another_task(heads):
    with pytest.raises(swiftlet.UnsupportedModelError, match="token classifier"):
        swiftlet.Classifier(heads / "tokens", allow_other_task=True)
    with pytest.raises(swiftlet.UnsupportedModelError, match="sequence classifier"):
        swiftlet.Embedder(heads / "nli")
    with swiftlet.Embedder(heads / "nli", allow_other_task=True) as embedder:
        assert embedder.embed(["a"]).shape == (1, 20)


def test_an_unknown_token(broken):
    with open(broken / "vocab.txt", "a", encoding="utf-8") as file:
        file.write("zebra\n")
    with swiftlet.Classifier(broken) as classifier:
        with pytest.raises(swiftlet.UnknownTokenError, match="165 embeddings") as caught:
            classifier.classify(["fine", "fine", "a zebra"])
    assert caught.value.text_index == 2


def run(code, **variables):
    """What a new interpreter prints."""
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **variables}, check=True,
        capture_output=True, text=True).stdout.strip()


REPORT = "\ntry:\n    {}\nexcept swiftlet.SwiftletError as e:\n    print(type(e).__name__, e)"


def test_an_instruction_set_that_is_not_there(sentiment_path):
    load = REPORT.format(f"swiftlet.Classifier({sentiment_path!r})")
    assert run("import swiftlet" + load, SWIFTLET_ISA="pentium").startswith("EngineError ")


def test_bfloat16_without_its_instruction(sentiment_path):
    load = REPORT.format(f"swiftlet.Classifier({sentiment_path!r}, precision='bfloat16')")
    message = run("import swiftlet" + load, SWIFTLET_ISA="baseline")
    assert message.startswith("EngineError precision bfloat16 needs a processor with AVX512_BF16")
    assert "Use precision float32, or int8 for speed" in message


def test_a_library_that_is_not_there_or_another_one():
    code = "import swiftlet" + REPORT.format("swiftlet.version()")
    missing = run(code, SWIFTLET_LIBRARY="/nonexistent.so")
    assert missing.startswith("LibraryError") and "make install" in missing
    other = run(code, SWIFTLET_LIBRARY="libm.so.6")
    assert other == "LibraryError libm.so.6 is not libswiftlet: it has no function swiftlet_abi_version"


def test_a_library_for_another_machine_is_an_error_that_names_this_one(tmp_path):
    data = bytearray(pathlib.Path(os.path.realpath(swiftlet.library_path())).read_bytes()[:4096])
    data[18:20] = (243).to_bytes(2, "little")  # RISC-V
    (tmp_path / "lib.so").write_bytes(data)
    code = "import swiftlet" + REPORT.format("swiftlet.Classifier()")
    found = run(code, SWIFTLET_LIBRARY=str(tmp_path / "lib.so"))
    assert found.startswith(f"LibraryError libswiftlet can't be loaded on this {platform.machine()} machine")


def test_the_library_beside_the_package_is_found(tmp_path):
    package = shutil.copytree(os.path.dirname(swiftlet.__file__), tmp_path / "swiftlet")
    library = os.path.realpath(swiftlet.library_path())
    if not os.path.exists(library):
        pytest.skip("the library was found by its name alone")
    os.symlink(library, package / "libswiftlet.so.0")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    environment.pop("SWIFTLET_LIBRARY", None)
    found = subprocess.run(
        [sys.executable, "-c", "import swiftlet; print(swiftlet.library_path())"], cwd=tmp_path,
        env=environment, check=True, capture_output=True, text=True).stdout.strip()
    assert found == str(package / "libswiftlet.so.0")


def test_the_version_is_that_of_library_and_package():
    assert swiftlet.__version__ == swiftlet.version() == importlib.metadata.version("swiftlet")


def test_a_library_of_another_version_is_refused(monkeypatch):
    monkeypatch.setattr(swiftlet._library, "VERSION", "0.0.9")
    with pytest.raises(swiftlet.LibraryError, match="this package of 0.0.9 .*from the same version"):
        swiftlet._library.Library(swiftlet.library_path())


def _in_child(classifier, path, queue):
    try:
        classifier.classify(["fine"])
        queue.put("no error")
    except swiftlet.EngineError as error:
        with swiftlet.Classifier(path, threads=2) as own:
            queue.put((str(error), own.classify(["Wonderful."])[0].label))


def test_a_forked_child_must_load_its_own(sentiment, sentiment_path):
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_child, args=(sentiment, sentiment_path, queue))
    child.start()
    message, label = queue.get(timeout=60)
    child.join(60)
    assert child.exitcode == 0
    assert "load it after the fork" in message and label == "POSITIVE"
    assert sentiment.classify(["Wonderful."])[0].label == "POSITIVE"
