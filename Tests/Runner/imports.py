"""Checks every import under Sources, weights and Tests.

- A module of this package imports only what the table of modules in docs/design.md allows.
- The table names every module, and has no cycle.
- A target declares every module of the package and of other packages that it imports in Package.swift.
"""

import dataclasses
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = "docs/design.md"

# Modules of the toolchain, which no target declares.
TOOLCHAIN = {"Builtin", "_Builtin_intrinsics", "Dispatch", "Foundation", "FoundationEssentials", "Glibc",
             "Musl", "Synchronization", "Testing"}

IMPORT = re.compile(r"\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
                    r"import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)")


@dataclasses.dataclass
class Target:
    """A target of Package.swift: its Swift files and what it declares."""

    name: str
    folder: pathlib.Path
    sources: list  # names in the folder, where the manifest lists them
    modules: set  # targets of this package
    products: set  # products of other packages
    is_test: bool

    def files(self):
        return sorted(file for file in self.folder.rglob("*.swift")
                      if not self.sources or file.name in self.sources)

    def imports(self):
        """File, line number and module of each import."""
        for file in self.files():
            for number, line in enumerate(file.read_text().splitlines(), 1):
                if match := IMPORT.match(line):
                    yield file, number, match[1]


def read_targets(root):
    package = json.loads(subprocess.run(
        ["swift", "package", "dump-package"], cwd=root, capture_output=True, text=True, check=True).stdout)
    targets = {}
    for target in package["targets"]:
        is_test = target["type"] == "test"
        folder = target.get("path") or f"{'Tests' if is_test else 'Sources'}/{target['name']}"
        declared = [(kind, value[0]) for each in target["dependencies"] for kind, value in each.items()]
        targets[target["name"]] = Target(
            target["name"], root / folder, target.get("sources") or [],
            {name for kind, name in declared if kind != "product"},
            {name for kind, name in declared if kind == "product"},
            is_test or folder.startswith("Tests/"))
    return targets


class Table:
    """The table of modules: `allowed[module]` is what the module may import."""

    def __init__(self, text, modules):
        """Reads the first table whose columns are `module`, `charter` and `imports` or `may import`.

        `modules` are the modules of the package, to which short names are completed."""
        self.modules, self.problems = set(modules), []
        self.lines, self.products, cells = {}, [], {}
        for number, module, imports in self.rows(text):
            for name in self.names(module):
                if name in self.lines:
                    self.problems.append((number, f"{name} has two rows"))
                self.lines[name] = number
                if "*(" in module and "product" in module:
                    self.products.append(name)
                cells[name] = (number, imports)
        self.allowed = {}
        for name, (number, imports) in cells.items():
            self.allowed[name] = self.read_imports(name, number, imports)

    @staticmethod
    def rows(text):
        inside = False
        for number, line in enumerate(text.splitlines(), 1):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if not line.startswith("|"):
                if inside:
                    return
            elif cells[0].lower() == "module" and cells[-1].lower() in ("imports", "may import"):
                inside = True
            elif inside and not set(line) <= set("|-: "):
                yield number, cells[0], cells[-1]

    def complete(self, name):
        """The module that a short name means: `Memory`, `SwiftletSystem` or `…Memory`."""
        name = name.strip("`* ")
        if name.startswith("…"):
            found = [module for module in self.modules if module.endswith(name[1:])]
            return found[0] if len(found) == 1 else None
        return next((each for each in (name, f"Swiftlet{name}") if each in self.modules), None)

    def names(self, cell):
        """The modules of a row; what follows in brackets is a remark."""
        for name in re.findall(r"`([^`]+)`", cell.split("(")[0]):
            yield self.complete(name) or name

    def read_imports(self, module, number, cell):
        allowed = set()
        for part in re.split(r",| and ", cell):
            part = part.strip("`* ")
            if part in ("", "–", "-"):
                continue
            if part == "the above":
                allowed |= {name for name, line in self.lines.items() if line < number}
            elif part == "kernels":
                allowed |= {name for name in self.lines if name.startswith("SwiftletKernel")}
            elif part == "products":
                allowed |= set(self.products)
            elif name := self.complete(part):
                allowed.add(name)
            elif part.startswith("Swiftlet"):
                self.problems.append((number, f"{module} may import {part}, which is not a module"))
        return allowed - {module}

    def cycle(self):
        """Modules that import each other by the table, or nothing."""
        finished = set()

        def visit(name, path):
            if name in path:
                return path[path.index(name):] + [name]
            if name in finished:
                return None
            for each in sorted(self.allowed.get(name, ())):
                if found := visit(each, path + [name]):
                    return found
            finished.add(name)
            return None

        return next(filter(None, (visit(name, []) for name in self.allowed)), None)


def problems(root, targets, table):
    """A line for each problem."""
    for number, problem in table.problems:
        yield f"{TABLE}:{number}: {problem}"
    if cycle := table.cycle():
        yield f"{TABLE}:{table.lines[cycle[0]]}: the modules form a cycle: {' -> '.join(cycle)}"
    for name, number in table.lines.items():
        if name not in table.modules:
            yield f"{TABLE}:{number}: there is no module {name}"
    for target in targets.values():
        if not target.is_test and target.files() and target.name not in table.lines:
            yield f"{TABLE}: the table of modules lacks {target.name}"
        for file, number, module in target.imports():
            if module == target.name or module in TOOLCHAIN:
                continue
            place = f"{file.relative_to(root)}:{number}"
            if module not in target.modules | target.products:
                yield f"{place}: Package.swift does not declare that {target.name} depends on {module}"
            if target.is_test or target.name not in table.lines or module not in targets:
                continue
            if targets[module].files() and module not in table.allowed[target.name]:
                yield f"{place}: the table in {TABLE} does not allow {target.name} to import {module}"


def main():
    targets = read_targets(ROOT)
    folders = {path.name for path in (ROOT / "Sources").iterdir() if path.is_dir()}
    modules = folders | {name for name, target in targets.items() if not target.is_test}
    table = Table((ROOT / TABLE).read_text(), modules)
    found = list(problems(ROOT, targets, table))
    print("\n".join(found) or f"the imports of {len(targets)} targets are as {TABLE} and Package.swift have them")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
