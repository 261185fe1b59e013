"""Writes golden.json of questions and bert-questions: what the question-answering pipeline of transformers 4.57 answers.

    python make_questions.py [folder]

Run make.py first, which draws the checkpoint; transformers 5 has no such pipeline any more.
"""

import json
import os
import platform
import sys
import warnings
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")
warnings.filterwarnings("ignore")

import numpy as np
import tokenizers
import torch
import transformers
from transformers import pipeline

HERE = Path(__file__).resolve().parent
# A [CLS] in the question itself leads the pipeline to places that mean nothing.
QUESTIONS = ["Was it good?", "What is 東京 [SEP] café"]
CONTEXTS = [
    "A good film.",
    "Unbelievably BAD acting, and the plot made no sense at all. The acting was bad, BAD; no one loved it.",
    "Café naïve RÉSUMÉ, 東京 is 日本の cat ☃ and [CLS] I loved it 😀 \U0001f44d\U0001f3fd over e\u0301te\u0301.",
    " ".join(f"the cat {i} loved boring film number {i * i}, but not the worst one." for i in range(12)),
]


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name in ("questions", "bert-questions"):
        write(folder, name)


def write(folder: Path, name: str):
    pipe = pipeline("question-answering", model=str(folder / name), device="cpu")
    options = [
        {},
        {"top_k": 3},
        {"top_k": 3, "handle_impossible_answer": True},
        {"top_k": 2, "max_answer_len": 4, "doc_stride": 5},
        {"top_k": 2, "align_to_words": False, "max_answer_len": 3},
        {"top_k": 4, "max_seq_len": 30, "doc_stride": 10},
    ]
    cases = []
    for question in QUESTIONS:
        for context in CONTEXTS:
            for option in options:
                found = pipe(question=question, context=context, **option)
                found = [found] if isinstance(found, dict) else found
                for answer in found:
                    answer["score"] = float(str(np.float32(answer["score"])))
                # What is left when nothing is possible: zeros in the order of their places.
                found = [answer for answer in found if answer["score"] > 1e-30]
                cases.append({"question": question, "context": context, "options": option, "answers": found})
    versions = {
        "python": platform.python_version(),
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
        "numpy": np.__version__,
    }
    lines = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in cases)
    text = f'{{\n "versions": {json.dumps(versions)},\n "cases": [\n{lines}\n ]\n}}\n'
    (folder / name / "golden.json").write_text(text)


if __name__ == "__main__":
    main()
