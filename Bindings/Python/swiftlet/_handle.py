"""What all objects of the library have in common."""

from __future__ import annotations

import ctypes
from typing import TypeVar

from ._errors import InvalidArgumentError
from ._library import library

Self = TypeVar("Self", bound="Handle")


class Handle:
    """A model or a tokenizer that the library holds.

    It may be used by any number of threads. `close()`, the end of a `with` block, or the end of the
    object lets go of it; calls that still run in other threads end well.
    """

    _kind = ""

    def __init__(self, load, *arguments):
        self._pointer = None
        place = ctypes.c_void_p()
        load(*arguments, ctypes.byref(place))
        self._pointer = place.value

    @property
    def _handle(self):
        pointer = self._pointer
        if pointer is None:
            raise InvalidArgumentError(f"this {self._kind} is closed; load it again to use it")
        return pointer

    @property
    def closed(self) -> bool:
        """Whether `close()` was called."""
        return self._pointer is None

    def close(self) -> None:
        """Gives the memory back; a second time does nothing."""
        pointer, self._pointer = self._pointer, None
        if pointer is not None:
            getattr(library(), f"{self._kind}_free")(pointer)

    def __enter__(self: Self) -> Self:
        self._handle  # Raises if it is closed.
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self):
        # At the interpreter's end the names above may be gone, and the memory goes anyway.
        try:
            self.close()
        except Exception:
            pass

    def __reduce_ex__(self, _):
        raise TypeError(
            f"a {type(self).__name__} can't be pickled or copied: its weights and threads belong to "
            "this process; send the path, and load it there")
