#!/usr/bin/env python3
"""Uses the page of /ui in a headless Chromium as a person does, with each kind of model.

  page.py SERVER FIXTURES SCREENSHOTS

FIXTURES is the folder of the small test checkpoints. What is read is what the page shows, and what
a screen reader would be told.
"""

import sys
import urllib.parse
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from process import ServerProcess

failures = []


def check(name, holds, found=""):
    print(f"{'ok   ' if holds else 'FAIL '} {name}{'' if holds else f': {found}'}", flush=True)
    if not holds:
        failures.append(name)


class Page:
    def __init__(self, driver, server, screenshots):
        self.driver, self.server, self.screenshots = driver, server, screenshots
        # A result may be replaced while it is read.
        self.patience = WebDriverWait(
            driver, 15, 0.05, [NoSuchElementException, StaleElementReferenceException]
        )

    def open(self, **fragment):
        address = f"http://127.0.0.1:{self.server.port}/ui"
        # Another fragment alone would not load the page again.
        self.driver.get("about:blank")
        self.driver.get(address + ("#" + urllib.parse.urlencode(fragment) if fragment else ""))

    def at(self, name):
        return self.driver.find_element(By.ID, name)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def wait(self, condition, what):
        try:
            self.patience.until(lambda _: condition())
        except TimeoutException:
            self.shoot("failed")
            check(what, False, self.driver.find_element(By.TAG_NAME, "body").text[:500])
        else:
            check(what, True)

    def shoot(self, name):
        self.driver.save_screenshot(str(self.screenshots / f"{name}.png"))

    def severe(self):
        """What the browser's console complains about, other than answers that are no 200."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] == "SEVERE" and "Failed to load resource" not in entry["message"]
        ]


def browser(dark=False, width=None):
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=900,900",
                     "--disable-dev-shm-usage", "--no-proxy-server"):  # fmt: skip
        options.add_argument(argument)
    if dark:
        options.add_argument("--force-dark-mode")
        options.add_argument("--blink-settings=preferredColorScheme=0")
    if width:
        # A window has a least width, a device that is emulated has none.
        metrics = {"width": width, "height": 740, "pixelRatio": 1.0}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService("/usr/bin/chromedriver")
    return webdriver.Chrome(options, service)


def check_classifier(page):
    page.open()
    page.wait(lambda: "classifier" in page.at("facts").text, "the page says what it serves")
    check("the kind has its number of labels", "2 labels" in page.at("facts").text, page.at("facts").text)
    check("the text has the focus", page.driver.switch_to.active_element == page.at("text"))
    check("nothing is shown as an error", not page.at("error").is_displayed())
    page.at("text").send_keys("I loved every minute of it.\nDreadful, and far too long.")
    page.at("send").click()
    page.wait(lambda: len(page.all(".card")) == 2, "each line has its own answer")
    first, second = [card.text for card in page.all(".card")]
    check("the first is positive", "POSITIVE" in first.split("\n")[1], first)
    check("the second is negative", "NEGATIVE" in second.split("\n")[1], second)
    bars = [bar.rect["width"] for bar in page.all(".card:first-child .track i")]
    track = page.all(".card .track")[0].rect["width"]
    shares = [float(s.text.split(" ")[0]) for s in page.all(".card:first-child .score > :last-child")]
    check("scores sum up to 100 %", abs(sum(shares) - 100) < 0.2, shares)
    page.wait(
        lambda: abs(page.all(".card .track i")[0].rect["width"] / track - shares[0] / 100) < 0.02,
        "the bar is as long as the score is high",
    )
    check("the better label has the longer bar", bars[0] > bars[1], bars)
    stats = page.at("stats").text
    check("tokens and time are told", "2 texts · " in stats and "tokens" in stats and "ms" in stats, stats)
    page.shoot("classifier")

    box = page.at("text")
    box.clear()
    box.send_keys("A <b>film</b> of rare warmth.")
    box.send_keys(Keys.CONTROL, Keys.ENTER)
    page.wait(lambda: len(page.all(".card")) == 1, "Ctrl+Enter sends")
    check("markup is shown as text", "A <b>film</b> of" in page.all(".card")[0].text)
    box.clear()
    page.at("lines").click()
    box.send_keys("One text\nof two lines.", Keys.CONTROL, Keys.ENTER)
    page.wait(lambda: "two lines." in page.all(".card")[0].text, "lines can be one text")
    check("which has one answer", len(page.all(".card")) == 1)

    box.clear()
    box.send_keys(Keys.CONTROL, Keys.ENTER)
    page.wait(lambda: page.at("error").is_displayed(), "nothing to send is an error")
    check("which says what to do", "Enter a text" in page.at("error").text, page.at("error").text)
    check("and is announced", page.at("error").get_attribute("role") == "alert")
    page.driver.execute_script(
        "document.getElementById('text').value = 'a '.repeat(1500000)"
    )
    page.at("send").click()
    page.wait(lambda: "longer than the server accepts" in page.at("error").text, "too much text is told in words")
    page.shoot("error")
    box.clear()
    page.at("lines").click()
    page.driver.execute_script(
        "document.getElementById('text').value = Array.from({length: 100}, (_, i) => 'text ' + i).join('\\n')"
    )
    page.at("send").click()
    page.wait(lambda: len(page.all(".card")) == 100, "more lines than a request takes are several")
    check("and the error is gone", not page.at("error").is_displayed())

    page.open(text="What a pleasant surprise!")
    page.wait(lambda: "POSITIVE" in (page.all(".card") or [page.at("facts")])[0].text, "#text= is sent")
    check("the console is silent", not page.severe(), page.severe())


def check_reranker(page):
    page.open()
    page.wait(lambda: page.at("query").is_displayed(), "a reranker asks for a query")
    page.at("text").send_keys("a film\na long story\nbread")
    page.at("send").click()
    page.wait(lambda: "Enter a query" in page.at("error").text, "without one it says so")
    page.at("query").send_keys("a story", Keys.ENTER)
    page.wait(lambda: len(page.all(".card")) == 3, "the texts are ranked")
    scores = [float(s.text) for s in page.all(".score > :last-child")]
    check("best first", scores == sorted(scores, reverse=True), scores)
    page.shoot("reranker")
    check("the console is silent", not page.severe(), page.severe())


def check_embedding(page):
    page.open(text="a film\na film\nbread and butter")
    page.wait(lambda: len(page.all("td")) == 10, "lines are compared with each other")
    cells = [cell.text for cell in page.all("tbody td")]
    check("a text equals itself", cells[0] == cells[1] == cells[8] == "1.00", cells)
    check("similarity is symmetric", cells[2] == cells[6], cells)
    page.shoot("embedding")
    page.open(text="alone")
    page.wait(lambda: "at least two" in page.at("error").text, "one line alone is refused")
    check("the console is silent", not page.severe(), page.severe())


def check_models(page):
    page.open(text="I loved every minute of it.")
    page.wait(lambda: len(page.all(".card")) == 1, "the first model answers")
    names = [option.text for option in page.all("#models option")]
    check("all models are offered", names == ["mood", "team/search engine", "rank"], names)
    page.at("models").send_keys("team")
    page.wait(lambda: "embedding" in page.at("facts").text, "another model is described")
    check("the old result is gone", not page.all(".card"))
    page.at("text").clear()
    page.at("text").send_keys("a film", Keys.ENTER, "bread and butter")
    page.at("send").click()
    page.wait(lambda: len(page.all("tbody td")) == 4, "and answers")
    page.shoot("models")
    page.at("models").send_keys("rank")
    page.wait(lambda: page.at("query").is_displayed(), "a reranker asks for a query")
    check("the console is silent", not page.severe(), page.severe())


def check_key(page):
    page.open()
    page.wait(lambda: page.at("key").is_displayed(), "a server with a key asks for it")
    page.shoot("key")
    check("a missing key is told", "requires an API key" in page.at("error").text, page.at("error").text)
    page.at("text").send_keys("Wonderful.")
    page.at("key").send_keys("wrong", Keys.ENTER)
    page.wait(lambda: "not the server's API key" in page.at("error").text, "a wrong key is told as one")
    page.at("key").clear()
    page.at("key").send_keys("secret", Keys.ENTER)
    page.wait(lambda: len(page.all(".card")) == 1, "with the right one there is an answer")
    check("and no error", not page.at("error").is_displayed())


def luminance(color):
    """Of `rgb(r, g, b)`, as WCAG 2 has it."""
    parts = [int(part) / 255 for part in color[color.index("(") + 1 : -1].split(",")[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted([luminance(one), luminance(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


def check_narrow(page, name):
    """What a telephone of 360 pixels shows of long words, long texts and bars."""
    word = "Donaudampfschifffahrtsgesellschaft" * 40
    page.open(text=f"I loved every minute of it.\n{word}\n" + "good " * 600)
    page.wait(lambda: len(page.all(".card")) == 3, f"{name}: long words are answered")
    inner = page.driver.execute_script("return document.documentElement.clientWidth")
    check(f"{name}: nothing is wider than the screen",
          page.driver.execute_script("return document.documentElement.scrollWidth") <= inner)
    tracks = [track.rect["width"] for track in page.all(".card .track")]
    check(f"{name}: bars are as wide as the card", min(tracks) > 0.75 * inner, tracks)
    heights = [text.rect["height"] for text in page.all(".card p")]
    check(f"{name}: long words are clamped", max(heights) < 120, heights)
    check(f"{name}: what was cut is told", "1 text was truncated" in page.at("cut").text, page.at("cut").text)
    field = page.at("text")
    border, inside = field.value_of_css_property("border-top-color"), field.value_of_css_property("background-color")
    outside = page.driver.find_element(By.TAG_NAME, "body").value_of_css_property("background-color")
    ratios = [contrast(border, inside), contrast(border, outside)]
    check(f"{name}: borders of fields have a contrast of 3", min(ratios) >= 3, ratios)
    page.shoot(f"narrow-{name}")
    page.open(text="short")
    page.wait(lambda: len(page.all(".card")) == 1, f"{name}: a short text is answered")
    check(f"{name}: and nothing is said of cuts", not page.at("cut").is_displayed())


def check_many_labels(page, name):
    """Labels as a model with many of them has; the page's own function shows them."""
    page.open(text="short")
    page.wait(lambda: len(page.all(".card")) == 1, f"{name}: a text is answered")
    page.driver.execute_script(
        "const scores = Array.from({length: 40}, (_, i) => ({label: i ? 'label ' + i : 'Donaudampfschifffahrt'.repeat(4), score: 0.9 / (i + 1)}));"
        "document.getElementById('result').replaceChildren(make('ol', {}, card('many labels', ...labels(scores))))"
    )
    inner = page.driver.execute_script("return document.documentElement.clientWidth")
    check(f"{name}: long labels keep to the screen",
          page.driver.execute_script("return document.documentElement.scrollWidth") <= inner)
    rows = [row for row in page.all(".score") if row.is_displayed()]
    check(f"{name}: few of many labels are shown at once", len(rows) == 5, len(rows))
    page.shoot(f"labels-{name}")


def check_routes(page):
    page.driver.get(f"http://127.0.0.1:{page.server.port}/docs")
    page.wait(lambda: len(page.all("details")) > 15, "/docs shows the routes")
    page.all("summary")[0].click()
    page.wait(lambda: "curl '" in page.all("details pre")[0].text, "with a command for each")
    check("and the fields of the request", "top_k" in page.all("details")[0].text, page.all("details")[0].text[:300])
    page.shoot("docs")
    check("the console is silent", not page.severe(), page.severe())


def check_gone(page):
    page.open(text="Wonderful.")
    page.wait(lambda: len(page.all(".card")) == 1, "an answer while the server runs")
    page.server.terminate()
    page.at("send").click()
    page.wait(lambda: "can't be reached" in page.at("error").text, "a server that is gone is told")
    check("and the old answer is taken away", not page.all(".card"))


def main():
    server, fixtures, screenshots = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    screenshots.mkdir(parents=True, exist_ok=True)
    heads = fixtures / "heads"
    runs = [
        ("classifier", check_classifier, []),
        ("reranker", check_reranker, ["--model-id", str(heads / "reranker")]),
        ("embedding", check_embedding, ["--model-id", str(heads / "embed-mean")]),
        (
            "models",
            check_models,
            ["--model-id", f"mood={fixtures.parent.parent / 'weights' / 'sentiment'}"]
            + ["--model-id", f"team/search engine={heads / 'embed-mean'}"]
            + ["--model-id", f"rank={heads / 'reranker'}"],
        ),
        ("key", check_key, ["--api-key", "secret"]),
        ("docs", check_routes, []),
        ("gone", check_gone, []),
    ]
    driver = browser()
    try:
        for name, function, options in runs:
            print(f"-- {name}")
            with ServerProcess(server, *options) as process:
                process.wait_until_healthy()
                function(Page(driver, process, screenshots))
    finally:
        driver.quit()
    driver = browser(dark=True)
    try:
        with ServerProcess(server) as process:
            process.wait_until_healthy()
            page = Page(driver, process, screenshots)
            page.open(text="I loved every minute of it.\nDreadful, and far too long.")
            page.wait(lambda: len(page.all(".card")) == 2, "the page works in dark colours")
            page.shoot("dark")
    finally:
        driver.quit()
    for name, dark, width in [("light", False, 360), ("dark", True, 360), ("wide", False, None)]:
        driver = browser(dark, width)
        try:
            print(f"-- {name}, {width or 900} pixels")
            with ServerProcess(server) as process:
                process.wait_until_healthy()
                page = Page(driver, process, screenshots)
                if width:
                    check_narrow(page, name)
                check_many_labels(page, name)
        finally:
            driver.quit()
    print(f"{len(failures)} failed; screenshots are in {screenshots}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
