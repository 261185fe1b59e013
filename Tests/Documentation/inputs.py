"""The folder that commands and examples run in: every file that the documents name is there."""

import json
import pathlib
import re
import shutil

TEXTS = ["A film of rare warmth.", "Dreadful.", "The plot is thin, the acting is not."]

REVIEWS = [(f"{text} No. {number}", int(text == TEXTS[0])) for number in range(12) for text in TEXTS[:2]]

FILES = {
    "reviews.csv": "review,stars\n" + "".join(f'"{text}",{label}\n' for text, label in REVIEWS),
    "train.tsv": "sentence\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in REVIEWS),
    "nli.tsv": "anchor\tpositive\n" + "".join(
        f"She reads {number} books.\tShe has {number} books.\n" for number in range(12)),
    "stsb.tsv": "sentence1\tsentence2\tscore\n" + "".join(
        f"It rains for {number} days.\tThe sun shines.\t{number % 5}\n" for number in range(12)),
    "texts.csv": "id,text\n" + "".join(f'{i},"{text}"\n' for i, text in enumerate(TEXTS)),
    "texts.txt": "\n".join(TEXTS) + "\n",
    "reviews.txt": "\n".join([*TEXTS, "A long story, told twice. " * 200]) + "\n",
    "messages.txt": "\n".join(TEXTS) + "\n",
    "dev.tsv": "sentence\tlabel\nA film of rare warmth.\t1\nDreadful.\t0\nA mess.\t0\n",
    "labelled.tsv": "text\tlabel\nA film of rare warmth.\tpositive\nDreadful.\tnegative\n",
    "dev.jsonl": '{"text": "A film of rare warmth.", "label": 1}\n',
    "a.jsonl": '{"id": 1, "text": "A film of rare warmth."}\n',
    "b.jsonl": '{"id": 2, "text": "Dreadful."}\n',
    "app.log": "\n".join(TEXTS) + "\n",
    "long-texts.txt": "A long story, told twice. " * 200 + "\n",
    "pairs.csv": "premise,hypothesis\nShe sleeps.,She is awake.\nIt rains.,The street is wet.\n",
    "messages.csv": "id,source,day,message\n" + "".join(
        f'{i},{"film" if i % 2 else "request"},2026-10-01,"{text}"\n' for i, text in enumerate(TEXTS * 3, 1)),
    "stars.csv": """\
text,stars,shop
"Wonderful, I loved every minute of it.",5,web
A delight from start to end.,5,app
"Warm, funny and well made.",5,web
It works exactly as promised.,5,app
"Dreadful, a waste of time.",1,web
It broke after two days.,1,app
Never again.,1,web
"Slow, loud and far too expensive.",1,web
It is fine.,3,app
"wonderful,  I loved every minute of it.",1,app
Not what I had hoped for.,5,web
""",
    "mails.csv": "id,text\n1,You have won!\n2,The meeting is at ten.\n",
    "mails.jsonl": '{"id": 1, "text": "The meeting is at ten."}\n',
    "articles.jsonl": '{"id": 1, "text": "Ada Lovelace lived in London."}\n',
    "squad.jsonl": '{"context": "Ada Lovelace lived in London.", "question": "Where did she live?"}\n',
}

# What `path/to/…` is for the first pattern that the command or the block matches.
MODELS = {
    "model": [
        (r"fill-mask|FillMask", "Tests/Fixtures/heads/mask"),
        (r"choose|MultipleChoice", "Tests/Fixtures/heads/choice"),
        (r"spam=", "spam"),
        (r"", "weights/sentiment"),
    ],
    "ner-model": [(r"", "Tests/Fixtures/heads/tokens")],
    "qa-model": [(r"", "Tests/Fixtures/heads/questions")],
    "sentence-model": [(r"", "Tests/Fixtures/heads/embed-mean")],
    "nli-model": [(r"", "Tests/Fixtures/heads/nli")],
    "reranker": [(r"", "Tests/Fixtures/heads/reranker")],
}


def make_spam_model(root: pathlib.Path, folder: pathlib.Path):
    """A classifier with several labels a text, one of which is `spam`."""
    shutil.copytree(root / "Tests/Fixtures/checkpoints/multi-label", folder)
    configuration = json.loads((folder / "config.json").read_text())
    labels = ["spam", "invoice", "personal"]
    configuration["id2label"] = {str(i): label for i, label in enumerate(labels)}
    configuration["label2id"] = {label: i for i, label in enumerate(labels)}
    (folder / "config.json").chmod(0o644)
    (folder / "config.json").write_text(json.dumps(configuration))


def make_folder(root: pathlib.Path, folder: pathlib.Path):
    """Every file that the documents and the help name."""
    (folder / "path/to").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    make_spam_model(root, folder / "spam")
    for name in ["deploy", "docs", "scripts", "weights"]:
        (folder / name).symlink_to(root / name)
    for name in ["my-model", "folder-with-vocab"]:
        (folder / name).symlink_to(root / "weights/sentiment")
    # A copy: setuptools leaves files in the package's folder.
    shutil.copytree(root / "Bindings/Python", folder / "Bindings/Python")


def remove(model):
    """A link, or a model that a command has trained."""
    if model.is_symlink():
        model.unlink()
    else:
        shutil.rmtree(model, ignore_errors=True)


def link_models(root, folder, text):
    """Points `path/to/…` at the models that the text is about, and makes room for a trained one."""
    if re.search(r"--output my-model(?![\w-])", text) and "--resume" not in text:
        remove(folder / "my-model")
    for name, models in MODELS.items():
        target = next(target for pattern, target in models if re.search(pattern, text))
        link = folder / "path/to" / name
        link.unlink(missing_ok=True)
        link.symlink_to(folder / target if target == "spam" else root / target)
