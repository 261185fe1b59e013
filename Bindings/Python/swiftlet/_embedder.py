from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy

from . import _input
from ._errors import InvalidArgumentError, InvalidOptionError
from ._handle import Handle
from ._library import EmbeddingOptions, library
from ._tokenizer import Tokenizer

_AUTOMATIC, _NAMED, _TEXT = 0, 2, 3


class Embedder(Handle):
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
        super().__init__(
            library().embedder_load, _input.path_bytes(path),
            _input.model_options(precision, gemm, loading, threads, allow_other_task, normalize))
        #: The number of floats in an embedding.
        self.dimension: int = library().embedder_dimension(self._handle)
        #: The maximum length of a text in tokens, special tokens included.
        self.max_length: int = library().embedder_max_length(self._handle)

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer, which outlives the model."""
        return Tokenizer._of(library().embedder_tokenizer, self._handle)

    def embed(
        self, texts: Iterable[str], *, prompt: str | None = None, prompt_name: str | None = None,
        long_text: Literal["truncate", "error"] | None = None,
    ) -> numpy.ndarray:
        """Embeds texts as one batch; returns float32 [n, dimension].

        `prompt` is prepended to every text, "" for none; `prompt_name` selects one of the model's
        prompts. The default is the model's default prompt. `long_text` is "truncate" or "error".
        """
        array, count = _input.text_array(texts)
        result = numpy.empty((count, self.dimension), numpy.float32)
        library().embed_into(
            self._handle, array, count, _options(prompt, prompt_name, long_text),
            result.ctypes.data, result.size)
        return result


def _options(prompt, prompt_name, long_text):
    if prompt is not None and prompt_name is not None:
        raise InvalidOptionError("both prompt and prompt_name are given; pass only one of them")
    kind, text = _AUTOMATIC, None
    if prompt_name is not None:
        kind, text = _NAMED, _input.encoded(prompt_name)
    elif prompt is not None:
        kind, text = _TEXT, _input.encoded(prompt)
    if text is not None and b"\0" in text:
        raise InvalidArgumentError("the prompt contains NUL; remove it")
    return EmbeddingOptions(
        prompt_kind=kind, prompt=text,
        long_text=_input.choice(long_text, {"truncate": 0, "error": 1}, "long_text"))
