from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import numpy.typing

from . import _input, _structs
from ._handle import Handle
from ._library import library
from ._results import copied, result


def _id_array(ids: object) -> Any:
    """Converts ids to int32; an id that does not fit becomes -1, which no token has."""
    array = numpy.asarray(ids)
    if array.ndim != 1 or (array.size and not numpy.issubdtype(array.dtype, numpy.integer)):
        raise TypeError(f"expected a list of integers as ids, found {ids!r:.80}")
    array = numpy.where((array >= 0) & (array < 2**31), array, -1)
    return numpy.ascontiguousarray(array, numpy.int32)


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of a text, or of a pair."""

    ids: numpy.typing.NDArray[numpy.int32]
    """int32."""
    type_ids: numpy.typing.NDArray[numpy.int32]
    """int32: token type IDs."""
    offsets: numpy.typing.NDArray[numpy.int64]
    """int64 [n, 2]: start and end of each token in bytes of the text's UTF-8; 0, 0 for added special
    tokens."""
    special: numpy.typing.NDArray[numpy.bool_]
    """bool: True for added special tokens."""
    untruncated_count: int
    """The number of tokens before truncation."""

    @property
    def truncated(self) -> bool:
        """Whether the text was truncated."""
        return self.untruncated_count > len(self.ids)

    def __len__(self) -> int:
        return len(self.ids)


class Tokenizer(Handle):
    """The tokenizer of a model folder: `tokenizer.json` or `vocab.txt`."""

    _kind = "tokenizer"

    def __init__(self, path: _input.Path) -> None:
        self._load(library().tokenizer_load, _input.path_bytes(path))

    @classmethod
    def _of(cls, load: Callable[..., None], model: int) -> Tokenizer:
        """Returns the tokenizer of a model, which it outlives."""
        tokenizer = cls.__new__(cls)
        tokenizer._load(load, model)
        return tokenizer

    def _load(self, load: Callable[..., None], source: object) -> None:
        Handle.__init__(self, load, source)
        #: The number of tokens, added tokens included.
        self.vocabulary_size: int = library().tokenizer_vocabulary_size(self._handle)

    def tokenize(
        self, text: str, pair: str | None = None, *, max_length: int | None = None,
        special_tokens: bool = True,
    ) -> Tokens:
        """Tokenizes a text or a pair.

        `max_length` includes special tokens; without it nothing is truncated.
        """
        options = _structs.TokenizationOptions(
            max_length=_input.number(max_length, 2**32 - 1, "max_length"),
            no_special_tokens=0 if special_tokens else 1)
        second = None if pair is None else _input.one_text(pair)
        with result(
            _structs.Tokens, "tokens_free", library().tokenize, self._handle,
            _input.one_text(text), second, options,
        ) as arrays:
            count = arrays.count
            offsets = numpy.stack(
                [copied(arrays.begins, count, numpy.int64),
                 copied(arrays.ends, count, numpy.int64)], axis=1)
            return Tokens(
                copied(arrays.ids, count, numpy.int32), copied(arrays.type_ids, count, numpy.int32),
                offsets, copied(arrays.special, count, numpy.bool_), arrays.untruncated_count)

    def decode(
        self, ids: Sequence[int] | numpy.typing.NDArray[numpy.integer[Any]], *,
        skip_special_tokens: bool = True,
    ) -> str:
        """Decodes ids to a text; unknown ids are skipped."""
        array = _id_array(ids)
        text, length = ctypes.c_void_p(), ctypes.c_size_t()
        library().decode(
            self._handle, array.ctypes.data, array.size, 1 if skip_special_tokens else 0,
            ctypes.byref(text), ctypes.byref(length))
        try:
            return ctypes.string_at(text, length.value).decode()
        finally:
            library().string_free(text)
