"""What make install and scripts/install put where, and take away again."""

import re

from conftest import ROOT, install, output

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
    command = [ROOT / "scripts/install", "--prefix", "/usr", "--libdir", f"/{LIBDIR}"]
    stage = tmp_path / "stage"
    output(*command, "--strip", environment={"DESTDIR": str(stage)})
    description = (stage / LIBDIR / "pkgconfig/swiftlet.pc").read_text()
    assert f"libdir=/{LIBDIR}" in description.splitlines()
    assert "POSITIVE" in output(stage / "usr/bin/swiftlet", "classify", "--json", "Wonderful.")
    output(*command, "--uninstall", environment={"DESTDIR": str(stage)})
    assert files(stage) == []
