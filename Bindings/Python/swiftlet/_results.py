"""Copies a result of the library, whose memory is then freed."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy

from ._library import library


class LabelScore(NamedTuple):
    """A label and its score."""

    label: str
    score: float


@contextmanager
def result(kind: type, free: str, call: Callable[..., None], *arguments: object) -> Iterator[Any]:
    """Calls a function that writes a struct of `kind`, yields it, and frees it by the function
    `free`."""
    place: Any = ctypes.POINTER(kind)()
    call(*arguments, ctypes.byref(place))
    try:
        yield place.contents
    finally:
        getattr(library(), free)(place)


def copied(pointer: Any, count: int, dtype: type) -> Any:
    """Copies an array of the library."""
    # Not through a ctypes array, because ctypes keeps an array type for each length forever.
    size = ctypes.sizeof(pointer._type_)
    data = ctypes.string_at(ctypes.cast(pointer, ctypes.c_void_p), count * size) if count else b""
    return numpy.frombuffer(data, numpy.dtype(pointer._type_)).astype(dtype, copy=True)


def listed(pointer: Any, count: int) -> list[Any]:
    """Copies an array of the library's numbers to a list of Python's."""
    values: list[Any] = copied(pointer, count, numpy.dtype(pointer._type_).type).tolist()
    return values


def decoded(text: Any) -> str:
    """Decodes a text of a result."""
    return ctypes.string_at(text.bytes, text.length).decode() if text.length else ""


def ranges(pointer: Any, count: int) -> list[range]:
    """The ranges between neighbours of an array of `count` + 1 starts."""
    starts = listed(pointer, count + 1)
    return [range(start, end) for start, end in zip(starts, starts[1:])]
