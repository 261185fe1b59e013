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


def browser(dark=False):
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=900,900",
                     "--disable-dev-shm-usage", "--no-proxy-server"):  # fmt: skip
        options.add_argument(argument)
    if dark:
        options.add_argument("--force-dark-mode")
        options.add_argument("--blink-settings=preferredColorScheme=0")
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
    page.wait(lambda: "more text than" in page.at("error").text, "too much text is told in words")
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


def check_key(page):
    page.open()
    page.wait(lambda: page.at("key").is_displayed(), "a server with a key asks for it")
    page.shoot("key")
    page.at("text").send_keys("Wonderful.")
    page.at("key").send_keys("wrong", Keys.ENTER)
    page.wait(lambda: "API key" in page.at("error").text, "a wrong key is told")
    page.at("key").clear()
    page.at("key").send_keys("secret", Keys.ENTER)
    page.wait(lambda: len(page.all(".card")) == 1, "with the right one there is an answer")
    check("and no error", not page.at("error").is_displayed())


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
        ("key", check_key, ["--api-key", "secret"]),
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
    print(f"{len(failures)} failed; screenshots are in {screenshots}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
