"""Writes an adapter of peft for the checkpoint `no-prefix`, and what merging makes of it.

    python make.py               writes the files beside this one
    python make.py check FOLDER  loads the adapter in FOLDER with peft, and compares it with the one here
"""

import json
import os
import sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from transformers import AutoModelForSequenceClassification

HERE = Path(__file__).resolve().parent
BASE = HERE.parents[1] / "checkpoints/no-prefix"


def base():
    return AutoModelForSequenceClassification.from_pretrained(BASE, dtype=torch.float32)


def make():
    torch.manual_seed(7)
    targets = ["q_lin", "v_lin"]
    options = LoraConfig(task_type=TaskType.SEQ_CLS, r=3, lora_alpha=6, lora_dropout=0.1, target_modules=targets)
    model = get_peft_model(base(), options)
    for name, parameter in model.named_parameters():
        if "lora_B" in name or "modules_to_save" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    model.save_pretrained(HERE)
    (HERE / "README.md").unlink()
    settings = json.loads((HERE / "adapter_config.json").read_text())
    # A path of this machine, and sets, which peft writes in any order.
    settings["base_model_name_or_path"] = "no-prefix"
    settings["target_modules"] = targets
    settings["modules_to_save"] = sorted(settings["modules_to_save"])
    (HERE / "adapter_config.json").write_text(json.dumps(settings, indent=2, sort_keys=True))
    merged = PeftModel.from_pretrained(base(), HERE).merge_and_unload().state_dict()
    weights = {name: merged[name].flatten().tolist() for name in sorted(merged) if name.endswith("lin.weight") and ".0." in name}
    golden = {"versions": {"peft": peft.__version__, "transformers": transformers.__version__}, "merged": weights}
    (HERE / "merged.json").write_text(json.dumps(golden) + "\n")


def check(folder):
    ours, theirs = (PeftModel.from_pretrained(base(), path).state_dict() for path in (folder, HERE))
    assert ours.keys() == theirs.keys()
    for name in ours:
        assert torch.equal(ours[name], theirs[name]), name
    print(f"{len(ours)} equal tensors")


if __name__ == "__main__":
    check(Path(sys.argv[2])) if sys.argv[1:2] == ["check"] else make()
