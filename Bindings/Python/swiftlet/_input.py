"""Converts Python's values to the library's."""

from __future__ import annotations

import ctypes
import math
import operator
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Optional, Union

from ._errors import (
    InvalidArgumentError,
    InvalidOptionError,
    InvalidTextError,
    MissingTextError,
    TextTypeError,
)
from ._structs import ModelOptions, Text

Path = Union[str, "os.PathLike[str]"]
Precision = Optional[Literal["float32", "bfloat16", "int8"]]
GEMM = Optional[Literal["automatic", "native", "cblas"]]
Loading = Optional[Literal["mapped", "read", "shared"]]

AUTOMATIC_PROMPT, NO_PROMPT, NAMED_PROMPT, PROMPT_TEXT = range(4)
LONG_TEXT = {"truncate": 0, "error": 1, "window": 2}


# Texts


def is_missing(value: object) -> bool:
    """Whether a value is what Python, numpy and pandas write for none: None, NaN, NA, NaT."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and math.isnan(value)


def encoded(text: object, index: int | None = None, what: str = "text") -> bytes:
    """Encodes a text as UTF-8; `what` is its name in errors."""
    if not isinstance(text, str):
        where = f"a {what}" if index is None else f"{what} {index + 1}"
        if is_missing(text):
            raise MissingTextError(f"{where} is missing ({text!r}); leave it out", index)
        raise TextTypeError(f"{where} is a {type(text).__name__}; expected a str", index)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        where = f"the {what}" if index is None else f"{what} {index + 1}"
        raise InvalidTextError(
            f"{where} has a lone surrogate at {error.start}, which UTF-8 can't encode; decode the "
            "text without surrogateescape", index) from None


def check_texts(texts: Sequence[object], places: Sequence[int] | None = None) -> None:
    """Checks the types of texts before any is computed; `places` has their indices among all rows."""
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            encoded(text, index if places is None else places[index])


def text_array(texts: Iterable[object], what: str = "text") -> tuple[Any, int]:
    """Converts texts to an array, which keeps their bytes alive; returns it and the count."""
    data = [encoded(text, index, what) for index, text in enumerate(texts)]
    array = (Text * len(data))()
    for place, data_ in zip(array, data):
        place.bytes, place.length = data_, len(data_)
    return array, len(data)


def one_text(text: object, what: str = "text") -> Text:
    data = encoded(text, what=what)
    return Text(data, len(data))


def listed(texts: object, what: str = "texts") -> list[object]:
    """The texts of an iterable of one dimension: a list, a generator, an array of numpy or
    pyarrow."""
    one = what[:-1]
    if isinstance(texts, (str, bytes)):
        raise TypeError(f"expected a list of {what}, found one {one}; write [{one}]")
    if isinstance(texts, Mapping):
        raise TypeError(f"expected a list of {what}, found a {type(texts).__name__}")
    dimensions = getattr(texts, "ndim", 1)
    if dimensions != 1:
        raise TypeError(f"expected {what} in one dimension, found {dimensions}")
    if hasattr(texts, "to_pylist"):  # pyarrow
        return list(texts.to_pylist())
    if not isinstance(texts, Iterable):
        raise TypeError(f"expected a list of {what}, found a {type(texts).__name__}")
    return list(texts)


def checked_pair(pair: object, index: int) -> Sequence[object]:
    """Checks that a value is two texts."""
    if isinstance(pair, (str, bytes)):
        raise TextTypeError(f"pair {index + 1} is a text; expected two", index)
    if not isinstance(pair, Sequence) and not (
        hasattr(pair, "__getitem__") and hasattr(pair, "__len__") and not isinstance(pair, Mapping)
    ):
        raise TextTypeError(
            f"pair {index + 1} is a {type(pair).__name__}; expected two texts", index)
    if len(pair) != 2:
        raise TextTypeError(f"pair {index + 1} has {len(pair)} texts; expected two", index)
    return pair  # type: ignore[return-value]


def path_bytes(path: object) -> bytes:
    """Encodes a path as UTF-8."""
    try:
        data = os.fsencode(path)  # type: ignore[arg-type]
    except UnicodeEncodeError as error:
        raise InvalidTextError(
            f"the path {path!r} has a lone surrogate at {error.start}, which UTF-8 can't encode"
        ) from None
    if b"\0" in data:
        raise InvalidArgumentError(f"the path {path!r} contains NUL; remove it")
    return data


def terminated(text: object, what: str) -> bytes:
    """Encodes a text that ends in NUL for the library."""
    data = encoded(text, what=what)
    if b"\0" in data:
        raise InvalidArgumentError(f"the {what} contains NUL; remove it")
    return data


def terminated_array(texts: Iterable[object], what: str) -> tuple[Any, int]:
    """Converts texts that end in NUL to an array; returns it and the count."""
    data = [terminated(text, what) for text in texts]
    return (ctypes.c_char_p * len(data))(*data), len(data)


# Options


def choice(value: object, names: Mapping[str, int], option: str) -> int:
    """Returns the number of a name; 0, the library's default, for None."""
    if value is None:
        return 0
    if not isinstance(value, str) or value not in names:
        raise InvalidOptionError(f"{option} is {value!r}; it must be one of {', '.join(names)}")
    return names[value]


def number(value: object, maximum: int, option: str, minimum: int = 0) -> int:
    """Checks an integer's bounds; returns 0, the library's default, for None."""
    if value is None:
        return 0
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{option} is a {type(value).__name__}; expected an int")
    found = operator.index(value)
    if not minimum <= found <= maximum:
        raise InvalidOptionError(
            f"{option} is {found}; it must be between {minimum} and {maximum}")
    return found


def count(value: object, option: str) -> int:
    """Checks a number of tokens, labels or answers, which is at least 1; returns 0 for None."""
    return number(value, 2**32 - 1, option, minimum=1)


def real(value: object, option: str) -> float:
    """Checks that a number is finite in float32."""
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise TypeError(f"{option} is a {type(value).__name__}; expected a number")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not abs(found) <= 3e38:
        raise InvalidOptionError(f"{option} is {value}; it must be a finite number")
    return found


def prompt_options(prompt: object, prompt_name: object) -> tuple[int, bytes | None]:
    """The kind of a prompt, and its name or text; "" is no prompt."""
    if prompt is not None and prompt_name is not None:
        raise InvalidOptionError("both prompt and prompt_name are given; pass only one of them")
    if prompt_name is not None:
        return NAMED_PROMPT, terminated(prompt_name, "prompt")
    if prompt is not None:
        return PROMPT_TEXT, terminated(prompt, "prompt")
    return AUTOMATIC_PROMPT, None


def precision_number(precision: Precision) -> int:
    """The precision in the library's numbers; 0 for None."""
    return choice(precision, {"float32": 1, "bfloat16": 3, "int8": 2}, "precision")


def model_options(
    precision: Precision, gemm: GEMM, loading: Loading, threads: int | None, allow_other_task: bool,
    normalize: bool | None = None,
) -> ModelOptions:
    return ModelOptions(
        precision=precision_number(precision),
        gemm=choice(gemm, {"automatic": 0, "native": 1, "cblas": 2}, "gemm"),
        loading=choice(loading, {"mapped": 0, "read": 1, "shared": 2}, "loading"),
        threads=number(threads, 4096, "threads", minimum=1),
        normalization=0 if normalize is None else 1 if normalize else 2,
        allow_other_task=1 if allow_other_task else 0,
    )
