import ArgumentParser
import Glibc
import Swiftlet
import SwiftletSystem

/// `swiftlet`: parses the command line, runs a subcommand, turns its end into an exit status.
@main
struct SwiftletCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet",
    abstract: "Classify, tag, embed and compare texts with DistilBERT and BERT on the CPU.",
    discussion: """
      classify, evaluate, quantize, tokenize and inspect use the sentiment model that comes with \
      Swiftlet unless another is named; the other tasks need a --model of their kind.

        swiftlet classify "What a wonderful day."
        swiftlet classify --file reviews.csv --output answers.csv
        swiftlet tag --model path/to/ner-model "Ada Lovelace lived in London."
        swiftlet evaluate labelled.tsv
        swiftlet quantize path/to/model --output model-int8
        swiftlet tokenize "Hello, world!"
        swiftlet inspect

      An empty text, or one of nothing but white space, has no answer: null in JSON, an empty field \
      in CSV and TSV, NaN in an array. Its row stays in its place, and the count is said at the end.

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
    MemoryReserve.shareHeapIfLimited()
    SignalWatch.start()
    do {
      var command = try parse(arguments())
      try command.run()
    } catch {
      Glibc.exit(report(error).rawValue)
    }
  }

  /// - Throws: what is wrong with the command line, or help that it asks for.
  private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    let check = UsageCheck(arguments, of: self)
    let command: any ParsableCommand
    do {
      command = try parseAsRoot(arguments)
    } catch {
      throw check.problem() ?? error
    }
    // ArgumentParser's own command for help is returned, too, and for `-dash` because of its h.
    let isOwn = configuration.subcommands.contains { $0 == type(of: command) }
    if let problem = isOwn ? check.repetition() : check.problem() { throw problem }
    return command
  }

  /// Without the name of the program.
  private static func arguments() throws -> [String] {
    guard let arguments = ProcessArguments.current() else {
      throw CommandFailure(
        "the arguments can't be read: /proc is not mounted, and the loader does not tell them; "
          + "mount /proc", .internalError)
    }
    return Array(arguments.dropFirst())
  }

  /// Tells the user why the command ended; results alone go to standard output, and help that was
  /// asked for.
  private static func report(_ error: any Error) -> ExitStatus {
    if error is ClosedPipe { SignalWatch.dieOfClosedPipe() }
    if let failure = CommandFailure(explaining: error) {
      printMessage("swiftlet: error: \(failure.description)")
      return failure.status
    }
    if let problem = error as? UsageProblem {
      printMessage("swiftlet: error: \(problem.message)\n\(usage(of: problem.command))")
      return .usage
    }
    guard exitCode(for: error) == .success else {
      printMessage("swiftlet: " + lowercasedLabel(fullMessage(for: error)))
      return .usage
    }
    do {
      let sink = OutputSink()
      try sink.write(fullMessage(for: error, columns: helpWidth) + "\n")
      try sink.finish()
      return .success
    } catch {
      return report(error)
    }
  }

  /// Examples are lines of 80 columns at most, which a narrower screen wraps and ArgumentParser would
  /// cut into pieces that the shell runs one by one.
  private static var helpWidth: Int {
    let terminal = Terminal(descriptor: STDOUT_FILENO)
    return terminal.isTerminal ? max(terminal.width, 80) : 80
  }

  /// As ArgumentParser ends its own messages.
  private static func usage(of command: String?) -> String {
    let type = configuration.subcommands.first { $0._commandName == command }
    let usage = type.map { usageString(for: $0) } ?? usageString()
    let name = (["swiftlet"] + (command.map { [$0] } ?? [])).joined(separator: " ")
    return "Usage: \(usage)\n  See '\(name) --help' for more information."
  }

  /// ArgumentParser begins its messages with `Error:`; here every message begins alike.
  private static func lowercasedLabel(_ message: String) -> String {
    message.hasPrefix("Error: ") ? "error: " + message.dropFirst("Error: ".count) : message
  }
}
