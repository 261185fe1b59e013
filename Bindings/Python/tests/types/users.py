"""What a user's program may write; test_types.py checks it by mypy."""

from __future__ import annotations

from typing import Any

import numpy
import numpy.typing
import pandas
import swiftlet
from typing_extensions import assert_type

Floats = numpy.typing.NDArray[numpy.float32]


def classify(classifier: swiftlet.Classifier, column: pandas.Series[str], frame: pandas.DataFrame) -> None:
    assert_type(swiftlet.__version__, str)
    assert_type(swiftlet.precision_supported("bfloat16"), bool)
    assert_type(classifier.labels, list[str])
    assert_type(classifier.classify("one"), swiftlet.Classification)
    assert_type(classifier.classify(["one"]), list[swiftlet.Classification])
    assert_type(classifier.classify(text for text in ["one"]), list[swiftlet.Classification])
    assert_type(classifier.classify(column), pandas.DataFrame)
    assert_type(classifier.classify(frame["text"], missing="skip"), pandas.DataFrame)
    assert_type(classifier.classify(["one"], threshold=0.5, top_k=2)[0].accepted, list[swiftlet.LabelScore])
    assert_type(classifier.classify_pairs([("a", "b")]), list[swiftlet.Classification])
    assert_type(classifier.classify_pairs(frame[["a", "b"]]), pandas.DataFrame)
    assert_type(classifier.logits(["one"]), Floats)
    assert_type(classifier.scores(column), pandas.DataFrame)
    assert_type(next(classifier.stream(iter(["one"]), batch_size=8)), swiftlet.Classification)
    with classifier as same:
        assert_type(same, swiftlet.Classifier)


def other_tasks(path: str, column: pandas.Series[str], frame: pandas.DataFrame) -> None:
    entities = swiftlet.TokenClassifier(path).classify("Ada", aggregation="simple").entities
    assert_type(entities[0].token_index, int | None)
    assert_type(swiftlet.TokenClassifier(path).classify(column), pandas.DataFrame)
    answerer = swiftlet.QuestionAnswerer(path)
    assert_type(answerer.answer("Who?", "Ada.", top_k=2).answers[0].start, int)
    assert_type(answerer.answer_pairs(frame), pandas.DataFrame)
    assert_type(swiftlet.FillMask(path, precision="bfloat16").fill("[MASK]").masks, list[list[swiftlet.MaskCandidate]])
    zero = swiftlet.ZeroShotClassifier(path)
    assert_type(zero.classify(["a"], ["b"], multi_label=True), list[swiftlet.ZeroShotClassification])
    assert_type(zero.classify(column, ["b"]), pandas.DataFrame)
    assert_type(swiftlet.MultipleChoice(path).choose("a", among=["b", "c"]).best, int)
    assert_type(swiftlet.Embedder(path).embed(["a"], role="query"), Floats)
    assert_type(swiftlet.Embedder(path).embed(column), pandas.DataFrame)
    assert_type(swiftlet.Tokenizer(path).tokenize("a").ids, numpy.typing.NDArray[numpy.int32])


def folders(path: str, frame: pandas.DataFrame) -> None:
    def show(event: dict[str, Any]) -> None:
        print(event["event"])

    report = swiftlet.train(
        path, frame, "out", validation=0.2, on_event=show, epochs=2, method="head", seed=7)
    assert_type(report.metrics, dict[str, float])
    assert_type(swiftlet.evaluate(path, "dev.csv", text_column="review").accuracy, float)
    assert_type(swiftlet.quantize(path, "out").int8_bytes, int)
