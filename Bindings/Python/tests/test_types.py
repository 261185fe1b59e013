"""The types of the package, by mypy --strict."""

import importlib.metadata
import importlib.util
import pathlib
import re
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("mypy") is None, reason="mypy is not installed")


def mypy(tmp_path, *files):
    """What mypy prints about files; the package is that of the sources."""
    process = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", PACKAGE / "pyproject.toml",
         "--cache-dir", tmp_path, *files],
        cwd=PACKAGE, capture_output=True, text=True)
    assert not process.stderr
    return process.stdout


def test_the_package_passes_strict_checks(tmp_path):
    assert mypy(tmp_path, "swiftlet").startswith("Success")


def test_results_have_the_types_that_users_expect(tmp_path):
    try:
        importlib.metadata.version("pandas-stubs")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("pandas-stubs is not installed")
    assert mypy(tmp_path, "tests/types/users.py").startswith("Success")


def test_mistakes_are_found(tmp_path):
    lines = (HERE / "types/mistakes.py").read_text().splitlines()
    expected = {
        (number, line.rsplit(": ", 1)[1])
        for number, line in enumerate(lines, 1) if "# error: " in line}
    output = mypy(tmp_path, "tests/types/mistakes.py")
    found = re.findall(r"mistakes\.py:(\d+): error: .*\[([\w-]+)\]", output)
    assert {(int(number), code) for number, code in found} == expected


def test_the_package_is_marked_as_typed():
    assert (PACKAGE / "swiftlet/py.typed").exists()
