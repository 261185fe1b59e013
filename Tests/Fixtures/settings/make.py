"""Writes folders.json and models.json: folders whose settings vary, and what the reference libraries make of each.

    python make.py
"""

import json
import platform
import tempfile
from pathlib import Path

import folders
import models
import sentence_transformers
import tokenizers
import transformers

HERE = Path(__file__).resolve().parent


def of_folders(place):
    for case in folders.covering():
        folders.write(place, case)
        entry = {"covers": case["covers"], "files": folders.shortened(case["files"])}
        yield entry | ({"refused": case["refused"]} if case["refused"] else folders.encodings(place))


def of_models(place):
    for case in models.covering():
        models.write(place, case)
        yield case | ({} if case.get("refused") else models.answers(place, case))


def write(name, head, cases):
    lines = [f' "{key}": {json.dumps(value, ensure_ascii=False)},' for key, value in head.items()]
    texts = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in cases)
    (HERE / name).write_text("{\n" + "\n".join(lines) + '\n "cases": [\n' + texts + "\n ]\n}\n")


def main():
    versions = {"python": platform.python_version()}
    for module in (transformers, tokenizers, sentence_transformers):
        versions[module.__name__] = module.__version__
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "model"
        write("folders.json", {"versions": versions, "base": folders.BASE}, of_folders(folder))
        write("models.json", {"versions": versions}, of_models(folder))


if __name__ == "__main__":
    main()
