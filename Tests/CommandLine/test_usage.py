"""Help, and the errors on wrong usage."""

import re
import shlex

import pytest

from conftest import HEADS

COMMANDS = ["classify", "tag", "answer", "embed", "fill-mask", "zero-shot", "choose", "train", "distill", "evaluate",
            "quantize", "convert", "export", "tokenize", "inspect", "download"]

# A command line, and a part of the message.
MISUSES = [
    ("frobnicate", "frobnicate; there are classify"),
    ("clasify x y", "did you mean classify?"),
    ("help clasify", "did you mean classify?"),
    ("classify --frob", "--frob"),
    ("classify --text-colum t --file a.csv", "no option --text-colum; did you mean --text-column?"),
    ("classify -dash", "swiftlet classify -- -dash"),
    ("classify x --model a -m b", "--model is given twice"),
    ("classify x --pair -dash", "--pair=-dash"),
    ("classify x --top-k 0", "--top-k"),
    ("classify x --threads 0", "--threads"),
    ("classify x --batch-size 0", "--batch-size"),
    ("classify x --file a.txt", "not both"),
    ("classify x --format xml", "xml"),
    ("classify x --json --format csv", "--json"),
    ("classify x --output ''", "--output"),
    ("classify x --minimum-score nan", "--minimum-score"),
    ("classify x --label-threshold POSITIVE", "label=score"),
    ("classify x --temperature 0", "--temperature"),
    ("classify x --temperature -1", "above 0"),
    ("evaluate", "<file>"),
    ("evaluate a.csv --id-column id", "no option --id-column"),
    ("evaluate a.csv --compare --precision int8", "--precision"),
    ("evaluate a.csv --errors 0", "--errors must be between 1"),
    ("evaluate a.csv --errors 3 --compare", "--errors is not used by --compare"),
    ("train --model m --file a.csv", "--output needs the name of a folder"),
    ("train --file a.csv --output o", "--model"),
    ("train --model m --output o", "--file"),
    ("train --model m --file a.csv --output o --epoch 1", "did you mean --epochs?"),
    ("train --model m --file a.csv --output o --epochs 1 --max-steps 2", "exclude each other"),
    ("train --model m --file a.csv --output o --metric goodness", "--metric is 'goodness', but must be one of accuracy"),
    ("train --model m --file a.csv --output o --time-limit soon", "a time such as 90s"),
    ("train --model m --file a.csv --output o --task classification", "classify"),
    ("train --model m --file - --output o", "reads a file more than once"),
    ("distill --teacher m --file a.txt", "--output needs the name of a folder"),
    ("distill --teacher m --file a.txt --output o --layers 1 --keep-layers 0", "exclude each other"),
    ("distill --teacher m --file a.txt --output o --keep-layers a", "numbers such as 0,2,5"),
    ("distill --teacher m --file a.txt --output o --alpha 2", "--alpha is 2.0, but must be from 0 to 1"),
    ("distill --teacher m --file a.txt --output o --validation none --patience 2", "--patience is not used"),
    ("train --model m --file a.csv --output o --resume --force", "give one of them"),
    ("quantize", "--output"),
    ("export m", "give the folder to write as --output, or --link"),
    ("export m --output o --opset 15", "--opset"),
    ("export m --output o --quantize static", "--quantize"),
    ("export m --link --quantize exact", "give one of them"),
    ("export m --output o --task classify", "--task"),
    ("tokenize x --max-length 0", "--max-length"),
    (f"answer --model {HEADS}/questions x", "--question"),
    (f"answer --model {HEADS}/questions --question who x --top-k 0", "--top-k must be at least 1"),
]


@pytest.mark.parametrize("arguments", [[], ["--help"]], ids=["alone", "--help"])
def test_help_names_every_subcommand(swiftlet, arguments):
    result = swiftlet(*arguments)
    result.shows("SUBCOMMANDS:")
    assert re.findall(r"^  ([a-z-]+)  ", result.out.split("SUBCOMMANDS:")[1], re.MULTILINE) == COMMANDS


def test_version_is_a_number(swiftlet):
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", swiftlet("--version").out)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_subcommand_has_examples(swiftlet, command):
    swiftlet(command, "--help").shows(f"  swiftlet {command}")


@pytest.mark.parametrize("line, words", MISUSES)
def test_wrong_usage_is_status_64_with_the_reason(swiftlet, line, words):
    swiftlet(*shlex.split(line)).is_misuse(words)


@pytest.mark.usefixtures("files")
def test_a_text_that_names_a_file_gets_a_hint(swiftlet):
    assert "--file rows.csv" in swiftlet("classify", "rows.csv").err
