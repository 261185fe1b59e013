from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Optional, TypedDict

import numpy

from . import _input
from ._handle import Handle
from ._library import Classifications, ClassificationOptions, library
from ._tokenizer import Tokenizer, copied

if TYPE_CHECKING:
    from typing_extensions import Unpack

_LONG_TEXT = {"truncate": 0, "error": 1, "window": 2}


class Options(TypedDict, total=False):
    """Options of classification; None is the default."""

    function: Optional[Literal["softmax", "sigmoid", "none"]]
    long_text: Optional[Literal["truncate", "error", "window"]]
    window_stride: Optional[int]
    window_pooling: Optional[Literal["mean", "max"]]
    temperature: float


@dataclass(frozen=True, eq=False)
class Classification:
    """The result of one text."""

    label: str
    """The label with the highest score."""
    score: float
    """The highest score."""
    scores: numpy.ndarray
    """float32, in the order of `Classifier.labels`."""
    logits: numpy.ndarray
    """float32, in the order of `Classifier.labels`."""
    tokens: int
    """The number of tokens before truncation, special tokens included."""
    truncated: bool
    """Whether the text was truncated."""


class Classifier(Handle):
    """A sequence classifier.

    Its folder holds `config.json`, `model.safetensors` or its shards, and `tokenizer.json` or
    `vocab.txt`. `precision` is "float32" or "int8" (default: as the checkpoint is stored), `gemm`
    "automatic", "native" or "cblas", `loading` "mapped", "read" or "shared"; `threads` is the number
    of threads (default: all CPUs that the process may use). A model made for another task raises
    `UnsupportedModelError` unless `allow_other_task` is true.
    """

    _kind = "classifier"

    def __init__(
        self, path: _input.Path, *, precision: _input.Precision = None, gemm: _input.GEMM = None,
        loading: _input.Loading = None, threads: int | None = None, allow_other_task: bool = False,
    ) -> None:
        super().__init__(
            library().classifier_load, _input.path_bytes(path),
            _input.model_options(precision, gemm, loading, threads, allow_other_task))
        #: The labels in the order of scores and logits.
        self.labels: list[str] = [
            library().classifier_label(self._handle, index).decode()
            for index in range(library().classifier_label_count(self._handle))
        ]
        #: The maximum length of a text in tokens, special tokens included.
        self.max_length: int = library().classifier_max_length(self._handle)

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer, which outlives the model."""
        return Tokenizer._of(library().classifier_tokenizer, self._handle)

    def classify(
        self, texts: Iterable[str], **options: Unpack[Options]
    ) -> list[Classification]:
        """Classifies texts as one batch; returns one `Classification` for each.

        Options: `function` ("softmax", "sigmoid", "none"; default: from the model's configuration),
        `long_text` ("truncate", "error", "window"), `window_stride`, `window_pooling` ("mean",
        "max") and `temperature`.
        """
        array, count = _input.text_array(texts)
        return self._answers(library().classify, (array, count), options)

    def classify_pairs(
        self, pairs: Iterable[Sequence[str]], **options: Unpack[Options]
    ) -> list[Classification]:
        """Classifies pairs of texts as one batch, with the options of `classify`."""
        pairs = list(pairs)
        for index, pair in enumerate(pairs):
            if isinstance(pair, (str, bytes)):
                raise TypeError(f"pair {index + 1} is a text; expected two")
            if isinstance(pair, Mapping) or not hasattr(pair, "__getitem__"):
                raise TypeError(f"pair {index + 1} is a {type(pair).__name__}; expected two texts")
            if len(pair) != 2:
                raise TypeError(f"pair {index + 1} has {len(pair)} texts; expected two")
        first, count = _input.text_array([pair[0] for pair in pairs])
        second, _ = _input.text_array([pair[1] for pair in pairs])
        return self._answers(library().classify_pairs, (first, second, count), options)

    def logits(self, texts: Iterable[str], **options: Unpack[Options]) -> numpy.ndarray:
        """Returns the logits of texts: float32 [n, labels].

        Takes the options of `classify`; `function` and `temperature` have no effect.
        """
        array, count = _input.text_array(texts)
        result = numpy.empty((count, len(self.labels)), numpy.float32)
        library().logits(
            self._handle, array, count, _options(**options), result.ctypes.data, result.size)
        return result

    def _answers(self, call, arguments, options):
        result = ctypes.POINTER(Classifications)()
        call(self._handle, *arguments, _options(**options), ctypes.byref(result))
        try:
            arrays = result.contents
            shape = (arrays.count, arrays.label_count)
            size = arrays.count * arrays.label_count
            scores = copied(arrays.scores, size, numpy.float32).reshape(shape)
            logits = copied(arrays.logits, size, numpy.float32).reshape(shape)
            return [
                Classification(
                    label=self.labels[arrays.best[row]], score=float(scores[row, arrays.best[row]]),
                    scores=scores[row], logits=logits[row], tokens=arrays.token_counts[row],
                    truncated=bool(arrays.truncated[row]))
                for row in range(arrays.count)
            ]
        finally:
            library().classifications_free(result)


def _options(
    function=None, long_text=None, window_stride=None, window_pooling=None, temperature=1.0
):
    # Outside these bounds float32 has 0, for which the library uses 1, or infinity.
    if not 1e-30 <= temperature <= 3e38:
        raise _input.InvalidOptionError(
            f"temperature is {temperature}; it must be a number between 1e-30 and 3e38")
    return ClassificationOptions(
        function=_input.choice(function, {"softmax": 1, "sigmoid": 2, "none": 3}, "function"),
        long_text=_input.choice(long_text, _LONG_TEXT, "long_text"),
        window_stride=_input.number(window_stride, 2**32 - 1, "window_stride"),
        window_pooling=_input.choice(window_pooling, {"mean": 0, "max": 1}, "window_pooling"),
        temperature=temperature)
