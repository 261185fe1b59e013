"""What sentences name: files, scripts, subcommands, flags, variables, test suites, C functions."""

import functools
import re
import subprocess

SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"(?:scripts|docs|deploy|Tests|Sources|Bindings|Benchmarks|weights)/[\w./*-]*")

# Flags of other programs that the documents name.
FOREIGN_FLAGS = {"--read-only", "--traits", "--filter"}

# A type or a member, perhaps with its labels; what has a capital inside is a name of Swift's.
NAME = re.compile(r"\.?[A-Za-z]\w*(?:\.\w+)*(?:\([\w:]*\))?")

# Names of other programs.
FOREIGN_NAMES = {"fatalError", "DataCollatorWithPadding"}

# Its tables are of the names of transformers too.
OF_TRANSFORMERS = "docs/compatibility.md"

# The last columns of its tables name tests.
OF_TESTS = "docs/contributing/bad-training-input.md"

# Files that a command writes, or that a reader may put there.
MADE = {"Benchmarks/.build/peers/report"}


def spans(root, document):
    """The code in the document's sentences, with its line."""
    fenced = False
    for number, line in enumerate((root / document).read_text().splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced:
            # The changelog's tables of renamed things have the old name, which is gone, on the left.
            gone = line.index("|", 1) if document == "CHANGELOG.md" and line.startswith("|") else 0
            for match in SPAN.finditer(line, gone):
                yield number, match[1]


# The other places of the version in ProjectVersion.swift: the file, and the text around the number.
VERSIONS = [
    ("Bindings/Python/swiftlet/_version.py", r'^VERSION = "([\d.]+)"'),
    ("CHANGELOG.md", r"\A(?:(?!^## \[\d).)*^## \[([\d.]+)\] - \d{4}-\d\d-\d\d$"),
    ("README.md", r"^This is version ([\d.]+)\. "),
    ("deploy/kubernetes/deployment.yaml", r"image: swiftlet-server:([\d.]+)$"),
    ("docs/c-library.md", r"`\.so\.(\d+\.[\d.]+)`"),
    ("docs/deployment.md", r"swiftlet-server:([\d.]+)"),
]


class Words:
    def __init__(self, root, swiftlet, server):
        self.root, self.swiftlet, self.server = root, swiftlet, server
        self.suites = set(re.findall(r"\b(?:struct|class|enum|actor|extension) (\w+)",
                                     self.text("Tests/*/**/*.swift")))
        self.tests = set(re.findall(r"\bfunc `([^`]+)`", self.text("Tests/*/**/*.swift")))
        self.tests |= set(re.findall(r"^def (test_\w+)", self.text("Tests/CommandLine/*.py"), re.MULTILINE))
        self.sources = "".join(map(self.text, [
            "Sources/**/*.*", "weights/*.swift", "Package.swift", "scripts/*", "deploy/**/*",
            "Benchmarks/**/*.swift", "Bindings/**/*.py", "Tests/*/*.swift", "Tests/Runner/*.py",
            "Benchmarks/*/*.py", "Tests/Fixtures/training/*.py"]))
        self.names = set(re.findall(r"\w+", self.sources)) | FOREIGN_NAMES
        self.targets = set(re.findall(r"^([a-z-]+):", self.text("Makefile"), re.MULTILINE))

    def text(self, pattern):
        return "\n".join(file.read_text(errors="replace") for file in self.root.glob(pattern)
                         if file.is_file())

    @functools.cache
    def help(self, *command):
        shown = subprocess.run([*command, "--help"], capture_output=True, text=True)
        return shown.stdout if shown.returncode == 0 else ""

    @functools.cache
    def helps(self):
        """The help of every command, by its name."""
        subcommands = self.help(self.swiftlet).partition("SUBCOMMANDS:")[2]
        commands = re.findall(r"^  ([a-z-]+)  ", subcommands, re.MULTILINE)
        return {
            "swiftlet --help": self.help(self.swiftlet),
            **{f"swiftlet {each} --help": self.help(self.swiftlet, each) for each in commands},
            "swiftlet-server --help": self.help(self.server),
        }

    @functools.cache
    def every_flag(self):
        texts = [*self.helps().values(), self.text("scripts/*"), self.text("Tests/Runner/*.py"),
                  self.text("Tests/*/conftest.py"),
                  self.text("Benchmarks/**/*.py"),
                  self.text("Benchmarks/Sources/**/*.swift")]
        return set(re.findall(r"--[a-z][a-z-]*", "\n".join(texts)))

    def version_problems(self):
        """One place has the version, and the others its first numbers."""
        version = re.search(r'= "([\d.]+)"', self.text("Sources/Swiftlet/ProjectVersion.swift"))[1]
        for file, pattern in VERSIONS:
            found = re.findall(pattern, self.text(file), re.MULTILINE | re.DOTALL)
            if not found:
                yield f"{file}: the version is not where words.py looks for it: {pattern}"
            for each in found:
                if not f"{version}.".startswith(f"{each}."):
                    yield f"{file}: version {each}; ProjectVersion.swift has {version}"

    def problems(self, document):
        text = (self.root / document).read_text()
        folder = (self.root / document).parent
        for target in LINK.findall(text):
            if "://" not in target and not target.startswith("#"):
                if not (folder / target.split("#")[0]).exists():
                    yield f"the link {target} leads nowhere"
        for number, span in spans(self.root, document):
            for problem in self.problems_of(span, names=document != OF_TRANSFORMERS):
                yield f"line {number}: `{span}`: {problem}"
        if document == OF_TESTS:
            yield from self.missing_tests(text)

    def missing_tests(self, text):
        for row in re.findall(r"^\|.*\|$", text, re.MULTILINE):
            for span in SPAN.findall(row[:-1].rpartition("|")[2]):
                if not span.startswith("Tests/") and span not in self.tests:
                    yield f"there is no test `{span}`"

    def problems_of(self, span, names=True):
        words = span.split()
        path = words[0].rstrip("/")
        if PATH.fullmatch(path) and path not in MADE and not list(self.root.glob(path)):
            yield "there is no such file"
        if words[0] == "make" and len(words) > 1 and "=" not in words[1]:
            if words[1] not in self.targets:
                yield "the Makefile has no such target"
        if words[0] == "swiftlet" and len(words) > 1:
            shown = self.help(self.swiftlet, words[1])
            if not shown:
                yield "there is no such subcommand"
            for flag in re.findall(r"--[a-z][a-z-]*", span):
                if shown and not re.search(rf"{flag}\b(?!-)", shown):
                    yield f"{words[1]} has no {flag}"
        else:
            for flag in re.findall(r"(?<!\S)--[a-z][a-z-]*", span):
                # A hidden option is one in the sources alone.
                if flag not in self.every_flag() | FOREIGN_FLAGS and f'"{flag[2:]}"' not in self.sources:
                    yield f"nothing has the flag {flag}"
        if re.fullmatch(r"\w+Tests", span) and span not in self.suites:
            if not (self.root / "Tests" / span).is_dir():
                yield "there is no such test suite"
        if names and NAME.fullmatch(span):
            for name in re.findall(r"\b\w+[a-z][A-Z]\w*", span):
                if name not in self.names:
                    yield f"nothing has the name {name}"
        for name in re.findall(r"\b(?:swiftlet_[a-z_]+|SWIFTLET_[A-Z_]+)\b", span):
            # Prometheus adds the ending to the name of a histogram.
            if re.sub("_(bucket|count|sum)$", "", name) not in self.sources:
                yield f"the sources have no {name}"
