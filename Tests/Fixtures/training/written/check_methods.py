"""Loads trained models and adapters in transformers and peft, and compares their logits.

Made with transformers 5.24.0, torch 2.15 and peft 0.21.2:
SWIFTLET_TRAINED_MODELS=FOLDER swift test --filter 'LoRATrainingTests|ProbeTrainingTests|NarrowStudentTests'
python check_methods.py FOLDER
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from peft import PeftModel
from transformers import AutoTokenizer

fixtures = Path(__file__).parents[2]


def check_logits(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    rows = json.loads((folder / "logits.json").read_text())
    worst = 0.0
    for row in rows:
        with torch.no_grad():
            logits = model(**tokenizer(row["text"], return_tensors="pt")).logits[0]
        worst = max(worst, (logits - torch.tensor(row["logits"])).abs().max().item())
    assert worst <= 2e-4, (folder.name, worst)
    return worst


def check_adapter(folder):
    config = json.loads((folder / "adapter" / "adapter_config.json").read_text())
    auto = {
        "SEQ_CLS": transformers.AutoModelForSequenceClassification,
        "TOKEN_CLS": transformers.AutoModelForTokenClassification,
    }[config["task_type"]]
    base = auto.from_pretrained(
        fixtures / "checkpoints" / Path(config["base_model_name_or_path"]).name, num_labels=2
    )
    adapted = PeftModel.from_pretrained(base, folder / "adapter").eval()
    merged = auto.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    worst = 0.0
    for text in ["good film plot", "bad", "the worst acting in this movie, never fun"]:
        inputs = tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            difference = adapted(**inputs).logits - merged(**inputs).logits
        worst = max(worst, difference.abs().max().item())
    assert worst <= 1e-5, (folder.name, worst)
    return worst


for folder in sorted(Path(sys.argv[1]).iterdir()):
    if folder.name.startswith(("probe-", "student-")):
        print(folder.name, check_logits(folder))
    elif folder.name.startswith("lora-"):
        print(folder.name, check_adapter(folder))
