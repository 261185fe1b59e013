"""Whether the check of the documents can fail: `scripts/test docs` runs this first."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import exceptions
import swift
from blocks import Block, Malformed, commands, read_blocks, same
from shell import Failure, Terminal
from words import Words

ROOT = pathlib.Path(__file__).resolve().parents[2]


def read(text):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "x.md").write_text(text)
        return read_blocks(pathlib.Path(folder), "x.md")


def shell(text):
    return commands(Block("x.md", 1, "sh", text, ""))


class Reading(unittest.TestCase):
    def test_a_block_that_nothing_would_run_is_refused(self):
        for text in ["```fish\nx\n```\n", "```\nx\n```\n", "Words:\n\n    code\n", "```sh\nls\n"]:
            with self.subTest(text), self.assertRaises(Malformed):
                read(text)

    def test_lists_may_be_indented(self):
        self.assertEqual(read("- a\n\n    more of a\n\n```sh\nls\n```\n")[0].text, "ls\n")

    def test_commands_have_their_lines_and_their_output(self):
        found = shell("# first\na \\\n  b  # why\nc 'd\ne'\n# [1,\n#  2]\nf\n")
        self.assertEqual([(each.line, each.output) for each in found],
                         [(2, ""), (4, "[1,\n 2]\n"), (8, "")])
        with self.assertRaises(Malformed):
            shell("echo 'no end\n")

    def test_outputs_may_differ_in_last_digits_alone(self):
        self.assertTrue(same('[{"score": 0.976899}]', '[{"score":0.976891}]\n'))
        for found in ['[{"score":0.97}]', '[{"score":0.976899},1]', '[{"scores":0.976899}]']:
            self.assertFalse(same('[{"score": 0.976899}]', found))
        self.assertFalse(same("3 of 872", "4 of 872"))


class Running(unittest.TestCase):
    def run_all(self, text):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "path/to").mkdir(parents=True)
            terminal = Terminal(ROOT, folder, {"PATH": "/usr/bin:/bin"})
            for command in shell(text):
                terminal.run(command)

    def test_a_command_that_fails_or_prints_something_else_is_a_failure(self):
        self.run_all("export X=5\necho $X\n# 5\n")
        for text in ["false\n", "no-such-program\n", "cat missing | true\n", "echo 5\n# 6\n"]:
            with self.subTest(text), self.assertRaises(Failure):
                self.run_all(text)

    def test_a_command_that_is_not_run_is_counted(self):
        rule = exceptions.Rule(r"x\.md", "^docker ", "no engine")
        self.assertFalse(rule.matches("x.md", "kubectl docker"))
        self.assertTrue(rule.matches("x.md", "docker run"))
        self.assertEqual(rule.uses, 1)

    def test_code_in_sentences_is_compiled_if_it_is_whole(self):
        self.assertTrue(swift.is_expression('Classifier(directory: "path/to/model")'))
        self.assertTrue(swift.is_expression("try f(x)"))
        for span in ["classify(_:options:)", "Classifier", "Embedder(path, …, normalize=)"]:
            self.assertFalse(swift.is_expression(span))


class Naming(unittest.TestCase):
    words = Words(ROOT, "false", "false")

    def test_what_is_not_there_is_a_problem(self):
        for span in ["scripts/missing", "make nothing", "NoSuchTests", "swiftlet_no_such_function",
                     "--no-such-flag", "swiftlet frobnicate", "Classifier.noSuchMember(of:)"]:
            self.assertNotEqual(list(self.words.problems_of(span)), [], span)
        for span in ["scripts/test", "make test", "swiftlet_classify", "Tests/Documentation",
                     "Calibration.temperature(logits:labels:)", ".windowPooling"]:
            self.assertEqual(list(self.words.problems_of(span)), [], span)

    def test_a_test_that_is_not_there_is_a_problem(self):
        row = "| empty texts | `--on-empty-rows` | `{}` (`Tests/SwiftletRecordsTests`), `{}` |\n"
        there = ["a row may cross the read buffer at any byte", "test_an_empty_text_can_be_an_error"]
        self.assertEqual(list(self.words.missing_tests(row.format(*there))), [])
        self.assertEqual(len(list(self.words.missing_tests(row.format("no such test", "test_nothing")))), 2)

    def test_the_version_is_the_same_everywhere(self):
        self.assertEqual(list(self.words.version_problems()), [])


if __name__ == "__main__":
    unittest.main()
