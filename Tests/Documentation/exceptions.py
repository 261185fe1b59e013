"""What is not run as it stands: each with its reason, and each must still match a document."""

import dataclasses
import re


@dataclasses.dataclass
class Rule:
    document: str  # a regular expression, as is `pattern`
    pattern: str
    reason: str
    instead: str | None = None  # what is run in its place; `None`: the syntax alone is checked
    uses: int = 0

    def matches(self, document, text):
        if re.fullmatch(self.document, document) and re.search(self.pattern, text):
            self.uses += 1
            return True
        return False


ANY = r".*"

# The section whose commands are for the reader's package, which swift.py has built.
OF_THE_PACKAGE = "Shipping a program"

# Commands that are not run. `instead` is run in the repository's folder.
SKIPPED = [
    Rule(ANY, r"^scripts/test\b", "this check is a part of it", "scripts/test --list"),
    Rule(ANY, r"^scripts/sanitize\b", "takes minutes", "bash -n scripts/sanitize"),
    Rule(ANY, r"^make server\b", "compiles for minutes", "make --dry-run server"),
    Rule(ANY, r"^make wheel\b", "compiles for minutes; scripts/test wheel builds and installs it",
         "make --dry-run wheel"),
    Rule(ANY, r"^pip install dist/", "scripts/test wheel installs it"),
    Rule(ANY, r"^(\w+=\S+ )*scripts/benchmark\b", "measures for minutes",
         "bash -n scripts/benchmark && test -x scripts/benchmark"),
    Rule(r"docs/models\.md|swiftlet.* --help", r"^swiftlet.* (distilbert|sentence-transformers|org)/",
         "needs the Hub; scripts/test hub has a fake one"),
    Rule(r"docs/performance\.md", r"^Benchmarks/server/fairness\.py ", "measures for minutes",
         "Benchmarks/server/fairness.py --help"),
    Rule(r"docs/deployment\.md", r"^docker ", "needs a Docker engine",
         "test -f deploy/Dockerfile"),
    Rule(r"docs/deployment\.md", r"^kubectl create", "needs a cluster"),
    Rule(r"docs/deployment\.md", r"^kubectl apply -k deploy/kubernetes$", "needs a cluster",
         "test -f deploy/kubernetes/kustomization.yaml"),
    Rule(r"docs/deployment\.md", r"^spark-submit ", "scripts/test spark runs it",
         "for option in input output id-column text-column swiftlet; do"
         " grep -q -- \"'--$option'\\|\\\"--$option\\\"\" deploy/spark/label.py; done"),
    Rule(r"Tests/Fixtures/(training/)?README\.md", ANY, "installs PyTorch, and overwrites the fixtures"),
    Rule(r"Benchmarks/training/README\.md", ANY, "installs PyTorch, and trains for hours"),
    Rule(r"Benchmarks/accuracy/README\.md", r"^python3 ", "needs a downloaded model, and SST-2"),
]

# Blocks in other languages that are only parsed.
PARSED = [
    Rule(r"weights/sentiment/README\.md", r"from transformers import", "needs PyTorch"),
    Rule(r"docs/quantized-format\.md", r"from safetensors", "needs the package safetensors"),
    Rule(r"docs/training\.md", r"import Trainer|Trainer\(", "needs PyTorch, and trains for hours"),
]

# Blocks of text, which are not code.
TEXT = [
    Rule(r"docs/command-line\.md", r"^(   #  id|swiftlet: (note|error)|300,000 rows|record,id)",
         "a file of 300,000 rows"),
    Rule(r"docs/command-line\.md", r"^(python3 -c|text,stars|accuracy  80|temperature, fitted)",
         "formats that are refused, a file, and its evaluation"),
    Rule(r"docs/deployment\.md", r"^weights +4 · P", "a formula for each part of the memory"),
    Rule(r"docs/design\.md", r"^text ─ Tokenizer ─▶ ids", "a diagram"),
    Rule(r"docs/design\.md", r"^files ─ TrainingData ─▶", "a diagram"),
    Rule(r"docs/models\.md", r"^model/\n", "the files of a folder"),
    Rule(r"docs/models\.md", r"^swiftlet: error: model/pytorch_model\.bin", "a file with code"),
    Rule(r"docs/training\.md", r"^alpha · T²", "a formula"),
    Rule(r"docs/training\.md", r"^weights +4 · P", "a formula for each part of the memory"),
]

# Replacements in commands: pattern, replacement. {prefix} is a folder of the check's own.
CHANGED = [
    Rule(ANY, r"^\.build/release/swiftlet\b", "the program is on the path", "swiftlet"),
    Rule(r"docs/training\.md",
         r"--model distilbert-base-uncased --file imdb-train\.csv --validation imdb-test\.csv",
         "trains for hours", "--model path/to/model --file train.tsv --validation dev.tsv"),
    Rule(ANY, r"^make install PREFIX=/usr/local\b", "needs root",
         "make install PREFIX={prefix} && export PKG_CONFIG_PATH={prefix}/lib/pkgconfig"
         " LD_LIBRARY_PATH={prefix}/lib"),
    Rule(ANY, r"^make install PREFIX=\$HOME/\.local\b", "without what stands for /usr/local",
         "unset PKG_CONFIG_PATH LD_LIBRARY_PATH && make install PREFIX=$HOME/.local"),
    Rule(ANY, r"^pip install \./Bindings/Python\b", "what it needs is installed; no network",
         "pip install --quiet --no-index --no-build-isolation --no-deps ./Bindings/Python"),
]

# Commands that do not end by themselves: stopped after their first answer.
ENDLESS = [Rule(ANY, r"^tail -f ", "ends when it is interrupted")]

# Without a Python environment.
WITHOUT_PYTHON = [Rule(ANY, r"^pip install ", "there is no environment to install into")]

EVERY = [*SKIPPED, *PARSED, *TEXT, *CHANGED, *ENDLESS]
