"""The broken models that failures.c loads, made of those in Tests/Fixtures."""

import json
import shutil


def copy(source, target):
    shutil.copytree(source, target)
    return target


def edit(path, **values):
    contents = json.loads(path.read_text())
    contents.update(values)
    path.write_text(json.dumps(contents))


def make(fixtures, output):
    nli = fixtures / "heads/nli"
    (copy(nli, output / "no-weights") / "model.safetensors").unlink()
    (copy(nli, output / "invalid") / "config.json").write_text("{\n")
    (copy(nli, output / "invalid-vocabulary") / "vocab.txt").write_bytes(b"[UNK]\n\xff\n")
    weights = copy(nli, output / "cut-weights") / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4])
    edit(copy(nli, output / "unsupported") / "config.json", model_type="gpt2")
    vocabulary = copy(nli, output / "unknown-token") / "vocab.txt"
    vocabulary.write_text(vocabulary.read_text() + "zebra\n")
    copy(fixtures / "checkpoints/bert-one-type", output / "one-type")
    plain = copy(fixtures / "checkpoints/tokenizer-json", output / "no-special-tokens")
    edit(plain / "tokenizer.json", post_processor=None)
    # BERT's own class would add its special tokens all the same.
    edit(plain / "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast")
