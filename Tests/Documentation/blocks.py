"""The documents, their fenced blocks, and the commands of a shell block."""

import dataclasses
import pathlib
import re
import subprocess

LANGUAGES = {"sh", "swift", "c", "python", "json", "dockerfile", "text"}


@dataclasses.dataclass
class Block:
    document: str
    line: int  # of the first line inside the fence
    language: str
    text: str
    section: str

    @property
    def place(self):
        return f"{self.document}:{self.line}"


@dataclasses.dataclass
class Command:
    block: Block
    line: int
    text: str
    output: str  # the comment lines under it, or the `json` block after its own

    @property
    def place(self):
        return f"{self.block.document}:{self.line}"


class Malformed(Exception):
    pass


def read_blocks(root: pathlib.Path, document: str):
    """The fenced blocks in their order. Code without a fence, or in an unknown language, is refused:
    nothing would run it."""
    blocks, block, section, before = [], None, "", ""
    for number, line in enumerate((root / document).read_text().split("\n"), 1):
        if block is not None:
            if line == "```":
                blocks.append(block)
                block = None
            else:
                block.text += line + "\n"
            continue
        if line.startswith("```"):
            language = line[3:].strip()
            if language not in LANGUAGES:
                raise Malformed(f"{document}:{number}: a block of the language \"{language}\";"
                                f" there are {', '.join(sorted(LANGUAGES))}")
            block = Block(document, number + 1, language, "", section)
        elif line.startswith("    ") and not before and not in_list:
            raise Malformed(f"{document}:{number}: code by indentation; put it between ```")
        elif line.startswith("#"):
            section = line.strip("# ")
        if line and not line.startswith("    "):
            in_list = re.match(r"\s*([-*]|\d+\.) ", line) is not None
        before = line
    if block is not None:
        raise Malformed(f"{block.place}: the block has no end")
    return blocks


def help_blocks(name, text):
    """The examples of a command's help: what is indented before the usage."""
    blocks = [Block(name, 1, "sh", "", "")]
    for number, line in enumerate(text.split("\nUSAGE:")[0].splitlines(), 1):
        if line.startswith("  "):
            blocks[-1].text += line.removeprefix("  ") + "\n"
        else:
            blocks.append(Block(name, number + 1, "sh", "", ""))
    return [block for block in blocks if block.text]


def commands(block: Block):
    """The commands of a shell block. Comment lines under a command are its output."""
    found, text, start = [], "", block.line
    for number, line in enumerate(block.text.splitlines(), block.line):
        if not text and line.startswith("# "):
            if found:
                found[-1].output += line[2:] + "\n"
            continue
        if not text and not line.strip():
            continue
        start = start if text else number
        text += line + "\n"
        if line.endswith("\\") or not is_complete(text):
            continue
        found.append(Command(block, start, text.strip(), ""))
        text = ""
    if text:
        raise Malformed(f"{block.place}: bash -n refuses: {text.strip()}")
    return found


def is_complete(text):
    return subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True).returncode == 0


NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def same(expected, found):
    """Whether two outputs differ in white space and in the last digits of fractions only: other
    instruction sets round differently."""
    expected, found = ("".join(text.split()) for text in (expected, found))
    if NUMBER.sub("0", expected) != NUMBER.sub("0", found):
        return False
    pairs = zip(NUMBER.findall(expected), NUMBER.findall(found))
    return all(
        abs(float(left) - float(right)) <= 1e-3 * max(1, abs(float(left)))
        if "." in left else left == right
        for left, right in pairs
    )
