"""Whether the check of the imports can fail."""

import pathlib
import tempfile
import unittest

from imports import IMPORT, Table, Target, problems

MODULES = ["SwiftletSystem", "SwiftletJSON", "SwiftletKernelsAVX2", "SwiftletKernelsBaseline", "Swiftlet"]
TABLE = """
| option | default |
|---|---|
| `a` | b |

| module | charter | may import |
|---|---|---|
| `SwiftletSystem` | files | – |
| `SwiftletJSON` *(product)* | a parser, `JSONReader` | System |
| `SwiftletKernelsAVX2`, `…Baseline` | kernels | `SwiftletSystem` |
| `Swiftlet` *(product)* (executable `swiftlet`) | the facade | the above, Hummingbird |

| `SwiftletLater` | not in the table | JSON |
"""


class Tables(unittest.TestCase):
    def test_rows_have_their_modules_and_imports(self):
        table = Table(TABLE, MODULES)
        self.assertEqual(table.problems, [])
        self.assertEqual(table.allowed, {
            "SwiftletSystem": set(), "SwiftletJSON": {"SwiftletSystem"},
            "SwiftletKernelsAVX2": {"SwiftletSystem"}, "SwiftletKernelsBaseline": {"SwiftletSystem"},
            "Swiftlet": set(MODULES) - {"Swiftlet"}})
        self.assertEqual(table.lines["SwiftletJSON"], 9)

    def test_wrong_tables_are_refused(self):
        for old, new, expected in [
            ("| System |", "| SwiftletNowhere |", "design.md:9: SwiftletJSON may import SwiftletNowhere"),
            ("| – |", "| JSON |", "form a cycle: SwiftletSystem -> SwiftletJSON -> SwiftletSystem"),
            ("`SwiftletJSON`", "`SwiftletXML`", "design.md:9: there is no module SwiftletXML"),
            ("`SwiftletJSON`", "`SwiftletSystem`", "design.md:9: SwiftletSystem has two rows"),
        ]:
            with self.subTest(new):
                found = list(problems(pathlib.Path(), {}, Table(TABLE.replace(old, new), MODULES)))
                self.assertIn(expected, "\n".join(found))


class Imports(unittest.TestCase):
    def test_every_spelling_is_an_import(self):
        for line in ["import A", "  @testable import A", "package import struct A.B", "public import A  // why",
                     "@_exported @preconcurrency import A.B"]:
            self.assertEqual(IMPORT.match(line)[1], "A", line)
        self.assertIsNone(IMPORT.match("// import A"))

    def found(self, source, modules=(), products=(), name="SwiftletJSON", is_test=False):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            targets = {each: Target(each, root / each, [], set(), set(), False) for each in MODULES}
            targets[name] = Target(name, root / name, [], set(modules), set(products), is_test)
            for target in targets.values():
                target.folder.mkdir()
                (target.folder / "a.swift").write_text(source if target.name == name else "")
            return list(problems(root, targets, Table(TABLE, MODULES)))

    def test_an_allowed_import_passes(self):
        self.assertEqual(self.found("import SwiftletSystem\nimport Glibc", ["SwiftletSystem"]), [])

    def test_an_import_upwards_names_file_and_line(self):
        self.assertEqual(self.found("\nimport Swiftlet", ["Swiftlet"]), [
            "SwiftletJSON/a.swift:2: the table in docs/design.md does not allow SwiftletJSON to import Swiftlet"])

    def test_tests_may_import_everything_that_they_declare(self):
        self.assertEqual(self.found("import Swiftlet", ["Swiftlet"], name="JSONTests", is_test=True), [])

    def test_undeclared_imports_are_found(self):
        for module, declared in [("SwiftletSystem", {}), ("NIOCore", {"products": ["NIOHTTP1"]})]:
            self.assertEqual(self.found(f"import {module}", **declared), [
                f"SwiftletJSON/a.swift:1: Package.swift does not declare that SwiftletJSON depends on {module}"])

    def test_a_module_without_a_row_is_found(self):
        self.assertEqual(self.found("", name="SwiftletNew"), [
            "docs/design.md: the table of modules lacks SwiftletNew"])


if __name__ == "__main__":
    unittest.main()
