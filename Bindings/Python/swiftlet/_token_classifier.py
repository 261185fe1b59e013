from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Optional, TypedDict, overload

import numpy

from . import _input, _structs
from ._library import library
from ._model import Model
from ._results import decoded, listed, ranges, result
from ._rows import Missing, SeriesLike, is_series, streamed, text_rows
from ._rows import batch_size as checked_batch_size

if TYPE_CHECKING:
    import pandas
    from typing_extensions import Unpack

_AGGREGATIONS = {"none": 0, "simple": 1, "first": 2, "average": 3, "max": 4}


class TokenOptions(TypedDict, total=False):
    """Options of token classification; None is the default."""

    aggregation: Optional[Literal["none", "simple", "first", "average", "max"]]
    ignore_labels: Optional[Sequence[str]]
    long_text: Optional[Literal["truncate", "error", "window"]]
    window_stride: Optional[int]


class Entity(NamedTuple):
    """A span of a text with a label."""

    label: str
    """Of a token as spelled in the model's configuration ("B-PER"), of a group without prefix."""
    score: float
    """The probability of the label; for a group the mean over its tokens or words."""
    word: str
    """The decoded tokens, in lower case if the model is uncased; the text itself is
    `text[start:end]`."""
    start: int
    end: int
    utf8_start: int
    """The position in bytes of the text's UTF-8."""
    utf8_end: int
    token_index: int | None
    """The token's index in its sequence; None for groups."""


@dataclass(frozen=True)
class TokenClassification:
    """The entities of one text."""

    entities: list[Entity]
    """In the order of the text, without ignored labels."""
    tokens: int = 0
    """The number of tokens before truncation, special tokens included."""
    truncated: bool = False
    """Whether the text was truncated."""


class TokenClassifier(Model):
    """Finds entities: a token classifier, with the options of `Classifier`."""

    _kind = "token_classifier"

    def __init__(
        self, path: _input.Path, *, precision: _input.Precision = None, gemm: _input.GEMM = None,
        loading: _input.Loading = None, threads: int | None = None, allow_other_task: bool = False,
    ) -> None:
        super().__init__(
            path, precision=precision, gemm=gemm, loading=loading, threads=threads,
            allow_other_task=allow_other_task)
        #: The labels in the order of the model's outputs.
        self.labels: list[str] = self._labels()

    @overload
    def classify(  # type: ignore[overload-overlap]
        self, texts: str, **options: Unpack[TokenOptions]
    ) -> TokenClassification: ...
    @overload
    def classify(
        self, texts: SeriesLike, *, missing: Missing = "error", **options: Unpack[TokenOptions]
    ) -> pandas.DataFrame: ...
    @overload
    def classify(
        self, texts: Iterable[str], **options: Unpack[TokenOptions]
    ) -> list[TokenClassification]: ...

    def classify(self, texts: Any, *, missing: Missing | None = None, **options: Any) -> Any:
        """Classifies the tokens of a text; or of texts as one batch, and returns one
        `TokenClassification` for each.

        Options: `aggregation` ("none", "simple", "first", "average", "max"), `ignore_labels` (default:
        ["O"]), `long_text` ("truncate", "error", "window"; "window" needs an aggregation) and
        `window_stride`.

        A Series of pandas gives a DataFrame with a row for each entity, which has the index of its
        text: `label`, `score`, `word`, `start`, `end`.
        """
        if isinstance(texts, str):
            return self._classify([texts], options)[0]
        rows = text_rows(texts, missing)
        answers = rows.compute(lambda texts: self._classify(texts, options))
        if not is_series(texts):
            return answers
        found = [
            (owner, entity) for owner, answer in enumerate(answers) for entity in answer.entities]
        return rows.long_frame({
            "label": [entity.label for _, entity in found],
            "score": numpy.array([entity.score for _, entity in found], numpy.float32),
            "word": [entity.word for _, entity in found],
            "start": numpy.array([entity.start for _, entity in found], numpy.int64),
            "end": numpy.array([entity.end for _, entity in found], numpy.int64),
        }, [owner for owner, _ in found])

    def stream(
        self, texts: Iterable[str], *, batch_size: int | None = None,
        **options: Unpack[TokenOptions],
    ) -> Iterator[TokenClassification]:
        """Classifies the tokens of any number of texts in bounded memory, as `Classifier.stream`."""
        return streamed(
            texts, checked_batch_size(batch_size), lambda batch: self.classify(batch, **options))

    def _classify(
        self, texts: list[Any], options: Mapping[str, Any]
    ) -> list[TokenClassification]:
        array, count = _input.text_array(texts)
        with result(
            _structs.Entities, "entities_free", library().classify_tokens, self._handle, array,
            count, _options(**options),
        ) as arrays:
            return _classifications(arrays)


def _classifications(arrays: Any) -> list[TokenClassification]:
    spans = ranges(arrays.starts, arrays.count)
    total = spans[-1].stop if spans else 0
    columns = [
        listed(pointer, total)
        for pointer in (
            arrays.scores, arrays.code_point_begins, arrays.code_point_ends, arrays.begins,
            arrays.ends, arrays.token_indices)]
    entities = [
        Entity(
            arrays.labels[row].decode(), score, decoded(arrays.words[row]), start, end, utf8_start,
            utf8_end, None if token_index < 0 else token_index)
        for row, (score, start, end, utf8_start, utf8_end, token_index) in enumerate(zip(*columns))]
    tokens = listed(arrays.token_counts, arrays.count)
    truncated = listed(arrays.truncated, arrays.count)
    return [
        TokenClassification(entities[span.start:span.stop], tokens[row], bool(truncated[row]))
        for row, span in enumerate(spans)]


def _options(
    aggregation: Any = None, ignore_labels: Any = None, long_text: Any = None,
    window_stride: Any = None,
) -> _structs.TokenClassificationOptions:
    if isinstance(ignore_labels, str):
        raise TypeError("ignore_labels is a str; expected a list of labels")
    labels, count = None, 0
    if ignore_labels:
        labels, count = _input.terminated_array(ignore_labels, "label")
    return _structs.TokenClassificationOptions(
        aggregation=_input.choice(aggregation, _AGGREGATIONS, "aggregation"),
        long_text=_input.choice(long_text, _input.LONG_TEXT, "long_text"),
        window_stride=_input.number(window_stride, 2**32 - 1, "window_stride"),
        keeps_all_labels=1 if ignore_labels is not None and count == 0 else 0,
        ignored_labels=labels, ignored_label_count=count)
