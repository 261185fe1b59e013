"""Fixtures that install the C library and compile the programs of this folder against it, as its users do."""

import os
import pathlib
import subprocess

import pytest

import make_models

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests/Fixtures"
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-pedantic"]


def output(*command, environment=None, **options):
    """The standard output of a command that must succeed."""
    result = subprocess.run(
        list(map(str, command)), stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, **(environment or {})}, **options)
    assert result.returncode == 0, f"{command[0]} ended with {result.returncode}\n{result.stdout}"
    return result.stdout


def install(prefix):
    output("make", "--no-print-directory", "install", f"PREFIX={prefix}")
    return prefix


@pytest.fixture(scope="session")
def prefix(tmp_path_factory):
    """The folder in which the library is installed; tests do not change it. SWIFTLET_TEST_PREFIX names one that
    is there already."""
    named = os.environ.get("SWIFTLET_TEST_PREFIX")
    return pathlib.Path(named) if named else install(tmp_path_factory.mktemp("installed") / "prefix")


@pytest.fixture(scope="session")
def library(prefix):
    return (prefix / "lib/libswiftlet.so").resolve()


@pytest.fixture(scope="session")
def sentiment(pkg_config):
    return pathlib.Path(pkg_config("--variable=modelsdir").strip()) / "sentiment"


@pytest.fixture(scope="session")
def pkg_config(prefix):
    """Asks pkg-config for the installed library."""
    environment = {"PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig")}
    return lambda *options: output("pkg-config", *options, "swiftlet", environment=environment)


@pytest.fixture(scope="session")
def compiled(prefix, pkg_config, tmp_path_factory):
    """Compiles a source by the flags of pkg-config and returns the program."""
    folder = tmp_path_factory.mktemp("programs")

    def compiled(source, *compiler):
        program = folder / source.stem
        if not program.exists():
            output(*compiler, *WARNINGS, source, "-o", program, *pkg_config("--cflags", "--libs").split(),
                   f"-Wl,-rpath,{prefix}/lib", "-lm", "-pthread")
        return program

    return compiled


@pytest.fixture(scope="session")
def program(compiled):
    """The program of a C source of this folder."""
    return lambda name: compiled(ROOT / f"Tests/CLibrary/{name}.c", "gcc", "-std=c99", "-O1", "-g")


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """The broken models that failures.c loads."""
    folder = tmp_path_factory.mktemp("models")
    make_models.make(FIXTURES, folder)
    return folder
