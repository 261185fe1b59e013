"""Converts Python's values to the library's."""

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
    """Encodes a text as UTF-8."""
    if not isinstance(text, str):
        where = "a text" if index is None else f"text {index + 1}"
        raise TypeError(f"{where} is a {type(text).__name__}; expected a str")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        where = "the text" if index is None else f"text {index + 1}"
        raise InvalidTextError(
            f"{where} has a lone surrogate at {error.start}, which UTF-8 can't encode; decode the "
            "text without surrogateescape", index) from None


def text_array(texts):
    """Converts texts to an array, which keeps their bytes alive; returns it and the count."""
    if isinstance(texts, (str, bytes)):
        raise TypeError("expected a list of texts, found one text; write [text]")
    data = [encoded(text, index) for index, text in enumerate(texts)]
    array = (Text * len(data))()
    for place, bytes_ in zip(array, data):
        place.bytes, place.length = bytes_, len(bytes_)
    return array, len(data)


def one_text(text):
    data = encoded(text)
    return Text(data, len(data))


def path_bytes(path):
    """Encodes a path as UTF-8."""
    try:
        data = os.fsencode(path)
    except UnicodeEncodeError as error:
        raise InvalidTextError(
            f"the path {path!r} has a lone surrogate at {error.start}, which UTF-8 can't encode"
        ) from None
    if b"\0" in data:
        raise InvalidArgumentError(f"the path {path!r} contains NUL; remove it")
    return data


def choice(value, names, option):
    """Returns the number of a name; 0, the library's default, for None."""
    if value is None:
        return 0
    if value not in names:
        raise InvalidOptionError(f"{option} is {value!r}; it must be one of {', '.join(names)}")
    return names[value]


def number(value, maximum, option, minimum=0):
    """Checks an integer's bounds; returns 0, the library's default, for None."""
    if value is None:
        return 0
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{option} is a {type(value).__name__}; expected an int")
    value = operator.index(value)
    if not minimum <= value <= maximum:
        raise InvalidOptionError(
            f"{option} is {value}; it must be between {minimum} and {maximum}")
    return value


def model_options(precision, gemm, loading, threads, allow_other_task, normalize=None):
    return ModelOptions(
        precision=choice(precision, {"float32": 1, "int8": 2}, "precision"),
        gemm=choice(gemm, {"automatic": 0, "native": 1, "cblas": 2}, "gemm"),
        loading=choice(loading, {"mapped": 0, "read": 1, "shared": 2}, "loading"),
        threads=number(threads, 4096, "threads", minimum=1),
        normalization=0 if normalize is None else 1 if normalize else 2,
        allow_other_task=1 if allow_other_task else 0,
    )
