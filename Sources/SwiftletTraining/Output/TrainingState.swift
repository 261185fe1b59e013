import SwiftletJSON

/// Everything beside tensors that a training needs to go on as if it had never stopped.
package struct TrainingState: Sendable, Equatable {
  package var loop = LoopState()
  /// The arguments that decide about the result, in one order; a training goes on with the same alone.
  package var arguments: [TrainingReport.Argument] = []
  /// A hash of the rows and labels; a training goes on with the same alone.
  package var dataFingerprint = ""
  /// A hash of the base model; a training goes on with the same alone.
  package var baseFingerprint = ""
  /// A hash of the teacher; nil without one.
  package var teacherFingerprint: String?

  package init() {}

  /// Throws unless arguments, data and models of another state are those of this one.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)``, which names everything that differs.
  package func check(_ other: TrainingState) throws(TrainingError) {
    var differences: [String] = []
    for argument in other.arguments {
      let before = arguments.first { $0.name == argument.name }?.value
      guard before != argument.value else { continue }
      differences.append("--\(argument.name) is \(argument.value), and was \(before ?? "absent")")
    }
    for argument in arguments where !other.arguments.contains(where: { $0.name == argument.name }) {
      differences.append("--\(argument.name) is absent, and was \(argument.value)")
    }
    if other.dataFingerprint != dataFingerprint {
      differences.append("the data has changed, in its rows, columns or labels")
    }
    if other.baseFingerprint != baseFingerprint {
      differences.append("the base model is another one, by its config.json or its weights")
    }
    if other.teacherFingerprint != teacherFingerprint {
      differences.append("the teacher is another one, by its config.json or its weights")
    }
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
  /// States of version 1 do not tell the base model and the columns of the data.
  private static let version = 2

  var json: JSONValue {
    .object([
      ("version", .int(Self.version)), ("loop", loop.json),
      (
        "arguments",
        .array(arguments.map { .array([.string($0.name), .string($0.value)]) })
      ),
      ("data_fingerprint", .string(dataFingerprint)),
      ("base_fingerprint", .string(baseFingerprint)),
      ("teacher_fingerprint", teacherFingerprint.map(JSONValue.string) ?? .null),
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
      let arguments = json["arguments"]?.elements, let data = json["data_fingerprint"]?.string,
      let base = json["base_fingerprint"]?.string
    else { return nil }
    state.loop = read
    state.arguments = arguments.compactMap { pair in
      let words = pair.elements.compactMap(\.string)
      return words.count == 2 ? TrainingReport.Argument(words[0], words[1]) : nil
    }
    (state.dataFingerprint, state.baseFingerprint) = (data, base)
    state.teacherFingerprint = json["teacher_fingerprint"]?.string
    return state.arguments.count == arguments.count ? state : nil
  }
}
