import ArgumentParser

/// `swiftlet-benchmark tokenizer`: Swiftlet's side of the comparison with the package `tokenizers`.
struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Measures the tokenizer whenever a line of standard input says how.",
    discussion: """
      What the comparison with other engines runs (Benchmarks/peers/README.md has the protocol).
      """)

  @Argument(help: "The model's folder.")
  var model: String

  @Argument(help: "A file of texts, one in a line.")
  var texts: String

  @Option(help: "Threads that share a batch.")
  var threads = 1

  @Option(help: "Seconds to measure for each line.")
  var time = 0.2

  func run() throws {
    let lines = try Files.text(texts).split(separator: "\n").map(String.init)
    guard !lines.isEmpty else { throw BenchmarkError.file(path: texts, reason: "has no texts") }
    var encoder = try TextEncoder(model: model)
    // A batch of a server's size, not of one page.
    let repeats = 16
    let batch = Array(repeating: lines, count: repeats).flatMap { $0 }
    let duration = Duration(warmUp: 0, warmUpRuns: 1, measured: time, samples: 3...100_000)
    Files.printLine("@READY")
    while let name = readLine(), !name.isEmpty {
      var tokens = 0
      let samples: Samples
      switch name {
      case "one_by_one":
        samples = duration.sample { tokens = lines.reduce(0) { $0 + encoder.tokenCount($1) } }
      case "batch":
        samples = duration.sample {
          tokens = encoder.tokenCount(batch: batch, threads: threads) / repeats
        }
      default: throw BenchmarkError.unsupported("no way to tokenize is called \(name)")
      }
      let seconds = name == "batch" ? samples.median / Double(repeats) : samples.median
      Files.printLine(try Files.json(Answer(seconds: seconds, tokens: tokens), isPretty: false))
    }
  }

  /// For all texts once.
  private struct Answer: Encodable {
    var seconds: Double
    var tokens: Int
  }
}
