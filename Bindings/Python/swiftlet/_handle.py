"""The base class of models and tokenizers."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, TypeVar

from ._errors import InvalidArgumentError
from ._library import library

Self = TypeVar("Self", bound="Handle")


class Handle:
    """A handle of the library.

    `close()`, the end of a `with` block or garbage collection frees it; calls that still run in other
    threads complete.
    """

    # The prefix of the handle's functions.
    _kind = ""
    # None before it is loaded and after it is closed.
    _pointer: int | None = None

    def __init__(self, load: Callable[..., None], *arguments: object) -> None:
        place = ctypes.c_void_p()
        load(*arguments, ctypes.byref(place))
        self._pointer = place.value

    @property
    def _handle(self) -> int:
        pointer = self._pointer
        if pointer is None:
            name = self._kind.replace("_", " ")
            raise InvalidArgumentError(f"this {name} is closed; load it again to use it")
        return pointer

    @property
    def closed(self) -> bool:
        """Whether `close()` was called."""
        return self._pointer is None

    def close(self) -> None:
        """Frees the memory; closing again does nothing."""
        pointer, self._pointer = self._pointer, None
        if pointer is not None:
            getattr(library(), f"{self._kind}_free")(pointer)

    def __enter__(self: Self) -> Self:
        self._handle  # Raises if it is closed.
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        # When the interpreter exits, the module's names may be gone.
        try:
            self.close()
        except Exception:
            pass

    def __reduce_ex__(self, _: object) -> Any:
        raise TypeError(
            f"a {type(self).__name__} can't be pickled or copied: its weights and threads belong to "
            "this process; send the path, and load it there")
