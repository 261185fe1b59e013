"""Tests the installed Python package: package.py PREFIX [pytest options].

Installs it into the environment of this Python, and runs its tests with the library under PREFIX.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, **options)


def main(folder):
    prefix = pathlib.Path(sys.argv[1]).resolve()
    # A copy, so that setuptools writes nothing to the sources.
    package = shutil.copytree(ROOT / "Bindings/Python", folder / "package")
    run(*PIP, "install", "--no-build-isolation", "--no-deps", "--force-reinstall", package)
    run(sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", *sys.argv[2:],
        ROOT / "Bindings/Python/tests", env={
            **os.environ, "PYTHONDONTWRITEBYTECODE": "1",
            "SWIFTLET_LIBRARY": str(prefix / "lib/libswiftlet.so.0"),
            "SWIFTLET_TEST_MODEL": str(prefix / "share/swiftlet/models/sentiment"),
            "SWIFTLET_TEST_PROGRAM": str(prefix / "bin/swiftlet")})


with tempfile.TemporaryDirectory() as temporary:
    main(pathlib.Path(temporary))
