"""What make install and scripts/install put where, and take away again."""

import os
import re
import shutil
import subprocess

from conftest import ROOT, install, output

# SWIFTLET_TEST_BUILT names another folder with what is installed.
INSTALL = [ROOT / "scripts/install", "--from", os.environ.get("SWIFTLET_TEST_BUILT", ".build-c/release")]

# What a program that uses the library needs of the system.
SYSTEM = re.compile(r"lib(c|m)\.so\.6|libstdc\+\+\.so\.6|libgcc_s\.so\.1|ld-linux.*")
LIBDIR = "usr/lib/some-machine"


def files(folder):
    return [path for path in folder.rglob("*") if not path.is_dir()]


def test_the_library_needs_only_the_system(library):
    dynamic = output("readelf", "-d", library)
    assert re.findall(r"\(SONAME\).*\[(.*)\]", dynamic) == ["libswiftlet.so.0"]
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
    assert needed and [name for name in needed if not SYSTEM.fullmatch(name)] == []


def test_the_library_shows_the_functions_of_the_header_and_nothing_else(library):
    shown = re.findall(r" [A-Z] (\S+)$", output("nm", "-D", "--defined-only", library), re.MULTILINE)
    header = (ROOT / "Sources/SwiftletC/include/swiftlet.h").read_text()
    assert sorted(shown) == sorted(set(re.findall(r"\b(swiftlet_[a-z_]+)\(", header)))


def test_the_program_needs_no_swift_toolchain(prefix):
    needed = output("ldd", (prefix / "bin/swiftlet").resolve())
    assert needed and not re.search("swift|Foundation", needed, re.IGNORECASE)


def test_the_program_uses_the_installed_model_until_it_is_uninstalled(tmp_path):
    prefix = install(tmp_path / "prefix")
    config = prefix / "share/swiftlet/models/sentiment/config.json"
    config.write_text(config.read_text().replace("POSITIVE", "INSTALLED"))
    assert '"label":"INSTALLED"' in output(prefix / "bin/swiftlet", "classify", "--json", "Wonderful.")
    output("make", "--no-print-directory", "uninstall", f"PREFIX={prefix}")
    assert files(prefix) == []


def test_a_staged_installation_runs_and_names_its_final_place(tmp_path):
    command = [*INSTALL, "--prefix", "/usr", "--libdir", f"/{LIBDIR}"]
    stage = tmp_path / "stage"
    output(*command, "--strip", environment={"DESTDIR": str(stage)})
    description = (stage / LIBDIR / "pkgconfig/swiftlet.pc").read_text()
    assert f"libdir=/{LIBDIR}" in description.splitlines()
    assert "POSITIVE" in output(stage / "usr/bin/swiftlet", "classify", "--json", "Wonderful.")
    assert symbols(stage) == []
    output(*command, "--uninstall", environment={"DESTDIR": str(stage)})
    assert files(stage) == []


def symbols(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.debug"))


def test_symbols_are_in_files_beside_the_stripped_ones(tmp_path):
    command = [*INSTALL, "--prefix", tmp_path]
    output(*command)
    program = tmp_path / "libexec/swiftlet/swiftlet"
    library = next((tmp_path / "lib").glob("libswiftlet.so.*.*.*"))
    found = symbols(tmp_path)
    assert {f"lib/.debug/{library.name}.debug", "libexec/swiftlet/.debug/swiftlet.debug"} <= set(found)
    for file in (program, library):
        sections = output("readelf", "--sections", "--wide", file)
        assert ".gnu_debuglink" in sections and ".symtab" not in sections and ".debug_info" not in sections
        beside = file.parent / ".debug" / f"{file.name}.debug"
        assert "Linear" in output("nm", beside) and not os.access(beside, os.X_OK)
    assert "POSITIVE" in output(tmp_path / "bin/swiftlet", "classify", "--json", "Wonderful.")
    output(*command, "--strip")
    assert symbols(tmp_path) == [] and not (tmp_path / "lib/.debug").exists()
    output(*command)
    assert symbols(tmp_path) == found
    output(*command, "--uninstall")
    assert files(tmp_path) == []


def test_without_objcopy_symbols_stay_in_the_files(tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "env", "sed", "mkdir", "dirname", "install", "mv", "ln", "mktemp", "rm", "rmdir", "id"):
        (tools / name).symlink_to(shutil.which(name))
    result = subprocess.run(
        [*INSTALL, "--prefix", tmp_path / "prefix"], check=True, capture_output=True, text=True,
        env={"PATH": str(tools)})
    assert "there is no objcopy" in result.stderr and "binutils" in result.stderr
    assert ".symtab" in output("readelf", "--sections", "--wide", tmp_path / "prefix/libexec/swiftlet/swiftlet")
    assert symbols(tmp_path) == []
