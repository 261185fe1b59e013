"""Texts of known numbers of tokens: words that the vocabulary has whole."""

import random


class KnownTexts:
    def __init__(self, vocabulary, seed=0):
        lines = vocabulary.read_text().split("\n")
        self.ids = {w: i for i, w in enumerate(lines) if w.isascii() and w.isalpha() and len(w) > 1}
        self.words = list(self.ids)
        self.first, self.last = lines.index("[CLS]"), lines.index("[SEP]")
        self.random = random.Random(seed)

    def text(self, tokens):
        """A text of so many tokens, with both special ones, and their ids."""
        words = self.random.choices(self.words, k=tokens - 2)
        return " ".join(words), [self.first, *(self.ids[word] for word in words), self.last]

    def mixed(self, count, median=24, least=4, most=256):
        """Texts of lognormal length, as in the benchmark of the engine, and their ids."""
        for _ in range(count):
            length = round(median * self.random.lognormvariate(0, 0.8))
            yield self.text(min(most, max(least, length)))
