from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Optional, TypedDict

import numpy
import numpy.typing

from . import _input, _structs
from ._errors import InvalidOptionError
from ._results import LabelScore, copied, listed

Floats = numpy.typing.NDArray[numpy.float32]


class Options(TypedDict, total=False):
    """Options of classification; None is the default."""

    function: Optional[Literal["softmax", "sigmoid", "none"]]
    long_text: Optional[Literal["truncate", "error", "window"]]
    window_stride: Optional[int]
    window_pooling: Optional[Literal["mean", "max"]]
    temperature: float
    top_k: Optional[int]
    minimum_score: Optional[float]
    threshold: Optional[float]
    label_thresholds: Optional[Mapping[str, float]]
    prompt: Optional[str]
    prompt_name: Optional[str]


def _no_floats() -> Any:
    return numpy.empty(0, numpy.float32)


@dataclass(frozen=True, eq=False)
class Classification:
    """The result of one text."""

    label: str
    """The label with the highest score."""
    score: float
    """The highest score."""
    scores: Floats = field(default_factory=_no_floats)
    """float32, in the order of `Classifier.labels`."""
    logits: Floats = field(default_factory=_no_floats)
    """float32, in the order of `Classifier.labels`."""
    tokens: int = 0
    """The number of tokens before truncation, special tokens included."""
    truncated: bool = False
    """Whether the text was truncated."""
    decided: bool = True
    """Whether the highest score reaches `minimum_score`."""
    order: Sequence[int] = field(default=(), repr=False)
    """The indices of the labels by score, best first; at most `top_k`."""
    accepted_order: Sequence[int] = field(default=(), repr=False)
    """The indices of the accepted labels, best first."""
    labels: Sequence[str] = field(default=(), repr=False)
    """`Classifier.labels`."""

    @property
    def ranked(self) -> list[LabelScore]:
        """The labels with their scores, best first; at most `top_k`."""
        return [LabelScore(self.labels[index], float(self.scores[index])) for index in self.order]

    @property
    def accepted(self) -> list[LabelScore]:
        """The labels whose scores reach their thresholds, best first."""
        return [
            LabelScore(self.labels[index], float(self.scores[index]))
            for index in self.accepted_order]

    @property
    def decision(self) -> LabelScore | None:
        """The best label; None if its score is below `minimum_score`."""
        return LabelScore(self.label, self.score) if self.decided else None


def matrix(pointer: Any, arrays: Any) -> Any:
    """Copies an array [count, label_count]."""
    shape = (arrays.count, arrays.label_count)
    return copied(pointer, shape[0] * shape[1], numpy.float32).reshape(shape)


def classifications(
    arrays: Any, labels: Sequence[str], minimum_score: float | None
) -> list[Classification]:
    """Copies the results of texts."""
    count, ranks = arrays.count, arrays.ranked_count
    scores, logits = matrix(arrays.scores, arrays), matrix(arrays.logits, arrays)
    ranked = copied(arrays.ranked, count * ranks, numpy.int64).reshape(count, ranks).tolist()
    # Indices of equal scores ascend, because the sort is stable.
    order = numpy.argsort(-scores, axis=1, kind="stable")
    accepted = copied(arrays.accepted, scores.size, numpy.bool_).reshape(scores.shape)
    best, tokens = listed(arrays.best, count), listed(arrays.token_counts, count)
    truncated = listed(arrays.truncated, count)
    # 0 is "always" in the library, but scores that are logits may be below it.
    least = -numpy.inf if minimum_score is None else numpy.float32(minimum_score)
    return [
        Classification(
            label=labels[best[row]], score=float(scores[row, best[row]]), scores=scores[row],
            logits=logits[row], tokens=tokens[row], truncated=bool(truncated[row]),
            decided=bool(scores[row, best[row]] >= least), order=ranked[row],
            accepted_order=order[row][accepted[row][order[row]]].tolist(), labels=labels)
        for row in range(count)
    ]


def options_struct(
    labels: Sequence[str], function: Any = None, long_text: Any = None, window_stride: Any = None,
    window_pooling: Any = None, temperature: Any = 1.0, top_k: Any = None, minimum_score: Any = None,
    threshold: Any = None, label_thresholds: Any = None, prompt: Any = None, prompt_name: Any = None,
) -> _structs.ClassificationOptions:
    """Checks options, and converts them to the library's."""
    # Outside these bounds float32 has 0, for which the library uses 1, or infinity.
    if not 1e-30 <= temperature <= 3e38:
        raise InvalidOptionError(
            f"temperature is {temperature}; it must be a number between 1e-30 and 3e38")
    if minimum_score is not None:
        _input.real(minimum_score, "minimum_score")
    kind, text = _input.prompt_options(prompt, prompt_name)
    thresholds = _thresholds(labels, threshold, label_thresholds)
    return _structs.ClassificationOptions(
        function=_input.choice(function, {"softmax": 1, "sigmoid": 2, "none": 3}, "function"),
        long_text=_input.choice(long_text, _input.LONG_TEXT, "long_text"),
        window_stride=_input.number(window_stride, 2**32 - 1, "window_stride"),
        window_pooling=_input.choice(window_pooling, {"mean": 0, "max": 1}, "window_pooling"),
        temperature=temperature, top_k=_input.count(top_k, "top_k"), prompt_kind=kind, prompt=text,
        label_thresholds=thresholds, label_threshold_count=0 if thresholds is None else len(labels))


def _thresholds(labels: Sequence[str], threshold: Any, label_thresholds: Any) -> Any:
    """A threshold for each label; None without options."""
    if threshold is None and label_thresholds is None:
        return None
    common = 0.5 if threshold is None else _input.real(threshold, "threshold")
    thresholds = (ctypes.c_float * len(labels))(*[common] * len(labels))
    for label, value in dict(label_thresholds or {}).items():
        if label not in labels:
            raise InvalidOptionError(
                f"label_thresholds names {label!r}; the labels are {', '.join(labels)}")
        thresholds[list(labels).index(label)] = _input.real(value, f"the threshold of {label}")
    return thresholds
