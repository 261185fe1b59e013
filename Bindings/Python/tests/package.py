"""Tests the installed Python package: package.py PREFIX [pytest options].

Installs it into the environment of this Python, runs its tests with the library under PREFIX, and
builds a wheel that contains the library.
"""

import os
import pathlib
import platform
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
    library = prefix / "lib/libswiftlet.so.0"
    # A copy, so that setuptools writes nothing to the sources.
    package = shutil.copytree(ROOT / "Bindings/Python", folder / "package")
    run(*PIP, "install", "--no-build-isolation", "--no-deps", "--force-reinstall", package)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    run(sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", *sys.argv[2:],
        ROOT / "Bindings/Python/tests", env={
            **environment, "SWIFTLET_LIBRARY": str(library),
            "SWIFTLET_TEST_MODEL": str(prefix / "share/swiftlet/models/sentiment"),
            "SWIFTLET_TEST_PROGRAM": str(prefix / "bin/swiftlet")})

    # A wheel that contains the library is for this platform and needs nothing else.
    shutil.copy(library, package / "swiftlet/libswiftlet.so.0")
    run(*PIP, "wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", folder / "wheels", package)
    [wheel] = (folder / "wheels").glob(f"swiftlet-*-py3-none-linux_{platform.machine()}.whl")
    whole = folder / "whole"
    run(*PIP, "install", "--no-deps", "--target", whole, wheel)
    environment.pop("SWIFTLET_LIBRARY", None)
    run(sys.executable, "-c",
        "import swiftlet, sys; sys.exit(not swiftlet.library_path().startswith(sys.argv[1]))", whole,
        cwd=folder, env={**environment, "PYTHONPATH": str(whole)})


with tempfile.TemporaryDirectory() as temporary:
    main(pathlib.Path(temporary))
