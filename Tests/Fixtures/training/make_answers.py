"""Makes answers.json: the answers that SQuAD's evaluation takes from random logits, and their scores.

Run in this folder: python make_answers.py. Needs transformers and numpy; the versions are in the file.
The answer of a question is that of `postprocess_qa_predictions` in transformers' example scripts (n_best_size 20,
max_answer_length 30), counted as evaluate-v1.1.py and evaluate-v2.0.py of SQuAD count.
"""

import collections
import json
import re
import string

import numpy
import transformers

TOKENIZER = transformers.AutoTokenizer.from_pretrained("../../../weights/sentiment")
CONTEXTS = [
    "The 😀 café in Łódź opened in 1994. It moved twice: first to Paris, then to a narrow street in "
    "Lisbon, where the owners (Ana & Rui) still bake every morning before six.",
    "A short context.",
]
QUESTIONS = ["When did the café open?", "Who are the owners?", "Where is it now?", "What is short?"]
LENGTHS = [(384, 128), (24, 6), (48, 16)]
TOP, LONGEST = 20, 30
RANDOM = numpy.random.default_rng(7)


def encode(question, context, length, stride):
    encoded = TOKENIZER(question, context, truncation="only_second", max_length=length, stride=stride,
                        return_overflowing_tokens=True, return_offsets_mapping=True)
    return [[offset if part == 1 else None for offset, part in zip(offsets, encoded.sequence_ids(window))]
            for window, offsets in enumerate(encoded["offset_mapping"])]


def answer(context, windows, logits, has_none):
    """The text that is taken for the answer."""
    spans, empty = [], None
    for offsets, rows in zip(windows, logits):
        score = numpy.float32(rows[0][0]) + numpy.float32(rows[0][1])
        empty = score if empty is None else min(empty, score)
        starts, ends = (numpy.argsort([row[side] for row in rows])[::-1][:TOP] for side in (0, 1))
        spans += [(numpy.float32(rows[first][0]) + numpy.float32(rows[last][1]), offsets[first][0], offsets[last][1])
                  for first in starts for last in ends
                  if offsets[first] and offsets[last] and 0 <= last - first < LONGEST]
    if not spans:
        return ""
    score, first, last = max(spans, key=lambda span: span[0])
    return "" if has_none and empty > score else context[first:last]


def words(text):
    text = "".join(character for character in text.lower() if character not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def overlap(truth, found, has_none):
    if has_none and (not truth or not found):
        return float(truth == found)
    common = sum((collections.Counter(truth) & collections.Counter(found)).values())
    return 2 * common / (len(truth) + len(found)) if common else 0.0


def truths(number, text, context):
    """True answers, of which some are near to the answer that is found. The first one is a part of the context."""
    start = context.index(text)
    longer = context[max(0, start - 6):start + len(text) + 4]
    return [[longer, text.upper()], [longer], [], [context.split()[0], f"the {text}."]][number % 4]


def case(has_none):
    rows, exact, f1 = [], 0, 0.0
    for number, (context, question) in enumerate((c, q) for c in CONTEXTS for q in QUESTIONS):
        length, stride = LENGTHS[number % 3] if number < 4 else LENGTHS[0]
        windows = encode(question, context, length, stride)
        logits = [[[round(float(value), 3) for value in RANDOM.normal(0, 3, 2)] for _ in offsets] for offsets in windows]
        if number % 2:
            for window in logits:
                window[0] = [round(value + 4, 3) for value in window[0]]
        found = answer(context, windows, logits, has_none)
        answers = truths(number, found, context) or ([] if has_none else [context[:4]])
        best = [words(text) for text in answers] or [[]]
        exact += words(found) in best
        f1 += max(overlap(truth, words(found), has_none) for truth in best)
        rows.append({"question": question, "context": context, "length": length, "stride": stride, "answers": answers,
                     "start": context.index(answers[0]) if answers else -1, "found": found, "logits": logits})
    return {"questions": rows, "exact": exact / len(rows), "f1": f1 / len(rows)}


with open("answers.json", "w", encoding="utf-8") as file:
    json.dump({"transformers": transformers.__version__, "numpy": numpy.__version__,
               "squad": case(False), "squad2": case(True)}, file, ensure_ascii=False)
    file.write("\n")
