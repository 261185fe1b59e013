"""Texts of mixed length, the same for the same seed."""

import random

WORDS = (
    "the a film story acting was is not very really good bad great dull long short scene plot and "
    "but with of in music wonderful dreadful boring moving funny clever slow bright character cast "
    "director script ending never always every some people watch loved hated minute it this that"
).split()


class Texts:
    """Lognormal numbers of words, median `median`, from 1 to `most`."""

    def __init__(self, seed, median=20, most=300):
        self.random = random.Random(seed)
        self.median, self.most = median, most

    def next(self):
        length = round(self.median * self.random.lognormvariate(0, 0.8))
        return " ".join(self.random.choices(WORDS, k=max(1, min(self.most, length))))
