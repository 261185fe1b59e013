from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Optional, TypedDict, overload

import numpy

from . import _input, _structs
from ._library import library
from ._model import Model
from ._results import LabelScore, copied, listed, result
from ._rows import Missing, SeriesLike, is_series, streamed, text_rows
from ._rows import batch_size as checked_batch_size

if TYPE_CHECKING:
    import pandas
    from typing_extensions import Unpack


class ZeroShotOptions(TypedDict, total=False):
    """Options of zero-shot classification; None is the default."""

    hypothesis_template: Optional[str]
    multi_label: bool
    long_text: Optional[Literal["truncate", "error"]]


@dataclass(frozen=True)
class ZeroShotClassification:
    """The scores of the labels of one text."""

    labels: list[LabelScore]
    """All labels, best first."""
    tokens: int = 0
    """The number of tokens with the longest hypothesis, before truncation."""
    truncated: bool = False
    """Whether the text was truncated."""

    @property
    def label(self) -> str:
        """The label with the highest score."""
        return self.labels[0].label

    @property
    def score(self) -> float:
        """The highest score."""
        return self.labels[0].score


class ZeroShotClassifier(Model):
    """Classifies texts by any labels with a model for natural language inference, with the options of
    `Classifier`."""

    _kind = "zero_shot_classifier"

    @overload
    def classify(  # type: ignore[overload-overlap]
        self, texts: str, labels: Sequence[str], **options: Unpack[ZeroShotOptions]
    ) -> ZeroShotClassification: ...
    @overload
    def classify(
        self, texts: SeriesLike, labels: Sequence[str], *, missing: Missing = "error",
        **options: Unpack[ZeroShotOptions],
    ) -> pandas.DataFrame: ...
    @overload
    def classify(
        self, texts: Iterable[str], labels: Sequence[str], **options: Unpack[ZeroShotOptions]
    ) -> list[ZeroShotClassification]: ...

    def classify(
        self, texts: Any, labels: Sequence[str], *, missing: Missing | None = None, **options: Any,
    ) -> Any:
        """Classifies a text by labels; or texts as one batch, and returns one `ZeroShotClassification`
        for each.

        Options: `hypothesis_template` (default: "This example is {}."), `multi_label`, whether the
        labels are independent, `long_text` ("truncate", "error").

        A Series of pandas gives a DataFrame with its index and the columns `label` and `score`, then
        `label_2` and `score_2` to the last label, `tokens` and `truncated`.
        """
        if isinstance(texts, str):
            return self._classify([texts], labels, options)[0]
        rows = text_rows(texts, missing)
        answers = rows.compute(lambda texts: self._classify(texts, labels, options))
        return rows.frame(_columns(answers, len(labels))) if is_series(texts) else answers

    def stream(
        self, texts: Iterable[str], labels: Sequence[str], *, batch_size: int | None = None,
        **options: Unpack[ZeroShotOptions],
    ) -> Iterator[ZeroShotClassification]:
        """Classifies any number of texts in bounded memory, as `Classifier.stream`."""
        return streamed(
            texts, checked_batch_size(batch_size),
            lambda batch: self.classify(batch, labels, **options))

    def _classify(
        self, texts: list[Any], labels: Sequence[str], options: Mapping[str, Any]
    ) -> list[ZeroShotClassification]:
        names: list[Any] = _input.listed(labels, "labels")
        label_array, label_count = _input.text_array(names, "label")
        array, count = _input.text_array(texts)
        with result(
            _structs.ZeroShotClassifications, "zero_shot_classifications_free",
            library().classify_zero_shot, self._handle, array, count, label_array, label_count,
            _options(**options),
        ) as arrays:
            shape = (count, label_count)
            scores = copied(arrays.scores, count * label_count, numpy.float32).reshape(shape)
            order = copied(arrays.ranked, count * label_count, numpy.int64).reshape(shape)
            tokens, truncated = listed(arrays.token_counts, count), listed(arrays.truncated, count)
        return [
            ZeroShotClassification(
                [LabelScore(names[index], float(scores[row, index])) for index in order[row]],
                tokens[row], bool(truncated[row]))
            for row in range(count)]


def _columns(answers: list[ZeroShotClassification], count: int) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for rank in range(count):
        suffix = "" if rank == 0 else f"_{rank + 1}"
        columns["label" + suffix] = [answer.labels[rank].label for answer in answers]
        columns["score" + suffix] = numpy.array(
            [answer.labels[rank].score for answer in answers], numpy.float32)
    columns["tokens"] = numpy.array([answer.tokens for answer in answers], numpy.int64)
    columns["truncated"] = numpy.array([answer.truncated for answer in answers], numpy.bool_)
    return columns


def _options(
    hypothesis_template: Any = None, multi_label: Any = False, long_text: Any = None,
) -> _structs.ZeroShotOptions:
    template = None
    if hypothesis_template is not None:
        template = _input.terminated(hypothesis_template, "hypothesis_template")
    return _structs.ZeroShotOptions(
        hypothesis_template=template, multi_label=1 if multi_label else 0,
        long_text=_input.choice(long_text, {"truncate": 0, "error": 1}, "long_text"))
