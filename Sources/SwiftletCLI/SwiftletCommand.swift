import ArgumentParser
import Glibc
import Swiftlet

/// `swiftlet`: parses the command line, runs a subcommand, turns its end into an exit status.
@main
struct SwiftletCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet",
    abstract: "Classify, tag, embed and search text with DistilBERT models on the CPU.",
    discussion: """
      Without --model the sentiment model that comes with Swiftlet is used.

        swiftlet classify "What a wonderful day."
        swiftlet classify --file reviews.csv --output answers.csv
        swiftlet tag --model path/to/ner-model "Ada Lovelace lived in London."
        swiftlet evaluate labelled.tsv
        swiftlet quantize path/to/model --output model-int8
        swiftlet tokenize "Hello, world!"
        swiftlet inspect

      Exit status: 0 done, 64 wrong usage, 65 bad data, 66 missing input, 70 internal error, \
      73 output can't be created, 74 reading or writing failed, 130 interrupted.
      """,
    version: "\(ProjectVersion.text)",
    subcommands: [
      ClassifyCommand.self, TagCommand.self, AnswerCommand.self, EmbedCommand.self,
      FillMaskCommand.self, ZeroShotCommand.self, ChooseCommand.self, EvaluateCommand.self,
      QuantizeCommand.self, TokenizeCommand.self, InspectCommand.self,
    ]
  )

  static func main() {
    SignalWatch.start()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      Glibc.exit(report(error).rawValue)
    }
  }

  /// Tells the user why the command ended; results alone go to standard output, and help that was
  /// asked for.
  private static func report(_ error: any Error) -> ExitStatus {
    if error is ClosedPipe { SignalWatch.dieOfClosedPipe() }
    if let failure = CommandFailure(explaining: error) {
      printMessage("swiftlet: error: \(failure.description)")
      return failure.status
    }
    guard exitCode(for: error) == .success else {
      printMessage("swiftlet: " + lowercasedLabel(fullMessage(for: error)))
      return .usage
    }
    do {
      let sink = OutputSink()
      try sink.write(fullMessage(for: error) + "\n")
      try sink.finish()
      return .success
    } catch {
      return report(error)
    }
  }

  /// ArgumentParser begins its messages with `Error:`; here every message begins alike.
  private static func lowercasedLabel(_ message: String) -> String {
    message.hasPrefix("Error: ") ? "error: " + message.dropFirst("Error: ".count) : message
  }
}
