"""Checks model folders of ModelFolderWriter against transformers.

    python check.py FOLDER    FOLDER/<name> was written from the checkpoint `checkpoints/<name>` or `heads/<name>`

A folder must load without a tensor too many or too few, have the values of the checkpoint, keep the tokenizer,
and hold the bytes of `model.safetensors` and the values of `config.json` that `save_pretrained` writes.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import torch
import transformers
from transformers import AutoTokenizer

transformers.utils.logging.disable_progress_bar()

FIXTURES = Path(__file__).resolve().parents[2]


def module(folder: Path):
    """The folder of the transformer."""
    modules = folder / "modules.json"
    return folder / json.loads(modules.read_text())[0]["path"] if modules.exists() else folder


def load(folder: Path, kind):
    model, report = kind.from_pretrained(folder, output_loading_info=True, dtype=torch.float32, attn_implementation="eager")
    return model.eval(), {key: value for key, value in report.items() if value}


def check(folder: Path):
    source = next(path for path in (FIXTURES / "checkpoints" / folder.name, FIXTURES / "heads" / folder.name) if path.exists())
    written = module(folder)
    settings = json.loads((written / "config.json").read_text())
    kind = getattr(transformers, settings["architectures"][0])
    model, report = load(written, kind)
    theirs, before = load(module(source), kind)
    # A bare BERT without a pooler lacks it in the copy too.
    assert report == {key: value for key, value in before.items() if key == "missing_keys"}, (folder, report)
    for (name, ours), other in zip(model.state_dict().items(), theirs.state_dict().values(), strict=True):
        # Tensors that no answer depends on.
        unused = "pooler" in name or name == "cls.predictions.bias" and not model.config.tie_word_embeddings
        assert torch.equal(ours, other) or unused, (folder, name)
    with tempfile.TemporaryDirectory() as saved:
        model.save_pretrained(saved)
        if not report:
            assert (Path(saved) / "model.safetensors").read_bytes() == (written / "model.safetensors").read_bytes(), folder
        expected = json.loads((Path(saved) / "config.json").read_text())
        differences = {key: (value, expected.get(key)) for key, value in settings.items() if expected.get(key) != value}
        differences.pop("transformers_version", None)
        # transformers reads these and writes them no more.
        for key in ("position_embedding_type", "_name_or_path", "attn_implementation"):
            differences.pop(key, None)
        assert not differences, (folder, differences)
    tokenizers = [AutoTokenizer.from_pretrained(path) for path in (written, module(source))]
    ours, other = (tokenizer(["a b, c", "the film"], ["x", "y"])["input_ids"] for tokenizer in tokenizers)
    assert ours == other and tokenizers[0].model_max_length == tokenizers[1].model_max_length, folder
    print(f"{folder.name:28} {type(model).__name__}")


if __name__ == "__main__":
    for path in sorted(Path(sys.argv[1]).iterdir()):
        check(path)
