"""Labelled rows of a DataFrame as a file for the library."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping
from typing import Any, Literal, Optional, TypedDict

from . import _input
from ._errors import InvalidOptionError, MissingTextError
from ._rows import Missing, is_frame, name_of_row


class RowOptions(TypedDict, total=False):
    """How labelled rows are read, and how texts are computed: flags of `swiftlet train`; None is the
    default."""

    text_column: Optional[str]
    pair_column: Optional[str]
    label_column: Optional[str]
    label_separator: Optional[str]
    no_header: bool
    delimiter: Optional[str]
    quote: Optional[str]
    escape: Optional[str]
    on_bad_rows: Optional[Literal["error", "skip"]]
    on_unlabelled_rows: Optional[Literal["error", "skip"]]
    on_empty_rows: Optional[Literal["error", "skip"]]
    max_length: Optional[int]
    threads: Optional[int]


def row_columns(given: dict[str, Any], data: object) -> dict[str, str | None]:
    """The columns of the rows, by their options; sets the defaults of a DataFrame in `given`."""
    if is_frame(data):
        given["text_column"] = given.get("text_column") or "text"
        given["label_column"] = given.get("label_column") or "label"
    return {name: given.get(name) for name in ("text_column", "pair_column", "label_column")}


def file_of(
    data: object, folder: str, name: str, columns: Mapping[str, str | None], missing: Missing,
) -> _input.Path:
    """The path of a file with labelled rows: `data`, or a new file in `folder` with the rows of a
    DataFrame.

    `columns` has the name of each kind of column, such as `label_column`; None is a kind that the rows
    do not have.
    """
    if not is_frame(data):
        return data  # type: ignore[return-value]
    frame: Any = data
    for option, column in columns.items():
        if column is not None and column not in frame.columns:
            raise InvalidOptionError(
                f"the DataFrame has no column {column!r}; pass the name of one of its columns "
                f"({', '.join(map(str, frame.columns))}) as {option}")
    used = frame[[column for column in columns.values() if column is not None]]
    absent = used.isna().any(axis=1).to_numpy()
    if absent.any():
        if missing != "skip":
            first = int(absent.argmax())
            raise MissingTextError(
                f"row {first + 1} (index {name_of_row(frame.index, first)}) has a missing value in "
                f"{', '.join(map(str, used.columns[used.iloc[first].isna()]))}, and "
                f"{int(absent.sum())} of {len(absent)} rows have one; leave them out with dropna(), "
                "or pass missing='skip'", first)
        used = used[~absent]
    path = pathlib.Path(folder, name)
    with open(path, "w", encoding="utf-8", errors="strict") as file:
        for values in zip(*(used[column].to_list() for column in used.columns)):
            row = dict(zip(map(str, used.columns), values))
            file.write(json.dumps(row, default=_plain) + "\n")
    return str(path)


def _plain(value: Any) -> Any:
    """A number, an array or a category of numpy or pandas."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} is not a text, a label or a list of labels")
