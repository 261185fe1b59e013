from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy

from . import _input, _structs
from ._arrow import labelled
from ._classification import (
    Classification,
    Floats,
    Options,
    classifications,
    matrix,
    options_struct,
)
from ._errors import InvalidArgumentError
from ._library import library
from ._model import Model, bundled_model
from ._results import result
from ._rows import (
    FrameLike,
    Missing,
    SeriesLike,
    is_frame,
    is_series,
    pair_rows,
    streamed,
    text_rows,
)
from ._rows import batch_size as checked_batch_size

if TYPE_CHECKING:
    import pandas
    import pyarrow
    from typing_extensions import Unpack


class Classifier(Model):
    """A sequence classifier; without a path the bundled model for English sentiment.

    The other arguments are those of `Model`.
    """

    _kind = "classifier"

    def __init__(
        self, path: _input.Path | None = None, *, precision: _input.Precision = None,
        gemm: _input.GEMM = None, loading: _input.Loading = None, threads: int | None = None,
        allow_other_task: bool = False,
    ) -> None:
        super().__init__(
            bundled_model() if path is None else path, precision=precision, gemm=gemm,
            loading=loading, threads=threads, allow_other_task=allow_other_task)
        #: The labels in the order of scores and logits.
        self.labels: list[str] = self._labels()

    @overload
    def classify(  # type: ignore[overload-overlap]
        self, texts: str, **options: Unpack[Options]
    ) -> Classification: ...
    @overload
    def classify(
        self, texts: SeriesLike, *, missing: Missing = "error", **options: Unpack[Options]
    ) -> pandas.DataFrame: ...
    @overload
    def classify(self, texts: Iterable[str], **options: Unpack[Options]) -> list[Classification]: ...

    def classify(
        self, texts: Any, *, missing: Missing | None = None, **options: Any
    ) -> Any:
        """Classifies a text; or texts as one batch, and returns one `Classification` for each.

        Options: `function` ("softmax", "sigmoid", "none"; default: from the model's configuration),
        `long_text` ("truncate", "error", "window"), `window_stride`, `window_pooling` ("mean",
        "max"), `temperature`; `top_k`, the number of labels in `ranked`; `minimum_score`, below which
        there is no `decision`; `threshold` (default: 0.5) and `label_thresholds`, a dict, for
        `accepted`; `prompt`, or `prompt_name`.

        A Series of pandas gives a DataFrame with its index, and the columns `label`, `score`, those
        of further labels up to `top_k`, `decision` and `accepted` if their options are given,
        `tokens` and `truncated`. Missing values are an error, or with `missing="skip"` rows without
        values.
        """
        if isinstance(texts, str):
            return self._classify([texts], options)[0]
        rows = text_rows(texts, missing)
        answers = rows.compute(lambda texts: self._classify(texts, options))
        return rows.frame(self._columns(answers, options)) if is_series(texts) else answers

    @overload
    def classify_pairs(
        self, pairs: FrameLike, *, missing: Missing = "error", **options: Unpack[Options]
    ) -> pandas.DataFrame: ...
    @overload
    def classify_pairs(
        self, pairs: Iterable[Sequence[str]], **options: Unpack[Options]
    ) -> list[Classification]: ...

    def classify_pairs(
        self, pairs: Any, *, missing: Missing | None = None, **options: Any
    ) -> Any:
        """Classifies pairs of texts as one batch, with the options of `classify`.

        Of a DataFrame of pandas with two columns, each row is a pair; the answers are a DataFrame.
        """
        rows = pair_rows(pairs, missing)
        answers = rows.compute(lambda pairs: self._classify_pairs(pairs, options))
        return rows.frame(self._columns(answers, options)) if is_frame(pairs) else answers

    def stream(
        self, texts: Iterable[str], *, batch_size: int | None = None, **options: Unpack[Options]
    ) -> Iterator[Classification]:
        """Classifies any number of texts in bounded memory: `batch_size` (default: 256) texts of the
        iterable at a time, each batch when its first answer is asked for.

        Takes the options of `classify`. If a text fails, the answers before it come first.
        """
        return streamed(
            texts, checked_batch_size(batch_size), lambda batch: self.classify(batch, **options))

    def classify_batches(
        self, batches: Iterable[pyarrow.RecordBatch], column: str, *, prefix: str = "",
        missing: Missing = "error", **options: Unpack[Options],
    ) -> Iterator[pyarrow.RecordBatch]:
        """Classifies the texts in a column of batches of pyarrow, each batch when it is asked for.

        Returns the batches with the columns `label` (string) and `score` (float32), whose names begin
        with `prefix`. Takes the options of `classify`.
        """
        return labelled(self, batches, column, prefix, missing, options)

    @overload
    def logits(
        self, texts: SeriesLike, *, missing: Missing = "error", **options: Unpack[Options]
    ) -> pandas.DataFrame: ...
    @overload
    def logits(self, texts: str | Iterable[str], **options: Unpack[Options]) -> Floats: ...

    def logits(self, texts: Any, *, missing: Missing | None = None, **options: Any) -> Any:
        """Returns the logits of texts: float32 [n, labels], or [labels] of one text; of a Series a
        DataFrame with a column for each label.

        Takes the options of `classify`; only those for long texts and prompts have an effect.
        """
        return self._numbers(texts, missing, lambda texts: self._logits(texts, options))

    @overload
    def scores(
        self, texts: SeriesLike, *, missing: Missing = "error", **options: Unpack[Options]
    ) -> pandas.DataFrame: ...
    @overload
    def scores(self, texts: str | Iterable[str], **options: Unpack[Options]) -> Floats: ...

    def scores(self, texts: Any, *, missing: Missing | None = None, **options: Any) -> Any:
        """Returns the scores of texts, as `logits` does."""
        return self._numbers(texts, missing, lambda texts: self._scores(texts, options))

    def fit_temperature(self, texts: Any, labels: Iterable[str | int], **options: Any) -> float:
        """Computes the temperature with which softmax fits the labels of texts best: the option
        `temperature` of the other methods.

        `labels` has a label, or its index, for each text. Use texts that the model was not trained on.
        """
        rows = text_rows(texts, None)
        targets = [self._label_index(label, index) for index, label in enumerate(labels)]
        if len(targets) != rows.count:
            raise InvalidArgumentError(
                f"there are {rows.count} texts and {len(targets)} labels; each text needs one")
        logits = rows.compute(lambda texts: self._logits(texts, options))
        array = numpy.array(targets, numpy.uintp)
        temperature = ctypes.c_float()
        library().fit_temperature(
            logits.ctypes.data, array.ctypes.data, len(targets), len(self.labels),
            ctypes.byref(temperature))
        return temperature.value

    # Calls of the library

    def _classify(self, texts: list[Any], options: Mapping[str, Any]) -> list[Classification]:
        array, count = _input.text_array(texts)
        return self._answers(library().classify, (array, count), options)

    def _classify_pairs(self, pairs: list[Any], options: Mapping[str, Any]) -> list[Classification]:
        first, count = _input.text_array([pair[0] for pair in pairs])
        second, _ = _input.text_array([pair[1] for pair in pairs])
        return self._answers(library().classify_pairs, (first, second, count), options)

    def _answers(
        self, call: Any, texts: tuple[Any, ...], options: Mapping[str, Any]
    ) -> list[Classification]:
        with result(
            _structs.Classifications, "classifications_free", call, self._handle, *texts,
            options_struct(self.labels, **options),
        ) as arrays:
            return classifications(arrays, self.labels, options.get("minimum_score"))

    def _logits(self, texts: list[Any], options: Mapping[str, Any]) -> Any:
        array, count = _input.text_array(texts)
        logits = numpy.empty((count, len(self.labels)), numpy.float32)
        library().logits(
            self._handle, array, count, options_struct(self.labels, **options), logits.ctypes.data,
            logits.size)
        return logits

    def _scores(self, texts: list[Any], options: Mapping[str, Any]) -> Any:
        array, count = _input.text_array(texts)
        with result(
            _structs.Classifications, "classifications_free", library().classify, self._handle,
            array, count, options_struct(self.labels, **options),
        ) as arrays:
            return matrix(arrays.scores, arrays)

    def _numbers(self, texts: Any, missing: Missing | None, compute: Any) -> Any:
        if isinstance(texts, str):
            return compute([texts])[0]
        rows = text_rows(texts, missing)
        numbers = rows.compute(compute)
        if not is_series(texts):
            return numbers
        return rows.frame({label: numbers[:, index] for index, label in enumerate(self.labels)})

    def _label_index(self, label: object, index: int) -> int:
        if isinstance(label, str):
            if label in self.labels:
                return self.labels.index(label)
        elif hasattr(label, "__index__") and 0 <= label.__index__() < len(self.labels):
            return int(label.__index__())
        raise InvalidArgumentError(
            f"label {index + 1} is {label!r}; it must be one of {', '.join(self.labels)}, or an "
            f"index below {len(self.labels)}")

    def _columns(
        self, answers: list[Classification], options: Mapping[str, Any]
    ) -> dict[str, Any]:
        columns: dict[str, Any] = {
            "label": [answer.label for answer in answers],
            "score": numpy.array([answer.score for answer in answers], numpy.float32),
        }
        ranks = min(options.get("top_k") or 1, len(self.labels))
        for rank in range(1, ranks):
            columns[f"label_{rank + 1}"] = [self.labels[answer.order[rank]] for answer in answers]
            columns[f"score_{rank + 1}"] = numpy.array(
                [answer.scores[answer.order[rank]] for answer in answers], numpy.float32)
        if options.get("minimum_score") is not None:
            columns["decision"] = [
                answer.label if answer.decided else None for answer in answers]
        if options.get("threshold") is not None or options.get("label_thresholds") is not None:
            columns["accepted"] = [
                [self.labels[index] for index in answer.accepted_order] for answer in answers]
        columns["tokens"] = numpy.array([answer.tokens for answer in answers], numpy.int64)
        columns["truncated"] = numpy.array([answer.truncated for answer in answers], numpy.bool_)
        return columns
