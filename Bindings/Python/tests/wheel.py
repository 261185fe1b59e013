"""Tests the wheel of `make wheel`: wheel.py [--library FILE] [--debian].

Builds it twice, reads it, and installs it into a new environment, from which nothing of this folder or of
Swift can be reached; --debian installs it into a new Debian system too (as root, with debootstrap).
"""

import argparse
import base64
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
EXPECTED = "POSITIVE"
PROGRAM = (
    "import swiftlet, os\n"
    "with swiftlet.Classifier() as classifier:\n"
    "    answer = classifier.classify('I loved it')\n"
    "    print(answer.label, round(answer.score, 3), classifier.logits('I loved it').tobytes().hex())\n"
    "print(swiftlet.__version__, swiftlet.version())\n"
    "print(os.path.dirname(swiftlet.library_path()) == os.path.dirname(swiftlet.__file__))\n"
    "print(swiftlet.bundled_model().startswith(os.path.dirname(swiftlet.__file__)))\n")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, text=True, **options)


def output(*command, **options):
    return run(*command, stdout=subprocess.PIPE, **options).stdout


def built(folder, library, umask):
    """The wheel that scripts/wheel makes of the library."""
    arguments = ["--output", folder] + (["--library", library] if library else [])
    environment = {**os.environ, "PYTHON": sys.executable}
    run(ROOT / "scripts/wheel", *arguments, env=environment, stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.umask(umask))
    [wheel] = folder.glob("*.whl")
    return wheel


def check_errors(folder):
    """What is not a library that runs without Swift makes no wheel."""
    (folder / "text.so").write_text("text")
    for library, message in [
        (folder / "missing.so", "there is no"), (folder / "text.so", "is not a library"),
        ("/lib/x86_64-linux-gnu/libm.so.6", "is not libswiftlet.so.0"),
    ]:
        process = subprocess.run(
            [ROOT / "scripts/wheel", "--output", folder / "none", "--library", library], text=True,
            capture_output=True, env={**os.environ, "PYTHON": sys.executable})
        assert process.returncode == 1 and message in process.stderr, process
    assert not list(folder.glob("none/*")), "a wheel of what is not a library"


def check_bytes(first, second):
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes(), "two builds have different bytes"


def check_contents(wheel):
    """The files, and their hashes in RECORD."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        data = {name: archive.read(name) for name in names}
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
    sources = {f"swiftlet/{path.name}" for path in (ROOT / "Bindings/Python/swiftlet").glob("*.py")}
    model = {f"swiftlet/sentiment/{path.name}" for path in (ROOT / "weights/sentiment").iterdir()}
    packaged = {name for name in names if ".dist-info/" not in name}
    assert packaged == sources | model | {"swiftlet/py.typed", "swiftlet/libswiftlet.so.0"}, packaged
    for name in ("LICENSE", "NOTICE"):
        [found] = [each for each in names if re.search(rf"\.dist-info/(licenses/)?{name}$", each)]
        assert data[found] == (ROOT / name).read_bytes()
    [record] = [name for name in names if name.endswith(".dist-info/RECORD")]
    for line in data[record].decode().splitlines():
        name, digest, size = line.rsplit(",", 2)
        if name != record:
            expected = base64.urlsafe_b64encode(hashlib.sha256(data[name]).digest()).rstrip(b"=")
            assert digest == f"sha256={expected.decode()}" and int(size) == len(data[name]), name
    assert {mode for name, mode in modes.items() if name != "swiftlet/libswiftlet.so.0"} <= {0o644, 0o664}
    assert wheel.stat().st_size < 100_000_000, "PyPI takes no file above 100 MB"
    print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size / 1e6:.1f} MB")


def check_tag(wheel):
    """Neither too low, by auditwheel's lists of symbols, nor for another machine."""
    [tag] = re.findall(r"-py3-none-(manylinux_2_\d+_\w+)\.whl$", wheel.name)
    try:
        import auditwheel  # noqa: F401
    except ImportError:
        print("SKIPPED: auditwheel's opinion of the tag, as it is not installed")
        return
    report = output(sys.executable, "-m", "auditwheel", "show", wheel)
    assert f'"{tag}"' in " ".join(report.split()), report


def check_refusals(wheel, folder):
    """pip does not install it where it can't run."""
    for platform in ("manylinux_2_17_x86_64", "macosx_14_0_arm64", "win_amd64", "musllinux_1_2_x86_64"):
        process = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--no-deps", "--only-binary=:all:", "--platform",
             platform, "--target", str(folder / platform), str(wheel)], text=True, capture_output=True)
        assert process.returncode != 0 and "is not a supported wheel on this platform" in process.stderr, (
            platform, process.stderr)


def check_answers(text):
    answer, versions, *places = text.splitlines()
    assert answer.startswith(EXPECTED), text
    assert len(set(versions.split())) == 1 and places == ["True", "True"], text
    return answer


def check_installed(wheel, folder):
    """In a new environment, without variables and out of this folder."""
    run(sys.executable, "-m", "venv", folder / "venv")
    python = folder / "venv/bin/python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
    answer = check_answers(output(python, "-c", PROGRAM, cwd=folder, env={"PATH": "/usr/bin:/bin"}))
    loaded = output(python, "-c", PROGRAM + "print(open('/proc/self/maps').read())", cwd=folder, env={})
    assert not re.search(r"libswift(?!let)|libFoundation|libdispatch", loaded), "a library of Swift is loaded"
    run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "swiftlet")
    assert not list((folder / "venv").glob("lib/*/site-packages/swiftlet")), "pip left files"
    print(f"new environment: {answer[:15]}")


def check_debian(wheel, folder, suite="bookworm"):
    """In a Debian system of its own with Debian's Python and pip."""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        print("SKIPPED: a Debian system, which needs root and debootstrap")
        return
    system = folder / suite
    packages = "python3-pip,python3-numpy,ca-certificates"
    run("debootstrap", "--variant=minbase", f"--include={packages}", suite, system, stdout=subprocess.DEVNULL)
    shutil.copy(wheel, system / "root")
    inside = ["chroot", system, "env", "-i", "PATH=/usr/bin:/bin", "HOME=/root"]
    run(*inside, "pip3", "install", "--quiet", "--no-index", "--root-user-action=ignore",
        "--break-system-packages", f"/root/{wheel.name}")
    answer = check_answers(output(*inside, "python3", "-c", PROGRAM))
    libc = output(*inside, "ldd", "--version").splitlines()[0]
    print(f"Debian {suite} ({libc.split()[-1]}): {answer[:15]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", type=pathlib.Path)
    parser.add_argument("--debian", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        check_errors(folder)
        wheel = built(folder / "first", arguments.library, 0o022)
        check_bytes(wheel, built(folder / "second", arguments.library, 0o077))
        check_contents(wheel)
        check_tag(wheel)
        check_refusals(wheel, folder)
        check_installed(wheel, folder)
        if arguments.debian:
            check_debian(wheel, folder)


main()
