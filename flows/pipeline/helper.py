"""A process that helps, from its side. It is light, so that each imports only what it is for."""

import multiprocessing
import os
import threading
from importlib import import_module
from multiprocessing.connection import wait


def begin(modules: tuple[str, ...]) -> None:
    """Import what it will need, and end when the process that started this one has ended."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 because a pool's process has one

    def end_with_parent() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()
    for module in modules:
        import_module(module)


def begun() -> None:
    """Nothing: that it was called is enough."""
