"""Writes golden.json beside this file: what Hugging Face transformers says of the bundled sentiment model.

    python make.py <model folder> <SST-2 dev.tsv>

The float16 weights are run in float32 with eager attention, one text at a time. The texts of SST-2 may not be
passed on, so that only their logits are written, in the order of dev.tsv.
"""

import json
import os
import platform
import sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import numpy as np
import safetensors
import tokenizers
import torch
import transformers
from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

torch.set_num_threads(1)
transformers.utils.logging.disable_progress_bar()

VERSIONS = {
    "python": platform.python_version(),
    "torch": torch.__version__.split("+")[0],
    "transformers": transformers.__version__,
    "tokenizers": tokenizers.__version__,
    "safetensors": safetensors.__version__,
    "numpy": np.__version__,
}

REVIEW = (
    "The first half hour is slow, and I nearly left.",
    "Then the old man opens the door, and from that moment on nobody in the hall moved.",
    "Some of the dialogue is stiff, the music is too loud, and the ending explains more than it should.",
    "Still, the two leads carry every scene they share, and the camera trusts their faces.",
    "I laughed twice, cried once, and checked my watch only at the beginning.",
    "My brother disagrees with all of this and calls it the longest evening of his year.",
)

SENTENCES = [
    "",
    " ",
    "Good",
    "bad",
    "Meh.",
    "...",
    "I love it!",
    "I hate it!",
    "This is the best film I have seen in years.",
    "This is the worst film I have seen in years.",
    "Not bad at all.",
    "Not good at all.",
    "The plot is thin, but the actors are a joy to watch.",
    "The actors are a joy to watch, but the plot is thin.",
    "It could have been worse, I suppose.",
    "I can't say that I didn't enjoy it.",
    "Two hours of my life that nobody will give back to me.",
    "A warm, funny and surprisingly honest story about growing old.",
    "The parcel arrived on Tuesday.",
    "Water boils at 100 °C (212 °F) at sea level.",
    "WHAT A WASTE OF MONEY!!!",
    "so-so; neither here nor there",
    "The café's crème brûlée was dreadful, the naïve waiter delightful.",
    "The cafe\u0301's cre\u0300me bru\u0302le\u0301e was dreadful.",
    "I loved it 😍😍😍",
    "I hated it 😡 \U0001f44e\U0001f3fe",
    "👩‍👩‍👧‍👦 🇨🇭 🤷🏻‍♀️",
    "この映画は素晴らしかった。",
    "这部电影太无聊了",
    "Этот фильм мне очень понравился.",
    "هذا الفيلم رائع جدا",
    "यह फ़िल्म बहुत अच्छी थी",
    "이 영화는 정말 지루했다",
    "Der Film war großartig, die Straße dorthin nicht.",
    "Line one is fine.\n\tLine two, with tabs\tand\u00a0no-break\u200bspaces, is not.\r\n",
    "<b>Great</b> &amp; cheap: $9.99 @ www.example.com/shop?id=42#top",
    "The [MASK] was terrible. [SEP] The [CLS] was great.",
    "supercalifragilisticexpialidocious " + "pneumonoultramicroscopicsilicovolcanoconiosis " * 3,
    "a" * 100 + " " + "a" * 101,
    "no " * 30 + "yes",
    "\u0000\ufffd\u0007control \u001b[31mcharacters\u001b[0m everywhere",
    " ".join(REVIEW),
    " ".join(REVIEW * 7),  # about 630 words: cut at 512 tokens
]


def decimals(array, digits: int | None = None) -> list[float]:
    """The shortest decimals that read back as the same float32, or as many digits as asked for."""
    assert array.dtype == np.float32
    return [float(f"{value:.{digits}g}" if digits else str(value)) for value in array]


def main():
    folder, dev = Path(sys.argv[1]), Path(sys.argv[2])
    model, report = AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert not any(report.values()), report
    model.eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    classify = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")

    def logits(ids: list[int]) -> np.ndarray:
        row = torch.tensor([ids])
        with torch.no_grad():
            return model(input_ids=row, attention_mask=torch.ones_like(row)).logits[0].numpy()

    sentences = []
    for text in SENTENCES:
        ids = tokenizer(text, truncation=True)["input_ids"]
        scores = classify(text, top_k=None, truncation=True)
        scores = [
            {"label": s["label"], "score": decimals(np.array([s["score"]], np.float32))[0]} for s in scores
        ]
        sentences.append({"text": text, "ids": ids, "logits": decimals(logits(ids)), "scores": scores})

    rows, correct = [], 0
    for line in dev.read_text(encoding="utf-8").rstrip("\n").split("\n")[1:]:
        label, text = line.split("\t")
        found = logits(tokenizer(text, truncation=True)["input_ids"])
        correct += int(found.argmax()) == int(label)
        rows.append({"logits": decimals(found, 7), "predicted": int(found.argmax())})

    def lines(cases: list[dict]) -> str:
        def line(case: dict) -> str:
            text = json.dumps(case, ensure_ascii=False, separators=(",", ":"))
            for hidden in "\u00a0\u200b\u200d\u0300\u0301\u0302\ufe0f\ufffd":
                text = text.replace(hidden, f"\\u{ord(hidden):04x}")
            return text

        return "[\n" + ",\n".join("  " + line(case) for case in cases) + "\n ]"

    labels = [model.config.id2label[i] for i in range(model.config.num_labels)]
    content = (
        "{\n"
        f' "versions":{json.dumps(VERSIONS)},\n'
        f' "maxLength":{tokenizer.model_max_length},\n'
        f' "labels":{json.dumps(labels)},\n "function":"softmax",\n'
        f' "sentences":{lines(sentences)},\n'
        f' "accuracy":{{"correct":{correct},"rows":{len(rows)}}},\n'
        f' "sst2":{lines(rows)}\n}}\n'
    )
    (Path(__file__).resolve().parent / "golden.json").write_text(content, encoding="utf-8")
    print(f"{len(sentences)} sentences; SST-2 dev: {correct} of {len(rows)}")


if __name__ == "__main__":
    main()
