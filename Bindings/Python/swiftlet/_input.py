"""From Python's values to those of the library."""

import operator
import os
from typing import Literal, Optional, Union

from ._errors import InvalidArgumentError, InvalidOptionError, InvalidTextError
from ._library import ModelOptions, Text


Path = Union[str, "os.PathLike[str]"]
Precision = Optional[Literal["float32", "int8"]]
GEMM = Optional[Literal["automatic", "native", "cblas"]]
Loading = Optional[Literal["mapped", "read", "shared"]]


def encoded(text, index=None):
    """A text as UTF-8."""
    if not isinstance(text, str):
        where = "a text" if index is None else f"text {index + 1}"
        raise TypeError(f"{where} is a {type(text).__name__}; expected a str")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        where = "the text" if index is None else f"text {index + 1}"
        raise InvalidTextError(
            f"{where} has a lone surrogate at {error.start}, which UTF-8 can't write; decode it "
            "properly first", index) from None


def text_array(texts):
    """Texts as the library takes them: an array that holds on to its bytes, and how many."""
    if isinstance(texts, (str, bytes)):
        raise TypeError("expected a list of texts, found one; write [text]")
    data = [encoded(text, index) for index, text in enumerate(texts)]
    array = (Text * len(data))()
    for place, bytes_ in zip(array, data):
        place.bytes, place.length = bytes_, len(bytes_)
    return array, len(data)


def one_text(text):
    data = encoded(text)
    return Text(data, len(data))


def path_bytes(path):
    """A path as UTF-8, ended by NUL."""
    try:
        data = os.fsencode(path)
    except UnicodeEncodeError as error:
        raise InvalidTextError(
            f"the path {path!r} has a lone surrogate at {error.start}, which UTF-8 can't write"
        ) from None
    if b"\0" in data:
        raise InvalidArgumentError(f"the path {path!r} has a NUL in it")
    return data


def choice(value, names, option):
    """The number of a name; None is the library's default."""
    if value is None:
        return 0
    if value not in names:
        raise InvalidOptionError(f"{option} is {value!r}; it must be one of {', '.join(names)}")
    return names[value]


def number(value, largest, option, smallest=0):
    """A whole number within bounds; None is the library's default."""
    if value is None:
        return 0
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{option} is a {type(value).__name__}; expected an int")
    value = operator.index(value)
    if not smallest <= value <= largest:
        raise InvalidOptionError(
            f"{option} is {value}; it must be between {smallest} and {largest}")
    return value


def model_options(precision, gemm, loading, threads, allow_other_task, normalize=None):
    return ModelOptions(
        precision=choice(precision, {"float32": 1, "int8": 2}, "precision"),
        gemm=choice(gemm, {"automatic": 0, "native": 1, "cblas": 2}, "gemm"),
        loading=choice(loading, {"mapped": 0, "read": 1, "shared": 2}, "loading"),
        threads=number(threads, 4096, "threads", smallest=1),
        normalization=0 if normalize is None else 1 if normalize else 2,
        allow_other_task=1 if allow_other_task else 0,
    )
