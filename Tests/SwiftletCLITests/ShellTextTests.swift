import Testing

@testable import SwiftletCLI

@Suite struct ShellTextTests {
  @Test(arguments: [
    ("a.csv", "a.csv"), ("", "''"), ("my model", "'my model'"), ("it's", #"'it'\''s'"#),
    ("a;b", "'a;b'"), ("$HOME", "'$HOME'"), ("ä", "'ä'"), ("--rate=3e-5", "--rate=3e-5"),
  ])
  func `words are quoted where a shell needs it`(word: String, expected: String) {
    #expect(ShellText.line([word]) == expected)
  }

  @Test func `a resumed command keeps its words, and is not forced`() {
    let words = ["swiftlet", "train", "--model", "a b", "--force", "--output", "o", "--resume"]
    #expect(ShellText.resuming(words) == "swiftlet train --model 'a b' --output o --resume")
  }

  @Test func `the options that a sweep has chosen replace it`() {
    let words = ["swiftlet", "train", "--sweep", "epochs=1,2", "--sweep=seed=1,2", "--output", "o"]
    #expect(
      ShellText.resuming(words, chosen: ["--epochs=2.0", "--seed=1"])
        == "swiftlet train --output o --epochs=2.0 --seed=1 --resume")
  }
}
