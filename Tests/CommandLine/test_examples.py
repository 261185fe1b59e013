"""The examples of --help, run as they are printed."""

import os
import re
import shutil
import subprocess

import pytest

from conftest import BUNDLED, HEADS, PROGRAM
from test_usage import COMMANDS

# What the examples call path/to/…
MODELS = {"ner-model": "tokens", "qa-model": "questions", "nli-model": "nli", "reranker": "reranker",
          "sentence-model": "embed-max"}
ROW = '{"text":"A good film.","label":"POSITIVE"}\n'
REVIEWS = [(text, number) for number in range(12) for text in ["I loved it", "Dreadful"]]
FILES = {
    "reviews.csv": "review,stars\n" + "".join(
        f"{text} {number}.,{'positive' if 'loved' in text else 'negative'}\n" for text, number in REVIEWS),
    "train.tsv": "text\tlabel\n" + "".join(f"{text} {number}.\t{int('loved' in text)}\n" for text, number in REVIEWS),
    "texts.csv": "text,label\nI loved it.,1\nDreadful.,0\n",
    **dict.fromkeys(["dev.tsv", "labelled.tsv"], "text\tlabel\nI loved it.\t1\nDreadful.\t0\n"),
    **dict.fromkeys(["a.jsonl", "b.jsonl", "mails.jsonl", "articles.jsonl", "dev.jsonl"], ROW),
    "squad.jsonl": '{"context":"A good film.","question":"Was it good?"}\n',
    **dict.fromkeys(["app.log", "long-texts.txt"], "A good film.\n"),
    "texts.txt": "".join(f"{text} {number}.\n" for text, number in REVIEWS),
}


@pytest.fixture
def workplace(tmp_path, model, write):
    """The folder in which the examples run, with their files and models."""
    for name, content in FILES.items():
        write(name, content)
    for name, head in MODELS.items():
        model(f"path/to/{name}", HEADS / head)
    (tmp_path / "my-model").symlink_to(BUNDLED)
    (tmp_path / "folder-with-vocab").mkdir()
    shutil.copy(BUNDLED / "vocab.txt", tmp_path / "folder-with-vocab")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/swiftlet").symlink_to(PROGRAM)
    return tmp_path


def remove(model):
    """A link, or a model that an example has trained."""
    if model.is_symlink():
        model.unlink()
    else:
        shutil.rmtree(model, ignore_errors=True)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_examples_of_help_run(swiftlet, model, workplace, command):
    head = {"fill-mask": HEADS / "mask", "choose": HEADS / "choice"}.get(command, BUNDLED)
    config = model("path/to/model", head) / "config.json"
    if command == "classify":
        config.write_text(config.read_text().replace('"NEGATIVE"', '"spam"'))
    # An example is indented by two columns and continues after a backslash; tail -f has no end.
    text = re.sub(r"\\\n *", "", swiftlet(*command.split(), "--help").out).replace("tail -f", "tail")
    examples = re.findall(r"^  ((?:swiftlet|echo|tail) .*)", text, re.MULTILINE)
    assert examples
    for example in examples:
        if example.startswith("swiftlet download"):
            continue  # Tests/Hub has a Hub for it.
        if re.search(r"--output my-model(?![\w-])", example):
            remove(workplace / "my-model")
        result = subprocess.run(
            ["bash", "-c", example], cwd=workplace, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            env={**os.environ, "PATH": f"{workplace / 'bin'}:{os.environ['PATH']}"})
        assert result.returncode == 0, (example, result.stderr)
        assert result.stdout or "--output" in example, example
