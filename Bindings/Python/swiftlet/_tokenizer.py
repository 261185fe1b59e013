import ctypes
from dataclasses import dataclass

import numpy

from . import _input
from ._handle import Handle
from ._library import TokenArrays, TokenizationOptions, library


def copied(pointer, count, dtype):
    """A copy of an array of the library's."""
    if count == 0:
        return numpy.empty(0, dtype)
    return numpy.ctypeslib.as_array(pointer, (count,)).astype(dtype, copy=True)


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of a text, or of a pair."""

    ids: numpy.ndarray
    """int32."""
    type_ids: numpy.ndarray
    """int32: which text, as the model counts them."""
    offsets: numpy.ndarray
    """int64 [n, 2]: where a token begins and ends, in bytes of the text's UTF-8; 0, 0 for special tokens
    around it."""
    special: numpy.ndarray
    """bool: whether it is a special token around the text."""
    untruncated_count: int
    """How many tokens there were before truncation."""

    @property
    def truncated(self):
        """Whether tokens were cut off."""
        return self.untruncated_count > len(self.ids)

    def __len__(self):
        return len(self.ids)


class Tokenizer(Handle):
    """The tokenizer of a model's folder: `tokenizer.json` or `vocab.txt`."""

    _kind = "tokenizer"

    def __init__(self, path):
        super().__init__(library().tokenizer_load, _input.path_bytes(path))

    @classmethod
    def _of(cls, load, model):
        """The tokenizer of a model, which it outlives."""
        tokenizer = cls.__new__(cls)
        Handle.__init__(tokenizer, load, model)
        return tokenizer

    @property
    def vocabulary_size(self):
        """How many tokens there are, added ones included."""
        return library().tokenizer_vocabulary_size(self._handle)

    def tokenize(self, text, pair=None, *, maximum_length=None, special_tokens=True):
        """The `Tokens` of a text, or of a pair.

        `maximum_length` counts special tokens too; without it nothing is cut off.
        """
        options = TokenizationOptions(
            maximum_length=_input.number(maximum_length, 2**32 - 1, "maximum_length"),
            no_special_tokens=0 if special_tokens else 1)
        result = ctypes.POINTER(TokenArrays)()
        library().tokenize(
            self._handle, _input.one_text(text), None if pair is None else _input.one_text(pair),
            options, ctypes.byref(result))
        try:
            arrays = result.contents
            count = arrays.count
            offsets = numpy.stack(
                [copied(arrays.begins, count, numpy.int64),
                 copied(arrays.ends, count, numpy.int64)], axis=1)
            return Tokens(
                copied(arrays.ids, count, numpy.int32), copied(arrays.type_ids, count, numpy.int32),
                offsets, copied(arrays.special, count, numpy.bool_), arrays.untruncated_count)
        finally:
            library().tokens_free(result)

    def decode(self, ids, *, skip_special_tokens=True):
        """The text of ids; ids that no token has are left out."""
        array = numpy.ascontiguousarray(ids, numpy.int32)
        text, length = ctypes.c_void_p(), ctypes.c_size_t()
        library().decode(
            self._handle, array.ctypes.data, array.size, 1 if skip_special_tokens else 0,
            ctypes.byref(text), ctypes.byref(length))
        try:
            return ctypes.string_at(text, length.value).decode()
        finally:
            library().string_free(text)
