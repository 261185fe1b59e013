import ArgumentParser
import Testing

@testable import SwiftletCLI

@Suite struct UsageCheckTests {
  private static func problem(_ arguments: [String]) -> UsageProblem? {
    UsageCheck(arguments, of: SwiftletCommand.self).problem()
  }

  @Test(arguments: [
    (["clasify", "x", "y"], "unknown subcommand clasify; did you mean classify?"),
    (["Tag", "x"], "did you mean tag?"), (["zeroshot"], "did you mean zero-shot?"),
    (["help", "tokenise"], "did you mean tokenize?"),
    (["quantise", "m"], "did you mean quantize?"),
    (["frobnicate"], "unknown subcommand frobnicate; there are classify, tag, answer"),
    (["I loved it."], #"to classify a text, write swiftlet classify "I loved it.""#),
    (["--verson"], "unknown option --verson; did you mean --version?"),
    (["--file", "a.csv", "classify"], "unknown option --file; a subcommand comes first"),
    (["classify", "--text-colum", "t", "--file", "a.csv"], "did you mean --text-column?"),
    (["classify", "--fiel=a.csv"], "no option --fiel; did you mean --file?"),
    (["classify", "-model", "m", "x"], "no option -model; did you mean --model?"),
    (["classify", "--minimum", "0.5", "x"], "did you mean --minimum-score?"),
    (["evaluate", "a.csv", "--labelcolumn", "l"], "did you mean --label-column?"),
    (["evaluate", "a.csv", "--id-column", "l"], "swiftlet evaluate has no option --id-column"),
    (["quantize", "m", "--ouput", "q"], "did you mean --output?"),
    (["quantize", "m", "-output", "q"], "did you mean --output?"),
    (["inspect", "--jsn"], "did you mean --json?"),
    (["tokenize", "x", "--maxlength", "3"], "did you mean --max-length?"),
    (["tag", "--modle", "m", "x"], "did you mean --model?"),
    (["answer", "-m", "m", "--qestion", "q", "x"], "did you mean --question?"),
    (["embed", "-m", "m", "x", "--normalise"], "did you mean --normalize?"),
    (["fill-mask", "-m", "m", "x", "--target", "a"], "did you mean --targets?"),
    (["zero-shot", "-m", "m", "x", "--lable", "a"], "did you mean --label?"),
    (["choose", "-m", "m", "x", "--choise", "a"], "did you mean --choice?"),
    (["train", "-m", "m", "-f", "a.csv", "--learningrate", "1"], "did you mean --learning-rate?"),
    (["train", "-m", "m", "-f", "a.csv", "--validate", "b"], "did you mean --validation?"),
  ])
  func `a misspelt word gets the nearest one as a suggestion`(arguments: [String], words: String) {
    let message = Self.problem(arguments)?.message
    #expect(message?.contains(words) == true, "\(message ?? "none")")
  }

  @Test(arguments: [
    "-dash", "-5 stars", "--great film", "-h is a letter", "-mh", "---", "--great=film", "-x",
  ])
  func `the error on a text like an option shows how to pass it`(text: String) {
    for command in [["classify"], ["tag", "-m", "m"], ["tokenize"]] {
      let message = Self.problem(command + [text])?.message
      #expect(message?.contains("as in swiftlet \(command[0]) -- ") == true, "\(message ?? "none")")
    }
    let file = Self.problem(["evaluate", text])?.message
    #expect(file?.contains("a text") == false)
  }

  @Test(arguments: [
    (["classify", "x", "--top-k", "-1"], "--top-k=-1"),
    (["classify", "x", "--pair", "-dash"], "--pair=-dash"),
    (["answer", "-m", "m", "-q", "-what?", "x"], #"-q="-what?""#),
  ])
  func `the error on a value like an option shows how to pass it`(
    arguments: [String], words: String
  ) {
    let message = Self.problem(arguments)?.message
    #expect(message?.contains("is written " + words) == true, "\(message ?? "none")")
  }

  @Test(
    arguments: [
      (["classify", "x", "--model", "a", "--model", "b"], "-m, --model"),
      (["classify", "x", "-m", "a", "--model=b"], "-m, --model"),
      (["quantize", "-o", "a", "--output", "b"], "-o, --output"),
      (["train", "--epochs", "1", "--epochs", "2"], "--epochs"),
      (["train", "--sweep", "epochs=1,2", "--sweep", "seed=1,2"], nil),
      (["classify", "x", "--threshold", "0.1", "--threshold", "0.2"], "--threshold"),
      (["classify", "--file", "a.csv", "-f", "b.csv"], nil),
      (["zero-shot", "-m", "m", "-l", "a", "--label", "b", "x"], nil),
      (["classify", "x", "--json", "--json"], nil),
      (["classify", "--model", "a", "--", "--model", "b"], nil),
      (["classify", "-mf", "a", "b.csv", "--file", "c.csv"], nil),
      (["classify", "-mf", "a", "b.csv", "--model", "c"], "-m, --model"),
    ] as [([String], String?)])
  func `an option that is given twice is refused, unless it may be`(
    arguments: [String], name: String?
  ) {
    let problem = UsageCheck(arguments, of: SwiftletCommand.self).repetition()
    #expect(problem?.message == name.map { $0 + " is given twice; give it once" })
  }

  @Test(arguments: [
    [], ["--help"], ["-h"], ["--version"], ["help"], ["help", "tag"], ["classify", "--help"],
    ["classify", "--help", "--frob"], ["classify", "x", "--model"],
    ["classify", "x", "--model", "--json"],
    ["tag", "x"], ["classify", "--", "-dash"], ["classify", "-"], ["classify", "--file", "-"],
    ["classify", "x", "--minimum-score", "-0.5"], ["classify", "x", "--json=3"],
    ["inspect", "a", "b"],
  ])
  func `ArgumentParser reports the errors that it explains well`(arguments: [String]) {
    #expect(Self.problem(arguments) == nil)
  }

  @Test func `the options of every command are known, with their values`() throws {
    for command in SwiftletCommand.configuration.subcommands {
      let options = try CommandOptions(of: command)
      #expect(options["--help"]?.takesValue == false)
      #expect(options["-h"] == options["--help"])
    }
    let options = try CommandOptions(of: ClassifyCommand.self)
    #expect(options.takesTexts)
    #expect(try !CommandOptions(of: QuantizeCommand.self).takesTexts)
    #expect(options["--file"]?.takesSeveral == true && options["-f"]?.isRepeating == true)
    #expect(options["--minimum-score"]?.takesAnything == true)
    #expect(options["--label-threshold"]?.isRepeating == true)
    #expect(options["--model"]?.isRepeating == false && options["--model"]?.takesValue == true)
  }

  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("file", "fiel", 1), ("model", "modle", 1), ("a", "b", 1),
    ("kitten", "sitting", 3), ("classify", "clasify", 1), ("ab", "ba", 1), ("abcd", "badc", 2),
  ])
  func `edit distance counts insertions, deletions, replacements and swaps`(
    left: String, right: String, expected: Int
  ) {
    #expect(Spelling.distance(left, right) == expected)
    #expect(Spelling.distance(right, left) == expected)
  }

  @Test func `words with little in common are not suggested`() {
    #expect(Spelling.nearest(to: "--great", among: ["--format", "--gemm", "--threads"]) == nil)
    #expect(Spelling.nearest(to: "--t", among: ["--text", "--top"]) == nil)
  }
}
