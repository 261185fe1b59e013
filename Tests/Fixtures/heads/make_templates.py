"""Writes templates.json: what transformers' zero-shot pipeline makes of templates.

    python make_templates.py [folder]

A template that Python refuses, or that is the same sentence for every label, has null.
"""

import json
import os
import sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")

import transformers
from transformers.pipelines.zero_shot_classification import ZeroShotClassificationArgumentHandler

TEMPLATES = [
    "This example is {}.", "{}", "{0}", "{00}", "{0} and {0}", "{} and {}", "{} and {0}", "{0} and {}", "{1}",
    "{0} {1}", "{{}}", "{{{}}}", "{{0}}", "{{{0}}}", "{{{{}}}}", "{{ {} }}", "{{{{ {0} }}}}", "{}}}", "{{{}",
    "{}}", "}{}", "{{}", "{", "}", "", "no place", "{ }", "{label}", "{ 0}", "{0 }", "{-1}", "{!s}", "{0!s}",
    "{:}", "{:s}", "{0:s}", "{!s:s}", "{!}", "{!x}", "{0!s!s}", "{:d}", "{{}} {}", "{}{{}}", "Text über {}, 東京 {0}",
    "e\u0301{}\u0301", "{}\n{{\n", "Emoji 😀 {0} 👍🏽", "{\n}", "{}{", "{}}}}}", "{[}", "{0[}", "{0.}",
]
LABELS = ["sport", "", "{}", "{0} }", "é 😀", "}"]


def sentence(template: str, label: str) -> str | None:
    try:
        formatted = template.format(label)
    except (ValueError, IndexError, KeyError, AttributeError):
        return None
    # The pipeline formats the same way, but takes a template for unformatted that a label happens to equal.
    if formatted != template:
        pairs, _ = ZeroShotClassificationArgumentHandler()(["text"], [label], template)
        assert pairs == [["text", formatted]]
    return formatted


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    cases = []
    for template in TEMPLATES:
        found = [sentence(template, label) for label in LABELS]
        drops = None in found or len(set(found)) < len(set(LABELS))
        cases.append({"template": template, "sentences": None if drops else found})
    lines = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in cases)
    head = f' "versions": {json.dumps({"transformers": transformers.__version__})},\n'
    head += f' "labels": {json.dumps(LABELS, ensure_ascii=False)},\n'
    (folder / "templates.json").write_text("{\n" + head + f' "cases": [\n{lines}\n ]\n' + "}\n")


if __name__ == "__main__":
    main()
