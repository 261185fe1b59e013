"""Writes dialects.jsonl: small tables in many dialects, beside the rows that were written.

    python make.py        (written with Python 3.11, pandas 3.1)

Python's csv module and pandas write the tables, so the rows are known; texts between tabs without
quotes are written as the GLUE files are. The names of a line say which of csv.Sniffer and
pandas.read_csv(sep=None) read the same rows, and the script prints how many they read.
"""

import csv
import io
import json
import random

import pandas

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
WORDS = "great film watch again dull plot fine cast awful naïve café 東京 don't 7 1.5 3,5".split()
INSERTS = [", ", "; ", ": ", ";", ",", " | ", " \"so\" ", "\t", "\n", "\r\n", "\\", " - ", "|"]
HEADERS = [
    ["id", "text", "label"], ["text", "label"], ["label", "content"], ["Review", "Sentiment"],
    ["idx", "sentence", "label", "source"], ["text"],
]


def text(random, kinds, length):
    words = []
    for _ in range(random.randint(2, length)):
        words.append(random.choice(WORDS))
        words.append(random.choice(kinds) if random.random() < 0.25 else " ")
    found = "".join(words).strip()
    return found if found.strip('"') else "plain"


def table(random, kinds, count, header):
    rows = []
    for index in range(count):
        cells = []
        for name in header:
            if name in ("id", "idx"):
                cells.append(str(index + 1))
            elif name.lower() in ("label", "sentiment"):
                cells.append(random.choice(["positive", "negative", "0", "1"]))
            elif name == "source":
                cells.append(random.choice(["web", "mail, internal", "shop; Berlin", ""]))
            else:
                cells.append(text(random, kinds, 12))
        rows.append(cells)
    return rows


def written(rows, separator, quoting, end):
    file = io.StringIO()
    csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=end).writerows(rows)
    return file.getvalue()


def plain(rows, end):
    """As GLUE has it: tabs, and quotes that are the texts' own."""
    return "".join("\t".join(row) + end for row in rows)


def sniffed(data, rows):
    try:
        dialect = csv.Sniffer().sniff(data[:65536])
        return list(csv.reader(io.StringIO(data, newline=""), dialect)) == rows
    except csv.Error:
        return False


def by_pandas(data, rows):
    try:
        frame = pandas.read_csv(
            io.StringIO(data, newline=""), sep=None, engine="python", header=None, dtype=str,
            keep_default_na=False)
    except Exception:
        return False
    return frame.values.tolist() == rows


def case(random):
    header = random.choice(HEADERS)
    name = random.choice(list(SEPARATORS))
    count = random.choice([1, 2, 3, 5, 12])
    end = random.choice(["\n", "\r\n"])
    is_plain = name == "tab" and random.random() < 0.5
    if is_plain:
        kinds = [", ", " \"so\" ", ' "', "; ", ". "]
        rows = [header] + table(random, kinds, count, header)
        # Without a quote within a text both ways of reading would fit.
        column = next(i for i, n in enumerate(header) if len(rows[1][i].split()) > 1)
        rows[1][column] = '"I said, "' + rows[1][column]
        data = plain(rows, end)
    else:
        kinds = random.sample(INSERTS, random.randint(1, 4))
        rows = [header] + table(random, kinds, count, header)
        quoting = random.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
        data = written(rows, SEPARATORS[name], quoting, end)
        if random.random() < 0.15 and name != "comma":
            data = f"sep={SEPARATORS[name]}{end}" + data
    suffix = "tsv" if name == "tab" and random.random() < 0.7 else "csv"
    readers = []
    if sniffed(data, rows):
        readers.append("sniffer")
    if by_pandas(data, rows):
        readers.append("pandas")
    if random.random() < 0.2:
        data = "\ufeff" + data
    return {
        "separator": name, "suffix": suffix, "data": data, "rows": rows, "also": readers,
    }


def main():
    generator = random.Random(17)
    cases = [case(generator) for _ in range(400)]
    with open("dialects.jsonl", "w", encoding="utf-8") as file:
        for found in cases:
            file.write(json.dumps(found) + "\n")
    for reader in ("sniffer", "pandas"):
        print(reader, sum(reader in found["also"] for found in cases), "of", len(cases))


main()
