"""Reads what prepare.py wrote, encodes it for transformers' models, and scores their answers."""

import csv
import json

import metrics
import numpy as np
import torch
import transformers

#: Tokens that an answer has at most, and starts and ends that are tried, as in SQuAD's usual scripts.
LONGEST_ANSWER, TRIED = 30, 20


def csv_rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Task:
    """One data set. Subclasses say what its rows are; the label names come from the training rows."""

    architecture = "AutoModelForSequenceClassification"
    problem = None

    def __init__(self, settings, folder, tokenizer):
        self.settings, self.tokenizer = settings, tokenizer
        self.train = self.read(folder / settings["train"])
        self.test = self.read(folder / settings["test"])
        self.names = self.label_names()

    def read(self, path):
        return csv_rows(path)

    def label_names(self):
        return sorted({row["label"] for row in self.train})

    def options(self):
        """What the configuration of a new model says of the head."""
        names = self.names
        named = {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}
        return {"num_labels": len(names), "problem_type": self.problem, **named}

    def model(self, base):
        kind = getattr(transformers, self.architecture)
        return kind.from_pretrained(base, dtype=torch.float32, **self.options())

    def encode(self, row):
        texts = [row[column] for column in ("text", "sentence1", "sentence2") if column in row]
        encoded = self.tokenizer(*texts, truncation=True, max_length=self.settings["maxLength"])
        return {key: encoded[key] for key in ("input_ids", "token_type_ids")}

    def examples(self):
        """The training rows with what the model takes as `labels`."""
        return [self.encode(row) | {"labels": self.target(row)} for row in self.train]

    def target(self, row):
        return self.names.index(row["label"])

    def collate(self, examples):
        """Pads to the longest of the batch."""
        longest = max(len(example["input_ids"]) for example in examples)
        fill = lambda values, value: values + [value] * (longest - len(values))
        rows = {"attention_mask": [fill([1] * len(e["input_ids"]), 0) for e in examples]}
        for key in examples[0]:
            values = [example[key] for example in examples]
            if key in ("input_ids", "token_type_ids"):
                values = [fill(value, 0) for value in values]
            elif key == "labels" and self.architecture == "AutoModelForTokenClassification":
                values = [fill(value, -100) for value in values]
            rows[key] = values
        return {key: torch.tensor(values) for key, values in rows.items()}

    def outputs(self, model, encoded, size=64):
        """The model's outputs for each encoded row without those of padding, similar lengths together."""
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]["input_ids"]))
        found = [None] * len(encoded)
        model.eval()
        for start in range(0, len(order), size):
            places = order[start : start + size]
            with torch.inference_mode():
                output = model(**self.collate([encoded[i] for i in places]))
            for position, place in enumerate(places):
                found[place] = self.cut(output, position, len(encoded[place]["input_ids"]))
        return found

    def cut(self, output, position, length):
        return output.logits[position].numpy()

    def score(self, model):
        logits = np.array(self.outputs(model, [self.encode(row) for row in self.test]))
        return metrics.classification(logits.argmax(axis=1), [self.target(row) for row in self.test])


class MultiLabel(Task):
    problem = "multi_label_classification"

    def read(self, path):
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def label_names(self):
        return sorted({name for row in self.train for name in row["label"]})

    def target(self, row):
        return [float(name in row["label"]) for name in self.names]

    def score(self, model):
        logits = np.array(self.outputs(model, [self.encode(row) for row in self.test]))
        return metrics.multi_label(logits > 0, [self.target(row) for row in self.test])


class Regression(Task):
    problem = "regression"

    def label_names(self):
        return ["score"]

    def target(self, row):
        return float(row["label"])

    def score(self, model):
        values = np.array(self.outputs(model, [self.encode(row) for row in self.test]))[:, 0]
        return metrics.regression(values, [self.target(row) for row in self.test])


class Tags(Task):
    """The first token of a word has its tag, all others are ignored."""

    architecture = "AutoModelForTokenClassification"

    def read(self, path):
        blocks = path.read_text(encoding="utf-8").strip("\n").split("\n\n")
        return [[line.split("\t") for line in block.split("\n")] for block in blocks]

    def label_names(self):
        return sorted({tag for row in self.train for _, tag in row})

    def words_of(self, row):
        words = [word for word, _ in row]
        length = self.settings["maxLength"]
        return self.tokenizer(words, is_split_into_words=True, truncation=True, max_length=length)

    def encode(self, row):
        encoded = self.words_of(row)
        return {key: encoded[key] for key in ("input_ids", "token_type_ids")}

    def target(self, row):
        labels, last = [], None
        for word in self.words_of(row).word_ids():
            starts = word is not None and word != last
            labels.append(self.names.index(row[word][1]) if starts else -100)
            last = word
        return labels

    def cut(self, output, position, length):
        return output.logits[position, :length].numpy()

    def score(self, model):
        """Words that are cut off, or that have no token, count as O."""
        predicted = []
        for row, logits in zip(self.test, self.outputs(model, [self.encode(row) for row in self.test])):
            tags, last = ["O"] * len(row), None
            for word, values in zip(self.words_of(row).word_ids(), logits):
                if word is not None and word != last:
                    tags[word] = self.names[int(values.argmax())]
                last = word
            predicted.append(tags)
        return metrics.entity_f1(predicted, [[tag for _, tag in row] for row in self.test])


class Answers(Task):
    """Windows over long paragraphs; those without the answer point to [CLS]."""

    architecture = "AutoModelForQuestionAnswering"

    def read(self, path):
        articles = json.loads(path.read_text(encoding="utf-8"))["data"]
        paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
        return [question | {"context": p["context"]} for p in paragraphs for question in p["qas"]]

    def label_names(self):
        return []

    def options(self):
        return {}

    def windows(self, row):
        """Each window's inputs, and where its tokens stand in the paragraph; None outside of it."""
        encoded = self.tokenizer(
            row["question"],
            row["context"],
            truncation="only_second",
            max_length=self.settings["maxLength"],
            stride=self.settings["stride"],
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        for i, offsets in enumerate(encoded["offset_mapping"]):
            places = [o if s == 1 else None for o, s in zip(offsets, encoded.sequence_ids(i))]
            yield {key: encoded[key][i] for key in ("input_ids", "token_type_ids")}, places

    def examples(self):
        found = []
        for row in self.train:
            answer = row["answers"][0]
            start = answer["answer_start"]
            end = start + len(answer["text"])
            for inputs, places in self.windows(row):
                # The last token that begins no later than the answer, and the first that ends no earlier.
                first = [i for i, place in enumerate(places) if place and place[0] <= start]
                last = [i for i, place in enumerate(places) if place and place[1] >= end]
                inside = first and last and places[first[-1]][1] > start and first[-1] <= last[0]
                span = (first[-1], last[0]) if inside else (0, 0)
                found.append(inputs | {"start_positions": span[0], "end_positions": span[1]})
        return found

    def cut(self, output, position, length):
        logits = (output.start_logits, output.end_logits)
        return [values[position, :length].numpy() for values in logits]

    @staticmethod
    def best_span(start, end, places):
        """The score and the characters of the best span in the paragraph."""
        best = (-np.inf, 0, 0)
        for i in np.argsort(-start)[:TRIED]:
            for j in np.argsort(-end)[:TRIED]:
                if places[i] and places[j] and i <= j < i + LONGEST_ANSWER:
                    best = max(best, (float(start[i] + end[j]), places[i][0], places[j][1]))
        return best

    def score(self, model):
        windows = [(number, *window) for number, row in enumerate(self.test) for window in self.windows(row)]
        best = [(-np.inf, 0, 0)] * len(self.test)
        outputs = self.outputs(model, [inputs for _, inputs, _ in windows], size=16)
        for (number, _, places), (start, end) in zip(windows, outputs):
            best[number] = max(best[number], self.best_span(start, end, places))
        texts = [row["context"][start:end] for row, (_, start, end) in zip(self.test, best)]
        return metrics.answers(texts, [[a["text"] for a in row["answers"]] for row in self.test])


#: By the values of `--task`.
KINDS = {
    "classify": Task,
    "multi-label": MultiLabel,
    "regression": Regression,
    "tag": Tags,
    "answer": Answers,
}
