"""Runs the parts of the tests, times them, and lists the skipped checks.

    scripts/test                        the quick tier
    scripts/test --all                  every part except the ones by name, in full
    scripts/test NAME... [arguments]    these parts; arguments go to a single part
    scripts/test --all NAME...          these parts in full: every golden on every kernel
    scripts/test --list                 the names
"""

import sys
import time

import tools
from parts import ALL, BUILDS, PARTS, QUICK, Options


def read_options(words):
    """The options of the command line; exits with a message if they are wrong."""
    words = list(words)
    everything = words[:1] == ["--all"]
    if everything:
        words.pop(0)
    names = []
    while words and not words[0].startswith("-"):
        names.append(words.pop(0))
    known = [part.name for part in PARTS]
    for name in names:
        if name not in known:
            sys.exit(f"scripts/test: there is no part {name}; there are {', '.join(known)}")
    if words and len(names) != 1:
        sys.exit(f"scripts/test: {words[0]} needs the name of one part before it\n{__doc__}")
    if words and not next(part for part in PARTS if part.name == names[0]).takes_arguments:
        sys.exit(f"scripts/test: {names[0]} takes no arguments, found {words[0]}")
    return Options(names, everything, words)


def chosen(options):
    if options.names:
        return [part for part in PARTS if part.name in options.names]
    return [part for part in PARTS if part.tier == QUICK or options.everything and part.tier == ALL]


class Steps:
    """Runs steps; a step that fails does not stop the others."""

    def __init__(self, options):
        self.options, self.seconds, self.failed = options, {}, {}

    def run(self, title, function):
        """Whether the step passed or was skipped."""
        if title in self.seconds:
            return title not in self.failed
        print(f"\n== {title}", flush=True)
        start = time.monotonic()
        try:
            function(self.options)
        except tools.Skipped as reason:
            tools.skip(f"{title}, as {reason}")
        except (tools.Failed, OSError, tools.subprocess.CalledProcessError) as failure:
            self.failed[title] = failure
            print(f"FAILED: {title}: {failure}", flush=True)
        self.seconds[title] = time.monotonic() - start
        print(f"-- {title}: {self.seconds[title]:.1f} s", flush=True)
        return title not in self.failed

    def report(self):
        print("\n== seconds")
        for title, seconds in self.seconds.items():
            print(f"{seconds:7.1f}  {title}{'  FAILED' if title in self.failed else ''}")
        print(f"{sum(self.seconds.values()):7.1f}  total")
        if tools.skips:
            print("\n== skipped", *dict.fromkeys(tools.skips), sep="\n")
        if self.failed:
            print("\n== failed", *tools.failures[:50], sep="\n")
            print(f"\n{len(self.failed)} of {len(self.seconds)} steps failed: {', '.join(self.failed)}")
        else:
            print("\nall steps passed")


def main():
    words = sys.argv[1:]
    if words[:1] in (["-h"], ["--help"]):
        return print(__doc__.strip())
    if words[:1] == ["--list"]:
        for part in PARTS:
            print(f"{part.name:11} {part.tier:8} {part.about}")
        return None
    options = read_options(words)
    steps = Steps(options)
    for part in chosen(options):
        if all([steps.run(BUILDS[build], build) for build in part.builds]):
            steps.run(part.name, part.run)
    steps.report()
    return 1 if steps.failed else 0


if __name__ == "__main__":
    sys.exit(main())
