"""Saves some of the checkpoints beside this folder as transformers saves them, and checks what others saved.

    python make.py              writes <name>/config.json and <name>/model.safetensors, or its shards
    python make.py check FOLDER loads FOLDER/<name>, and compares its answers with the golden ones

All are loaded as float32; `-sharded` ones are saved in shards of at most 10 KB.
"""

import json
import os
import shutil
import sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import torch
import transformers
from transformers import AutoModel, AutoModelForSequenceClassification

torch.set_num_threads(1)
transformers.utils.logging.disable_progress_bar()

HERE = Path(__file__).resolve().parent
CHECKPOINTS = HERE.parent / "checkpoints"
NAMES = ["no-prefix", "legacy-layernorm", "float16", "sharded", "bare"]
NAMES += ["bert", "bert-no-prefix", "bert-legacy-layernorm", "bert-sharded", "bert-bare"]


def load(folder: Path, bare: bool):
    kind = AutoModel if bare else AutoModelForSequenceClassification
    model, report = kind.from_pretrained(
        folder, output_loading_info=True, dtype=torch.float32, attn_implementation="eager"
    )
    assert not any(report.values()), (folder, report)
    return model.eval()


def make():
    for name in NAMES:
        loaded = load(CHECKPOINTS / name, "bare" in name)
        # A model that knows nothing of the names it was loaded by, which transformers 5 would write again.
        model = type(loaded)(loaded.config)
        model.load_state_dict(loaded.state_dict(), strict=True)
        shutil.rmtree(HERE / name, ignore_errors=True)
        model.save_pretrained(HERE / name, max_shard_size="10KB" if "sharded" in name else "5GB")
        for file in (HERE / name).iterdir():
            file.chmod(0o644)


def check(folder: Path):
    for path in sorted(folder.iterdir()):
        golden = json.loads((CHECKPOINTS / path.name / "golden.json").read_text())
        model = load(path, "labels" not in golden)
        if "labels" in golden:
            assert [model.config.id2label[i] for i in range(model.config.num_labels)] == golden["labels"]
        worst = 0.0
        for case in golden["ids"] + golden["texts"] + golden.get("pairs", []):
            types = {"token_type_ids": torch.tensor([case["typeIDs"]])} if "typeIDs" in case else {}
            with torch.no_grad():
                output = model(input_ids=torch.tensor([case["ids"]]), **types)
            found = output.logits[0] if "logits" in case else output.last_hidden_state[0]
            expected = torch.tensor(case.get("logits", case.get("lastHiddenState")))
            worst = max(worst, (found - expected).abs().max().item())
        print(f"{path.name:28} {worst:.1e}")
        assert worst <= 2e-5, path


if __name__ == "__main__":
    check(Path(sys.argv[2])) if sys.argv[1:2] == ["check"] else make()
