"""Makes data-golden.json: tagged words and questions, encoded as the example scripts of transformers do.

Run in this folder: python make_data.py. Needs transformers; the versions are in the file.
The alignment of tags is that of run_ner.py (label_all_tokens false), that of answers run_qa.py.
"""

import json

import tokenizers
import transformers

TOKENIZER = transformers.AutoTokenizer.from_pretrained("../../../weights/sentiment")

SENTENCES = [
    (["Ada", "Lovelace", "lived", "in", "London", "."], ["B-PER", "I-PER", "O", "O", "B-LOC", "O"]),
    (["unbelievably", "Łódź-based", "tokenisers", "☃", "é"], ["O", "B-LOC", "B-MISC", "O", "I-MISC"]),
    (["http://t.co/abc", "don't", "New-York"] * 6, ["B-URL", "O", "B-LOC"] * 6),
]

CONTEXT = (
    "The 😀 café in Łódź opened in 1994. It moved twice: first to Paris, then to a narrow street in "
    "Lisbon, where the owners (Ana & Rui) still bake every morning before six."
)
QUESTIONS = [
    ("When did the café open?", "1994"),
    ("Where did it move first?", "Paris"),
    ("Who are the owners?", "Ana & Rui"),
    ("Where is it now?", "a narrow street in Lisbon"),
    ("When do they bake?", "every morning before six."),
    ("Where is the café from?", "Łódź"),
    ("What is its menu?", None),
    ("Is 199 in it?", "199"),
]


def tagged(words, tags, length):
    encoded = TOKENIZER(words, is_split_into_words=True, truncation=True, max_length=length)
    labels, last = [], None
    for word in encoded.word_ids():
        labels.append(None if word is None or word == last else tags[word])
        last = word
    return {"words": words, "tags": tags, "length": length, "ids": encoded["input_ids"], "labels": labels}


def answered(question, answer, length, stride):
    encoded = TOKENIZER(
        question, CONTEXT, truncation="only_second", max_length=length, stride=stride,
        return_overflowing_tokens=True, return_offsets_mapping=True,
    )
    start_char = -1 if answer is None else CONTEXT.index(answer)
    spans = []
    for window, offsets in enumerate(encoded["offset_mapping"]):
        ids = encoded["input_ids"][window]
        cls = ids.index(TOKENIZER.cls_token_id)
        sequence = encoded.sequence_ids(window)
        first, last = 0, len(ids) - 1
        while sequence[first] != 1:
            first += 1
        while sequence[last] != 1:
            last -= 1
        end_char = start_char + len(answer or "")
        if answer is None or not (offsets[first][0] <= start_char and offsets[last][1] >= end_char):
            spans.append([cls, cls])
            continue
        while first < len(offsets) and offsets[first][0] <= start_char:
            first += 1
        while offsets[last][1] >= end_char:
            last -= 1
        spans.append([first - 1, last + 1])
    return {
        "question": question, "answer": answer, "start": start_char, "length": length, "stride": stride,
        "ids": encoded["input_ids"], "spans": spans,
    }


golden = {
    "transformers": transformers.__version__,
    "tokenizers": tokenizers.__version__,
    "context": CONTEXT,
    "tagged": [tagged(w, t, n) for w, t in SENTENCES for n in (512, 12)],
    "answered": [answered(q, a, n, s) for q, a in QUESTIONS for n, s in ((384, 128), (24, 6))],
}
with open("data-golden.json", "w", encoding="utf-8") as file:
    json.dump(golden, file, ensure_ascii=False)
    file.write("\n")
