"""Fixtures of models: the repository's, or the sentiment model in the folder SWIFTLET_TEST_MODEL."""

import os
import pathlib
import signal

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session", autouse=True)
def interruptible():
    """Ctrl-C raises KeyboardInterrupt, even if the parent ignores it, as shells do for background jobs."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def sentiment_path():
    return os.environ.get("SWIFTLET_TEST_MODEL", str(ROOT / "weights/sentiment"))


@pytest.fixture(scope="session")
def heads():
    return ROOT / "Tests/Fixtures/heads"


@pytest.fixture
def sentiment(sentiment_path):
    import swiftlet

    with swiftlet.Classifier(sentiment_path, threads=2, gemm="native") as classifier:
        yield classifier
