import ArgumentParser
import SwiftletCheckpoint
import SwiftletTraining

/// The student, and what it learns from its teacher.
struct DistillationArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Layers of the student, evenly spread over the teacher's. Default: half of them.",
      valueName: "n"))
  var layers: Int?

  @Option(
    help: ArgumentHelp(
      "The teacher's layers that the student starts with, by number from 0, such as 0,2,5.",
      valueName: "list"))
  var keepLayers: String?

  @Option(
    help: ArgumentHelp(
      "Width of the student's hidden rows, a multiple of the size of the teacher's heads. Default: the"
        + " teacher's.", valueName: "n"))
  var width: Int?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "A student of its own: a folder with a smaller model of the same vocabulary.",
      valueName: "folder"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "The student's architecture: distilbert or bert. Default: distilbert, unless the teacher is a"
        + " BERT that needs token types.", valueName: "name"))
  var architecture: StudentArchitecture?

  @Option(
    help: ArgumentHelp(
      "What both models' logits are divided by. Default: 2.", valueName: "t"))
  var temperature: Double?

  @Option(
    help: ArgumentHelp(
      "Share of the teacher's answers in the loss, beside true labels. Default: 0.5, or 1 without"
        + " labels.", valueName: "share"))
  var alpha: Double?

  @Option(
    help: ArgumentHelp(
      "Weight of 1 - cosine between the last hidden rows of both models. Default: 0.",
      valueName: "weight"))
  var hiddenWeight: Double?

  func validate() throws {
    let given = [
      ("--layers", layers != nil), ("--keep-layers", keepLayers != nil), ("--model", model != nil),
    ].filter(\.1)
    guard given.count < 2 else {
      throw ValidationError("\(given[0].0) and \(given[1].0) exclude each other")
    }
    if let layers { try requireIn(1...1000, layers, for: "--layers") }
    if let model { try requireText(model, for: "--model") }
    let options = try options()
    do throws(TrainingError) {
      try options.validate()
    } catch {
      throw ValidationError(error.description)
    }
  }

  func options() throws(ValidationError) -> DistillationOptions {
    var options = DistillationOptions(try student())
    options.architecture = architecture?.architecture
    options.width = width
    options.temperature = temperature
    options.alpha = alpha
    options.hiddenWeight = hiddenWeight ?? 0
    return options
  }

  private func student() throws(ValidationError) -> DistillationOptions.Student {
    if let model { return .model(model) }
    if let keepLayers { return .keeping(try Self.numbers(keepLayers)) }
    return .layers(layers)
  }

  private static func numbers(_ list: String) throws(ValidationError) -> [Int] {
    let parts = list.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard numbers.count == parts.count else {
      throw ValidationError("--keep-layers must be numbers such as 0,2,5, found '\(list)'")
    }
    return numbers
  }

  /// What `training.json` records, as it was given.
  var arguments: [(String, String)] {
    let all: [(String, String?)] = [
      ("layers", layers.map(String.init)), ("keep-layers", keepLayers),
      ("width", width.map(String.init)), ("model", model),
      ("architecture", architecture?.rawValue), ("temperature", temperature.map { "\($0)" }),
      ("alpha", alpha.map { "\($0)" }), ("hidden-weight", hiddenWeight.map { "\($0)" }),
    ]
    return all.compactMap { name, value in value.map { (name, $0) } }
  }
}

/// `--architecture`.
enum StudentArchitecture: String, CaseIterable, ExpressibleByArgument {
  case distilbert, bert

  var architecture: Architecture { self == .bert ? .bert : .distilBERT }
}
