import SwiftletJSON

/// Everything beside tensors that a training needs to go on as if it had never stopped.
package struct TrainingState: Sendable, Equatable {
  package var loop = LoopState()
  /// The arguments that decide about the result, in one order; a training goes on with the same alone.
  package var arguments: [TrainingReport.Argument] = []
  /// A hash of the data; a training goes on with the same alone.
  package var dataFingerprint = ""

  package init() {}

  /// Arguments that states of earlier versions lack, with the values of those versions.
  private static let earlierValues = ["precision": "float32"]

  /// Throws unless the arguments and the data are those of this state.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)``, which names all arguments that differ.
  package func check(
    arguments others: [TrainingReport.Argument], dataFingerprint other: String
  ) throws(TrainingError) {
    var differences: [String] = []
    for argument in others {
      let before =
        arguments.first { $0.name == argument.name }?.value ?? Self.earlierValues[argument.name]
      guard before != argument.value else { continue }
      differences.append("--\(argument.name) is \(argument.value), and was \(before ?? "absent")")
    }
    for argument in arguments where !others.contains(where: { $0.name == argument.name }) {
      differences.append("--\(argument.name) is absent, and was \(argument.value)")
    }
    if other != dataFingerprint { differences.append("the training data has changed") }
    guard differences.isEmpty else {
      throw .invalidOption(
        name: "--resume",
        reason:
          "finds a training with other arguments: \(differences.joined(separator: "; ")); give "
          + "the same, or start again without --resume")
    }
  }
}

// MARK: JSON

extension TrainingState {
  private static let version = 1

  var json: JSONValue {
    .object([
      ("version", .int(Self.version)), ("loop", loop.json),
      (
        "arguments",
        .array(arguments.map { .array([.string($0.name), .string($0.value)]) })
      ),
      ("data_fingerprint", .string(dataFingerprint)),
    ])
  }

  init(_ json: JSONValue, path: String) throws(TrainingError) {
    guard let version = json["version"]?.int, version == Self.version else {
      throw .unreadable(
        reason:
          "\(path) is not a training state of this version of Swiftlet; go on with the version that "
          + "wrote it, or start again without --resume")
    }
    guard let state = Self.read(json) else {
      throw .unreadable(
        reason: "\(path) is damaged; start again without --resume, or restore the file")
    }
    self = state
  }

  private static func read(_ json: JSONValue) -> TrainingState? {
    var state = TrainingState()
    guard let loop = json["loop"], let read = try? LoopState(loop),
      let arguments = json["arguments"]?.elements, let data = json["data_fingerprint"]?.string
    else { return nil }
    state.loop = read
    state.arguments = arguments.compactMap { pair in
      let words = pair.elements.compactMap(\.string)
      return words.count == 2 ? TrainingReport.Argument(words[0], words[1]) : nil
    }
    state.dataFingerprint = data
    return state.arguments.count == arguments.count ? state : nil
  }
}
