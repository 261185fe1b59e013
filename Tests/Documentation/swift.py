"""Builds the Swift blocks as a user's package, which is the one that README.md shows, and runs them."""

import json
import pathlib
import re
import shutil
import signal
import subprocess
import time
import urllib.request

import inputs
from blocks import same
from shell import Failure, free_ports, stop

MANIFEST = """\
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
name: "App",
{block})
"""

TARGET = """
  .executableTarget(
    name: "{name}",
    dependencies: [
      .product(name: "Swiftlet", package: "swiftlet"),
      .product(name: "SwiftletWeights", package: "swiftlet"),
      .product(name: "SwiftletTokenizer", package: "swiftlet"),
      .product(name: "SwiftletSafetensors", package: "swiftlet"),
      .product(name: "SwiftletTraining", package: "swiftlet"),
    ]),"""

# What blocks take from the text around them. A block's own declarations hide these.
PRELUDE = """\
import Swiftlet
import SwiftletTokenizer

let text = "A film of rare warmth."
let longText = String(repeating: "Ada Lovelace lived in London. ", count: 40)
let query = "how do cats sleep"
let documents = ["Cats sleep for most of the day.", "The meeting is at ten."]
let classifier = loaded { try Classifier(directory: "path/to/model") }
let reranker = loaded { try Classifier(directory: "path/to/reranker") }
let texts = AsyncStream<String> { stream in
  for text in ["Dreadful.", "Wonderful, all of it."] { stream.yield(text) }
  stream.finish()
}

func loaded<Model>(_ load: () throws -> Model) -> Model {
  do { return try load() } catch { fatalError("\\(error)") }
}
"""

IMPORTS = ["Swiftlet", "SwiftletSafetensors", "SwiftletTokenizer", "SwiftletTraining", "SwiftletWeights"]


def is_manifest(block):
    return block.text.startswith("// Package.swift")


def is_server(block):
    return "import SwiftletServer" in block.text


def is_hub(block):
    return "import SwiftletHub" in block.text


def is_expression(span):
    """Whether a piece of code in a sentence is whole: `f(label:)` and `f(…)` only name something."""
    return (span.startswith("try ") or re.fullmatch(r"[A-Z]\w+\(\w+: .*\)", span)) and "…" not in span


class Package:
    """The first block of README.md after the manifest, and those with an `@main`, are programs; every
    other block is a function."""

    def __init__(self, root: pathlib.Path, blocks, expressions):
        self.root = root
        self.folder = root / ".build/documentation"
        self.functions, self.programs, manifest = [], {}, None
        for block in blocks:
            if is_manifest(block):
                manifest = block
            elif is_server(block) or is_hub(block):
                continue
            elif not self.programs and block.document == "README.md":
                self.programs["App"] = block
            elif "@main" in block.text:
                self.programs[f"Program{len(self.programs)}"] = block
            else:
                self.functions.append(block)
        if manifest is None or not self.programs:
            raise Failure("README.md shows no manifest, or no program after it")
        app = self.folder / "App"
        (app / "Sources").mkdir(parents=True, exist_ok=True)
        targets = [TARGET.format(name=name) for name in ["Blocks", *self.programs] if name != "App"]
        body = manifest.text.replace("targets: [", "targets: [" + "".join(targets), 1)
        # The path and name of this clone, with which SwiftPM has built the modules already.
        body = body.replace('"../swiftlet"', json.dumps(str(root))).replace('"swiftlet"', json.dumps(root.name))
        sources = {
            "Package.swift": MANIFEST.format(block=body),
            "Sources/Blocks/Prelude.swift": PRELUDE,
            "Sources/Blocks/Main.swift": self.main(),
            "Sources/Blocks/Expressions.swift": self.expressions(expressions),
        }
        for name, block in self.programs.items():
            file = "Program.swift" if "@main" in block.text else "main.swift"
            sources[f"Sources/{name}/{file}"] = block.text
        for number, block in enumerate(self.functions):
            sources[f"Sources/Blocks/Block{number}.swift"] = self.function(number, block)
        shutil.rmtree(app / "ship", ignore_errors=True)
        for old in app.glob("Sources/*/*.swift"):
            if str(old.relative_to(app)) not in sources:
                old.unlink()
        for name, text in sources.items():
            file = app / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.exists() or file.read_text() != text:
                file.write_text(text)

    def function(self, number, block):
        imports = [line for line in block.text.splitlines() if line.startswith("import ")]
        lines = ["" if line in imports else line for line in block.text.splitlines()]
        imports += [f"import {name}" for name in IMPORTS if f"import {name}" not in imports]
        effects = "async throws" if re.search(r"\bawait\b", block.text) else "throws"
        return "\n".join([
            *imports, f"func block{number}() {effects} {{",
            f'#sourceLocation(file: "{block.document}", line: {block.line})', *lines,
            "#sourceLocation()", "}", "",
        ])

    def expressions(self, spans):
        """Code in sentences: compiled, not run."""
        body = "".join(
            f'#sourceLocation(file: "{document}", line: {line})\n_ = try {span.removeprefix("try ")}\n'
            for document, line, span in spans
        )
        imports = "".join(f"import {name}\n" for name in IMPORTS)
        return f"{imports}func expressions() throws {{\n{body}#sourceLocation()\n}}\n"

    def main(self):
        cases = "".join(f'    case "{number}": try await block{number}()\n'
                        for number in range(len(self.functions)))
        return (f"@main struct Blocks {{\n  static func main() async throws {{\n"
                f"    switch CommandLine.arguments[1] {{\n{cases}"
                f"    default: try expressions()\n    }}\n  }}\n}}\n")

    def build(self, configuration):
        # As README.md ships a program, so that its commands find it built, and in the folder of the other builds.
        app = self.folder / "App"
        if not (app / ".build").is_symlink():
            shutil.rmtree(app / ".build", ignore_errors=True)
            (app / ".build").symlink_to(self.root / ".build")
        arguments = ["swift", "build", "--package-path", str(app), "--scratch-path", str(self.root / ".build"),
                     "--configuration", configuration, "--static-swift-stdlib"]
        built = subprocess.run(arguments, capture_output=True, text=True)
        if built.returncode != 0:
            errors = re.findall(r"^\S+:\d+:\d+: error: .*", built.stdout, re.MULTILINE)
            raise Failure("\n".join(["the package does not build", *dict.fromkeys(errors)])
                          if errors else built.stdout[-2000:] + built.stderr[-2000:])
        found = subprocess.run([*arguments, "--show-bin-path"], capture_output=True, text=True)
        self.products = pathlib.Path(found.stdout.strip())
        # SwiftPM fetches what the manifest names, but must not build it for these products.
        objects = [line for name in ["Blocks", *self.programs]
                   for line in (self.products / f"{name}.product/Objects.LinkFileList").read_text().splitlines()]
        modules = {re.search(r"/(\w+)\.build/", each)[1] for each in objects}
        foreign = {each for each in modules if not each.startswith(("Swiftlet", "App", "Blocks", "Program"))}
        if foreign:
            raise Failure(f"the libraries need outside modules: {', '.join(sorted(foreign))}")

    def run(self, folder):
        for name, block in self.programs.items():
            yield block, lambda: self.run_one(folder, block, self.products / name)
        for number, block in enumerate(self.functions):
            program = [self.products / "Blocks", str(number)]
            yield block, lambda: self.run_one(folder, block, *program)

    def run_one(self, folder, block, *program):
        inputs.link_models(self.root, folder, block.text)
        ran = subprocess.run(program, cwd=folder, capture_output=True, text=True, timeout=120)
        if ran.returncode != 0:
            raise Failure(f"exit status {ran.returncode}\n{ran.stdout}{ran.stderr}")
        if "print(" in block.text and not ran.stdout:
            raise Failure("prints nothing")
        for shown in re.findall(r"\bprint\(.*\)\s*//(?! such as) (.+)", block.text):
            if not any(same(shown, line) for line in ran.stdout.splitlines()):
                raise Failure(f"shown: {shown}\nfound: {ran.stdout}")


def import_arguments(products: pathlib.Path):
    """The arguments with which the compiler finds the modules of the build with all traits."""
    description = json.loads((products / "description.json").read_text())
    command = next(value for key, value in description["swiftCommands"].items()
                   if key.startswith("C.SwiftletServerCLI-"))
    words = command["otherArguments"]
    return ["-I", command["importPath"],
            *(word for pair in zip(words, words[1:]) if pair[0] == "-Xcc" for word in pair)]


def write_main(folder: pathlib.Path, block, text):
    source = folder / "main.swift"
    source.write_text(f'#sourceLocation(file: "{block.document}", line: {block.line})\n{text}')
    return source


def check_hub_block(root: pathlib.Path, folder: pathlib.Path, block):
    """Checks the types of a program with SwiftletHub, which would need the Hub to run."""
    imports = import_arguments(root / ".build-server/debug")
    source = write_main(folder, block, block.text)
    checked = subprocess.run(["swiftc", "-swift-version", "6", "-typecheck", source, *imports],
                             capture_output=True, text=True)
    if checked.returncode != 0:
        raise Failure(checked.stderr[-3000:])


def run_server_block(root: pathlib.Path, folder: pathlib.Path, block):
    """Compiles a program with SwiftletServer out of the modules that the tests were built with (the
    server's packages take minutes to compile again), and has it serve and stop."""
    products = root / ".build-server/debug"
    objects = [line for line in
               (products / "swiftlet-server.product/Objects.LinkFileList").read_text().splitlines()
               if "/SwiftletServerCLI.build/" not in line]
    port = str(free_ports(1)[0])
    linked, program = (folder / name for name in ("objects", "server"))
    source = write_main(folder, block, re.sub(r"\b3000\b", port, block.text))
    linked.write_text("\n".join(objects))
    built = subprocess.run(
        ["swiftc", "-swift-version", "6", "-o", program, source,
         *import_arguments(products), f"@{linked}", "-lstdc++"], capture_output=True, text=True)
    if built.returncode != 0:
        raise Failure(built.stderr[-3000:])
    inputs.link_models(root, folder, block.text)
    with open(folder / "server.log", "w+") as log:
        server = subprocess.Popen([program], cwd=folder, stdout=log, stderr=log,
                                  start_new_session=True)
        try:
            end = time.monotonic() + 60
            while not healthy(port):
                if server.poll() is not None or time.monotonic() > end:
                    log.seek(0)
                    raise Failure(f"it does not get healthy:\n{log.read()[-2000:]}")
                time.sleep(0.05)
            server.send_signal(signal.SIGTERM)
            if server.wait(60) != 0:
                raise Failure(f"it stopped with status {server.returncode}")
        finally:
            stop(server, signal.SIGKILL)


def healthy(port):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).status == 200
    except OSError:
        return False
