"""Commands and their output, Debian packages, Python environments and builds, for all parts."""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

# `make install` installs what RELEASE builds: downloads need packages that take as long to compile as Swiftlet.
MAKEFLAGS = "INSTALLED=.build TRAITS="

# Lines on a skipped check: ours, pytest's and Swift Testing's.
SKIP = re.compile(r"SKIPPED|^➜ Test .* skipped")
# Lines on a failed check: Swift Testing's and pytest's.
FAILURE = re.compile(r"^✘ .* recorded an issue|^(FAILED|ERROR) \S+\.py")
# Swift Testing's lines on tests that start or pass.
PASSES = re.compile(r"^(◇ (Test|Suite|Test case) |✔ (Suite|Test(?! run)) |↳ )")


def passing():
    """A filter for Swift Testing's lines on tests that start or pass; their arguments may have line breaks."""
    inside = False

    def hides(line):
        nonlocal inside
        if inside or line.startswith("◇ Test case"):
            inside = not line.endswith(" started.\n")
            return True
        return bool(PASSES.match(line))

    return hides


class Skipped(Exception):
    """The machine lacks what a part needs."""


class Failed(Exception):
    """A check failed; the output has the details."""


skips, failures = [], []


def skip(reason):
    """Notes a skipped check for the end of the run."""
    skips.append(f"SKIPPED: {reason}")
    print(skips[-1], flush=True)


def run(*command, log=None, hidden=None, environment=None, **options):
    """Runs a command in the repository's folder; raises `Failed` if it fails.

    Its output is printed and written into the file `log`; lines for which `hidden` is true go only to the log."""
    command = [str(word) for word in command]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        cwd=ROOT, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "MAKEFLAGS": MAKEFLAGS, **(environment or {})},
        **options)
    with open(log or os.devnull, "w") as copy:
        for line in process.stdout:
            copy.write(line)
            if SKIP.search(line):
                skips.append(line.strip())
            if FAILURE.search(line):
                failures.append(line.strip())
            if not (hidden and hidden(line)):
                print(line, end="", flush=True)
    if process.wait() != 0:
        raise Failed(f"{pathlib.Path(command[0]).name} ended with {process.returncode}")


def output(*command, **options):
    """The standard output of a command that succeeds."""
    return subprocess.run([str(word) for word in command], cwd=ROOT, check=True, text=True,
                          stdout=subprocess.PIPE, **options).stdout.strip()


# Debian packages and Python environments


@functools.cache
def apt_update():
    run("apt-get", "update", "-qq")


def debian(commands, packages=None):
    """Installs the packages unless all commands exist; raises `Skipped` if it cannot."""
    missing = [each for each in commands.split() if not shutil.which(each)]
    if not missing:
        return
    reason = f"there is no {' '.join(missing)}: install {packages or commands}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Skipped(reason)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    try:
        apt_update()
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *(packages or commands).split(),
            hidden=lambda line: not line.startswith("E: "))
    except Failed:
        raise Skipped(reason) from None


def optional(commands, packages=None):
    """Installs the packages if it can; the checks that need them skip themselves otherwise."""
    try:
        debian(commands, packages)
    except Skipped:
        pass


def venv(name, *requirements):
    """The Python of an environment in .build-python with the requirements, from PyPI."""
    folder = ROOT / ".build-python" / name
    python, installed = folder / "bin/python", folder / "installed"
    if installed.exists() and installed.read_text() == "\n".join(requirements):
        return python
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True).returncode:
        debian("python3-venv")  # not the name of a command: asks for the package
    shutil.rmtree(folder, ignore_errors=True)
    try:
        run(sys.executable, "-m", "venv", folder)
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements)
    except Failed:
        raise Skipped(f"{' '.join(requirements)} cannot be installed from PyPI") from None
    installed.write_text("\n".join(requirements))
    return python


def test_python():
    """The Python of the environment with pytest."""
    return venv("tests", "numpy>=1.22", "pytest>=7")


def package_python():
    """The Python of the environment that tests the Python package, its wheel and its documents."""
    return venv("package", "numpy>=1.22", "pytest>=7", "setuptools>=64", "wheel", "pandas>=2", "pyarrow",
                "mypy==2.4.1", "pandas-stubs", "typing_extensions", "auditwheel")


@functools.cache
def package_installed():
    """The same Python, after it has installed the package."""
    python = package_python()
    with tempfile.TemporaryDirectory() as folder:
        # A copy, as setuptools writes into the sources.
        package = shutil.copytree(ROOT / "Bindings/Python", pathlib.Path(folder, "package"))
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-build-isolation",
            "--no-deps", "--force-reinstall", package)
    return python


# Builds, each once in a run

# With all traits.
SERVER = ("--traits", "Server,Hub", "--scratch-path", ROOT / ".build-server")
# Without traits, packages share .build, so that each module is compiled once.
RELEASE = ("--configuration", "release", "--static-swift-stdlib")
BUILT = ROOT / ".build/release"
BENCHMARKS = ("--package-path", "Benchmarks", "--scratch-path", ROOT / ".build")
DOCUMENTATION = ("--package-path", "Documentation", "--scratch-path", ROOT / ".build")


def build(*options):
    """Runs `swift build`, and fails on a warning about this package's own files.

    It touches these files, so that the next build reports the warnings again."""
    log = ROOT / ".build/build.log"
    log.parent.mkdir(exist_ok=True)
    # SwiftPM passes the traits of packages in the order of a set, and compiles them again in another order.
    run("swift", "build", *options, log=log, environment={"SWIFT_DETERMINISTIC_HASHING": "1"})
    warned = {line for line in log.read_text().splitlines()
              if ": warning: " in line and line.startswith(f"{ROOT}/") and "/.build" not in line}
    for file in {line.split(":")[0] for line in warned}:
        os.utime(file)
    if warned:
        raise Failed("\n".join(["the build warned:", *sorted(warned)]))


@functools.cache
def release(product="swiftlet"):
    """The path of a program, built in release."""
    options = (*RELEASE, "--product", product)
    build(*options)
    return BUILT / product


@functools.cache
def test_build(*options):
    build(*options, "--build-tests")


@functools.cache
def server():
    """The path of a debug build of swiftlet-server, or of the one that SWIFTLET_SERVER names."""
    if named := os.environ.get("SWIFTLET_SERVER"):
        return pathlib.Path(named).resolve()
    build(*SERVER, "--product", "swiftlet-server")
    return pathlib.Path(output("swift", "build", *SERVER, "--show-bin-path"), "swiftlet-server")


@functools.cache
def hub_program():
    """The path of a debug build of swiftlet that downloads models."""
    build(*SERVER, "--product", "swiftlet")
    return pathlib.Path(output("swift", "build", *SERVER, "--show-bin-path"), "swiftlet")


@functools.cache
def prefix():
    """The folder into which `make install` puts the C library and the command line, without downloads."""
    folder = ROOT / ".build/prefix"
    debian("make")
    run("make", "--no-print-directory", "install", f"PREFIX={folder}")
    return folder
