"""Compares how Swiftlet and transformers read checkpoints that torch.save wrote.

    python check.py PROGRAM    PROGRAM is swiftlet

Writes the weights of every folder in `checkpoints` and `heads` as `pytorch_model.bin` in one of several forms,
converts the folder with `swiftlet convert`, loads both folders with transformers, and compares all tensors bit for
bit. Needs torch and transformers; made for torch 2.15.0 and transformers 5.24.0.
"""

import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import safetensors.torch
import torch
import transformers

transformers.utils.logging.disable_progress_bar()

FIXTURES = pathlib.Path(__file__).resolve().parents[1]


def plain(tensors, folder):
    torch.save(tensors, folder / "pytorch_model.bin")


def legacy(tensors, folder):
    torch.save(tensors, folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)


def turned(tensors, folder):
    """Matrices stored by columns, as in checkpoints that were converted from TensorFlow."""
    plain({name: tensor.t().contiguous().t() if tensor.dim() == 2 else tensor for name, tensor in tensors.items()}, folder)


def joined(tensors, folder):
    """All tensors of a type in one storage."""
    result = {}
    for dtype in {tensor.dtype for tensor in tensors.values()}:
        names = [name for name in tensors if tensors[name].dtype == dtype]
        parts = torch.cat([tensors[name].reshape(-1) for name in names]).split([tensors[name].numel() for name in names])
        result.update({name: part.view(tensors[name].shape) for name, part in zip(names, parts)})
    legacy({name: result[name] for name in tensors}, folder)


def shards(tensors, folder):
    names = list(tensors)
    half = len(names) // 2
    places = {}
    for index, part in enumerate([names[:half], names[half:]], 1):
        file = f"pytorch_model-{index:05}-of-00002.bin"
        torch.save({name: tensors[name] for name in part}, folder / file)
        places.update(dict.fromkeys(part, file))
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))


def weights(folder):
    tensors = {}
    for file in sorted(folder.glob("*.safetensors")):
        tensors.update(safetensors.torch.load_file(file))
    return tensors


def load(folder):
    settings = json.loads((folder / "config.json").read_text())
    names = settings.get("architectures")
    kind = getattr(transformers, names[0]) if names else transformers.AutoModelForSequenceClassification
    model, report = kind.from_pretrained(folder, output_loading_info=True, dtype="auto")
    return model.state_dict(), report


def same(left, right):
    left, right = (tensor.contiguous().view(-1).view(torch.uint8) for tensor in (left, right))
    return left.dtype == right.dtype and torch.equal(left, right)


def check(program, source, form, scratch):
    folder, converted = scratch / "bin", scratch / "converted"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.safetensors*", "golden.json"))
    form(weights(source), folder)
    subprocess.run([program, "convert", folder, "--output", converted], check=True, stdout=subprocess.DEVNULL)
    (theirs, missing), (ours, missing_here) = load(folder), load(converted)
    # What transformers does not find, it draws at random; Swiftlet knows more of the old names.
    drawn = set(missing["missing_keys"])
    assert set(missing_here["missing_keys"]) <= drawn, (source, missing_here)
    assert list(theirs) == list(ours), source
    for name in theirs.keys() - drawn:
        assert theirs[name].dtype == ours[name].dtype and same(theirs[name], ours[name]), (source, name)
    return len(theirs.keys() - drawn)


if __name__ == "__main__":
    program = pathlib.Path(sys.argv[1]).resolve()
    folders = sorted(path.parent for name in ("checkpoints", "heads") for path in (FIXTURES / name).glob("*/config.json"))
    forms = itertools.cycle([plain, legacy, turned, joined, shards])
    for source, form in zip(folders, forms):
        with tempfile.TemporaryDirectory() as scratch:
            count = check(program, source, form, pathlib.Path(scratch))
        print(f"{source.name:32} {form.__name__:8} {count} tensors")
    assert len(folders) > 80
