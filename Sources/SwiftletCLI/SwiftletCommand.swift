import ArgumentParser
import Glibc
import Swiftlet
import SwiftletSystem

/// `swiftlet`: parses the command line, runs a subcommand, and turns errors into an exit status.
@main
struct SwiftletCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet",
    abstract: "Run and train DistilBERT and BERT models on the CPU.",
    discussion: """
      classify, evaluate, quantize, export, tokenize and inspect use the bundled sentiment model unless \
      --model names another; the other commands need a --model for their task.

        swiftlet classify "What a wonderful day."
        swiftlet classify --file reviews.csv --output answers.csv
        swiftlet tag --model path/to/ner-model "Ada Lovelace lived in London."
        swiftlet train --model path/to/model --file reviews.csv --output my-model
        swiftlet distill --teacher my-model --file texts.txt --output small
        swiftlet evaluate labelled.tsv
        swiftlet quantize path/to/model --output model-int8
        swiftlet convert path/to/model --output converted
        swiftlet export path/to/model --output model-onnx
        swiftlet tokenize "Hello, world!"
        swiftlet inspect
        swiftlet download org/name

      A text that is empty or only white space gets no answer: null in JSON, an empty field in CSV \
      and TSV, NaN in an array. Its row keeps its place, and a warning at the end counts such texts.

      Exit status: 0 success, 64 usage error, 65 bad data, 66 missing input, 70 internal error, \
      73 output can't be created, 74 read or write failed, 130 interrupted.
      """,
    version: "\(ProjectVersion.text)",
    subcommands: [
      ClassifyCommand.self, TagCommand.self, AnswerCommand.self, EmbedCommand.self,
      FillMaskCommand.self, ZeroShotCommand.self, ChooseCommand.self, TrainCommand.self,
      DistillCommand.self, EvaluateCommand.self, QuantizeCommand.self, ConvertCommand.self,
      ExportCommand.self, TokenizeCommand.self, InspectCommand.self, DownloadCommand.self,
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

  /// - Throws: the error of a wrong command line, or the help that was asked for.
  private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    let check = UsageCheck(arguments, of: self)
    let command: any ParsableCommand
    do {
      command = try parseAsRoot(arguments)
    } catch {
      throw check.problem() ?? error
    }
    // ArgumentParser also returns its own help command, even for `-dash` because of the h.
    let isOwn = configuration.subcommands.contains { $0 == type(of: command) }
    if let problem = isOwn ? check.repetition() : check.problem() { throw problem }
    return command
  }

  /// Without the name of the program.
  private static func arguments() throws -> [String] { Array(try words().dropFirst()) }

  /// The words of the command line, program first.
  static func words() throws -> [String] {
    guard let words = ProcessArguments.current() else {
      throw CommandFailure(
        "cannot read the arguments: the loader does not pass them and /proc is not mounted; mount"
          + " /proc", .internalError)
    }
    return words
  }

  /// Reports why the command ended. Only results and requested help go to standard output.
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

  /// At least the 80 columns of the examples: ArgumentParser would break longer lines, and the
  /// shell would run each piece as a command.
  private static var helpWidth: Int {
    let terminal = Terminal(descriptor: STDOUT_FILENO)
    return terminal.isTerminal ? max(terminal.width, 80) : 80
  }

  /// The end of a message, as ArgumentParser writes it.
  private static func usage(of command: String?) -> String {
    let type = configuration.subcommands.first { $0._commandName == command }
    let usage = type.map { usageString(for: $0) } ?? usageString()
    let name = (["swiftlet"] + (command.map { [$0] } ?? [])).joined(separator: " ")
    return "Usage: \(usage)\n  See '\(name) --help' for more information."
  }

  /// Replaces the `Error:` of ArgumentParser's messages by the label of all others.
  private static func lowercasedLabel(_ message: String) -> String {
    message.hasPrefix("Error: ") ? "error: " + message.dropFirst("Error: ".count) : message
  }
}
