"""Compiles, runs or parses every block of every document, and looks up what the sentences name.
`scripts/test docs` starts it. exceptions.py lists what is not run, with the reason."""

import argparse
import ast
import collections
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import exceptions
import inputs
import swift
from blocks import Command, Malformed, commands, help_blocks, read_blocks, same
from shell import Failure, Terminal
from words import Words, spans

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What blocks of C that are not whole programs take from the text around them.
PART_OF_C = """\
#include <swiftlet.h>
extern swiftlet_embedder *embedder;
extern swiftlet_text *texts;
extern size_t n;
extern float *vectors;
extern swiftlet_error *error;
"""


class Check:
    def __init__(self, folder, arguments):
        self.base, self.arguments = folder, arguments
        self.prefix = pathlib.Path(arguments.installed).resolve()
        self.python = pathlib.Path(arguments.python or sys.executable).absolute()
        self.counts, self.failures = collections.Counter(), []
        (folder / "bin").mkdir()
        (folder / "home").mkdir()
        (folder / "home/.curlrc").write_text("fail\n")  # a status of 400 and more is a failure
        for name, program in [("swiftlet", arguments.swiftlet), ("swiftlet-server", arguments.server)]:
            (folder / "bin" / name).symlink_to(pathlib.Path(program).resolve())
        # Every build of a document takes the modules of the tests' release build, which has this option.
        (folder / "bin/swift").write_text(
            f'#!/bin/sh\ncase $1 in build) shift; set -- build --static-swift-stdlib "$@" ;; esac\n'
            f'exec {shutil.which("swift")} "$@"\n')
        (folder / "bin/swift").chmod(0o755)
        self.words = Words(ROOT, str(folder / "bin/swiftlet"), str(folder / "bin/swiftlet-server"))
        self.environment = {
            **os.environ,
            "PATH": f"{folder / 'bin'}:{self.python.parent}:{os.environ['PATH']}",
            "HOME": str(folder / "home"),
            "SWIFTLET_LIBRARY": str(self.prefix / "lib/libswiftlet.so.0"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "SWIFTPM_BUILD_DIR": str(ROOT / ".build"),
        }

    def attempt(self, place, kind, work):
        try:
            work()
            self.counts[kind] += 1
        except (Failure, Malformed, OSError, SyntaxError, ValueError,
                subprocess.SubprocessError) as error:
            self.failures.append(f"{place}: {error}")
            print(f"FAIL  {place}: {error}", flush=True)

    def make_folder(self):
        """A new one for each document."""
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=self.base))
        inputs.make_folder(ROOT, self.folder)

    def document(self, blocks):
        self.make_folder()
        terminal = Terminal(ROOT, self.folder, self.environment)
        last = None  # the last command, where nothing but its output came since
        imports = ""  # of the Python blocks so far, which go on from one another
        for block in blocks:
            if block.language == "sh":
                found = []
                self.attempt(block.place, "blocks of commands",
                             lambda: found.extend(commands(block)))
                for last in found:
                    self.attempt(last.place, "commands", lambda: self.run(terminal, last))
                self.attempt(block.place, "ends", terminal.stop_server)
            elif block.language == "json" and last is not None and last.block.section == block.section:
                shown = Command(last.block, last.line, last.text, block.text)
                self.attempt(block.place, "outputs", lambda: self.shown(terminal, shown))
                last = None
            elif block.language == "json":
                self.attempt(block.place, "JSON", lambda: json.loads(block.text))
            elif block.language == "python":
                self.attempt(block.place, "Python", lambda: self.run_python(block, imports))
                imports += "".join(re.findall(r"^(?:import|from) .*\n", block.text, re.MULTILINE))
            elif block.language == "c":
                self.attempt(block.place, "C", lambda: self.run_c(block))
            elif block.language == "dockerfile":
                self.attempt(block.place, "Dockerfiles", lambda: self.run_dockerfile(terminal, block))
            elif block.language == "text":
                self.attempt(block.place, "text", lambda: self.listed(block))

    def run(self, terminal, command):
        """What is not run has at least a program and flags that exist."""
        if not terminal.run(command):
            named = re.search(r"(?:^|\s)(scripts/.*|make .*)", command.text)
            for problem in self.words.problems_of(named[1]) if named else []:
                raise Failure(problem)

    def listed(self, block):
        if not any(rule.matches(block.document, block.text) for rule in exceptions.TEXT):
            raise Failure("a block of text that exceptions.py does not list")

    def shown(self, terminal, command):
        if terminal.last_output is None or not same(command.output, terminal.last_output):
            raise Failure(f"`{command.text}` prints something else: {terminal.last_output}")

    def run_python(self, block, imports):
        if any(rule.matches(block.document, block.text) for rule in exceptions.PARSED):
            ast.parse(block.text)
            return
        inputs.link_models(ROOT, self.folder, block.text)
        self.call([self.python, "-c", imports + block.text])

    def run_c(self, block):
        """A block with a `main` is left as example.c for the commands; any other is a function."""
        source = self.folder / "example.c" if "int main(" in block.text else self.folder / "part.c"
        text = f'#line {block.line} "{block.document}"\n{block.text}'
        if source.name == "part.c":
            text = f"{PART_OF_C}\nint part(void);\nint part(void) {{\n{text}\nreturn 0;\n}}\n"
        source.write_text(text)
        self.call(["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-Wno-unused", "-pedantic",
                   f"-I{self.prefix}/include", "-c", source, "-o", self.folder / "part.o"])

    def run_dockerfile(self, terminal, block):
        """The commands of the first stage, and the entry point, with another folder for /app."""
        build, _, last = block.text.replace("\\\n", "").replace(
            "/app", str(self.folder / "app")).partition("\n\n")
        words = re.findall(r"^ENTRYPOINT (\[.*\])$", last, re.MULTILINE)
        runs = re.findall(r"^RUN (.*)$", build, re.MULTILINE)
        if not runs or not words or "COPY --from=build" not in last:
            raise Failure("not two stages, the first with RUN and the last with ENTRYPOINT")
        for text in [*runs, shlex.join(json.loads(words[0]))]:
            terminal.run(Command(block, block.line, text, ""))

    def call(self, command):
        ran = subprocess.run(command, cwd=self.folder, env=self.environment, text=True,
                             capture_output=True, timeout=120)
        if ran.returncode != 0:
            raise Failure(f"exit status {ran.returncode}\n{ran.stdout}{ran.stderr[-3000:]}")

    def swift(self, blocks, expressions):
        self.make_folder()
        for block in filter(swift.is_server, blocks):
            self.attempt(block.place, "Swift",
                         lambda: swift.run_server_block(ROOT, self.folder, block))
        for block in filter(swift.is_hub, blocks):
            self.attempt(block.place, "Swift",
                         lambda: swift.check_hub_block(ROOT, self.folder, block))
        if not any(map(swift.is_manifest, blocks)) and self.arguments.only:
            return
        try:
            package = swift.Package(ROOT, blocks, expressions)
            package.build(self.arguments.configuration)
        except Failure as error:
            self.attempt("the Swift blocks", "Swift", lambda: raise_again(error))
            return
        for block, work in package.run(self.folder):
            self.attempt(block.place, "Swift", work)
        self.counts["expressions"] = len(expressions)


def raise_again(error):
    raise error


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swiftlet", required=True, help="the built command line")
    parser.add_argument("--server", required=True, help="the built server")
    parser.add_argument("--installed", required=True, help="the prefix of an installed C library")
    parser.add_argument("--python", help="a Python with numpy; without it no Python block is run")
    parser.add_argument("--configuration", default="release", help="of the Swift blocks")
    parser.add_argument("--only", default="", help="a regular expression: some documents only")
    parser.add_argument("--without", default="", help="languages to leave out, with commas between")
    arguments = parser.parse_args()
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "--cached", "--others",
                             "--exclude-standard", "*.md"],
                            capture_output=True, text=True, check=True).stdout.split()
    # The templates of docs/performance.md have the same blocks.
    documents = [name for name in listed if re.search(arguments.only, name)
                 and not re.fullmatch(r"Benchmarks/.*(performance|missed)\.md", name)]
    left_out = set(arguments.without.split(",")) - {""}
    if not arguments.python:
        left_out.add("python")
        exceptions.SKIPPED += exceptions.WITHOUT_PYTHON
    with tempfile.TemporaryDirectory(prefix="swiftlet-documentation-") as name:
        folder = pathlib.Path(name).resolve()
        check = Check(folder, arguments)
        words = check.words
        for problem in words.version_problems():
            check.attempt("versions", "words", lambda: raise_again(Failure(problem)))
        blocks = {}
        for document in documents:
            check.attempt(document, "documents",
                          lambda: blocks.update({document: read_blocks(ROOT, document)}))
            for problem in words.problems(document):
                check.attempt(document, "words", lambda: raise_again(Failure(problem)))
        if "swift" not in left_out:
            expressions = [(document, line, span) for document in documents
                           for line, span in spans(ROOT, document) if swift.is_expression(span)]
            check.swift([each for document in blocks.values() for each in document
                         if each.language == "swift"], expressions)
        blocks |= {name: help_blocks(name, text) for name, text in words.helps().items()
                   if re.search(arguments.only, name)}
        for found in blocks.values():
            check.document([each for each in found if each.language not in left_out])
    if not arguments.only and not left_out:
        for rule in exceptions.EVERY:
            if rule.uses == 0:
                check.failures.append(f"exceptions.py: nothing matches {rule.document} {rule.pattern}")
                print(f"FAIL  {check.failures[-1]}")
    print(", ".join(f"{count} {kind}" for kind, count in check.counts.items() if kind != "ends"))
    if check.failures:
        print(f"docs: {len(check.failures)} failures", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
