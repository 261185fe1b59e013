from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, Optional, TypedDict, overload

import numpy
import numpy.typing

from . import _input, _structs
from ._library import library
from ._model import Model
from ._rows import Missing, SeriesLike, is_series, streamed, text_rows
from ._rows import batch_size as checked_batch_size

if TYPE_CHECKING:
    import pandas
    from typing_extensions import Unpack

Floats = numpy.typing.NDArray[numpy.float32]


class EmbeddingOptions(TypedDict, total=False):
    """Options of embedding; None is the default."""

    prompt: Optional[str]
    prompt_name: Optional[str]
    role: Optional[Literal["query", "document"]]
    long_text: Optional[Literal["truncate", "error"]]


class Embedder(Model):
    """A sentence-transformers model, or any other encoder with mean pooling.

    `normalize` scales vectors to length 1 (default: as `modules.json` declares); the other options
    are those of `Classifier`.
    """

    _kind = "embedder"

    def __init__(
        self, path: _input.Path, *, precision: _input.Precision = None, gemm: _input.GEMM = None,
        loading: _input.Loading = None, threads: int | None = None, normalize: bool | None = None,
        allow_other_task: bool = False,
    ) -> None:
        self._load(path, _input.model_options(
            precision, gemm, loading, threads, allow_other_task, normalize))
        #: The number of floats in an embedding.
        self.dimension: int = library().embedder_dimension(self._handle)

    @overload
    def embed(
        self, texts: SeriesLike, *, missing: Missing = "error", **options: Unpack[EmbeddingOptions]
    ) -> pandas.DataFrame: ...
    @overload
    def embed(
        self, texts: str | Iterable[str], **options: Unpack[EmbeddingOptions]
    ) -> Floats: ...

    def embed(self, texts: Any, *, missing: Missing | None = None, **options: Any) -> Any:
        """Embeds texts as one batch; returns float32 [n, dimension], or [dimension] of one text; of a
        Series of pandas a DataFrame with its index and a column for each dimension.

        `prompt` is prepended to every text, "" for none; `prompt_name` selects one of the model's
        prompts. The default is the model's default prompt. `role` is "query" or "document", as
        `encode_query` and `encode_document` of sentence-transformers. `long_text` is "truncate" or
        "error".
        """
        if isinstance(texts, str):
            return self._embed([texts], options)[0]
        rows = text_rows(texts, missing)
        vectors = rows.compute(lambda texts: self._embed(texts, options))
        if not is_series(texts):
            return vectors
        return rows.frame({column: vectors[:, column] for column in range(self.dimension)})

    def stream(
        self, texts: Iterable[str], *, batch_size: int | None = None,
        **options: Unpack[EmbeddingOptions],
    ) -> Iterator[Floats]:
        """Embeds any number of texts in bounded memory, as `Classifier.stream` classifies them."""
        return streamed(
            texts, checked_batch_size(batch_size), lambda batch: self.embed(batch, **options))

    def _embed(self, texts: list[Any], options: Mapping[str, Any]) -> Any:
        array, count = _input.text_array(texts)
        vectors = numpy.empty((count, self.dimension), numpy.float32)
        library().embed_into(
            self._handle, array, count, _options(**options), vectors.ctypes.data, vectors.size)
        return vectors


def _options(
    prompt: Any = None, prompt_name: Any = None, role: Any = None, long_text: Any = None,
) -> _structs.EmbeddingOptions:
    kind, text = _input.prompt_options(prompt, prompt_name)
    return _structs.EmbeddingOptions(
        prompt_kind=kind, prompt=text,
        long_text=_input.choice(long_text, {"truncate": 0, "error": 1}, "long_text"),
        role=_input.choice(role, {"query": 1, "document": 2}, "role"))
