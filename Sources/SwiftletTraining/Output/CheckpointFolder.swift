import Glibc
import SwiftletJSON
package import SwiftletSafetensors
import SwiftletSystem

/// The folder `checkpoint` of an output, from which a training goes on after it was stopped or killed.
///
/// `state.json` names the files of the weights, which contain the step in their names, so that
/// replacing `state.json` replaces everything at once. New weights are on the disk before it, and old ones
/// are deleted after it: whenever the process is killed, `state.json` and the files it names belong
/// together. The folder holds the last and the best weights, and beside them new ones while they are
/// written. ``OutputLock`` lets one training at a time write to it.
package struct CheckpointFolder: Sendable {
  package static let name = "checkpoint"
  private static let stateName = "state.json"
  private static let lockName = "lock"

  package let path: String

  /// The folder within an output, which need not exist.
  package init(output: String) { path = OutputFiles.path(Self.name, in: output) }

  /// A tensor to save.
  package struct Tensor: Sendable {
    fileprivate let tensor: SafetensorsWriter.Tensor

    /// Names a tensor; `read` writes its values, row-major, to memory for all elements of the shape.
    package init(
      _ name: String, shape: [Int],
      read: @escaping @Sendable (UnsafeMutablePointer<Float>) -> Void
    ) {
      tensor = .init(name: name, dataType: .f32, shape: shape) { sink in
        let count = shape.reduce(1, *)
        let buffer = try AlignedBuffer<Float>(uninitialized: count, purpose: "writing \(name)")
        read(buffer.pointer)
        try sink.write(
          UnsafeRawBufferPointer(UnsafeBufferPointer(start: buffer.pointer, count: count)))
      }
    }
  }

  /// The names of AdamW's first and second moments of a tensor.
  package static func momentNames(of name: String) -> (first: String, second: String) {
    (name + ".first_moment", name + ".second_moment")
  }

  /// A saved training.
  package struct Contents: Sendable {
    package let state: TrainingState
    /// The tensors of the last step, by the names with which they were written.
    package let tensors: SafetensorsFile
    /// The tensors of the best step; nil if none were written.
    package let best: SafetensorsFile?
  }

  /// The steps of ``write(_:tensors:best:after:)`` after which a process may be killed.
  enum Stage: CaseIterable {
    case bestWritten, tensorsWritten, stateWritten, oldDeleted
  }

  // MARK: Writing

  /// Saves a training; the one saved before is deleted when the new one is complete.
  ///
  /// `tensors` are the values and moments of every trainable tensor, with ``momentNames(of:)``; `best` are the values alone if this
  /// step is the best so far, and nil keeps the best ones saved before.
  ///
  /// - Throws: ``TrainingError``; the training saved before is then still there.
  package func write(
    _ state: TrainingState, tensors: [Tensor], best: [Tensor]? = nil
  ) throws(TrainingError) {
    try write(state, tensors: tensors, best: best, after: { _ in })
  }

  func write(
    _ state: TrainingState, tensors: [Tensor], best: [Tensor]?,
    after: (Stage) throws(TrainingError) -> Void
  ) throws(TrainingError) {
    try make()
    let old = files()
    // A training that was resumed repeats steps: a name in use is not written to.
    let last = Self.unused("state-\(state.loop.step)", besides: old)
    var bestName = old.best
    if let best {
      let name = Self.unused("best-\(state.loop.step)", besides: old)
      try write(best, to: name)
      bestName = name
    }
    try after(.bestWritten)
    try write(tensors, to: last)
    try after(.tensorsWritten)
    try writeState(state, last: last, best: bestName)
    try after(.stateWritten)
    deleteAll(besides: [Self.stateName, last, bestName].compactMap(\.self))
    try after(.oldDeleted)
  }

  /// Makes the folder and its output where they are missing; returns whether the output was.
  @discardableResult
  func make() throws(TrainingError) -> Bool {
    let parent = String(path.dropLast(Self.name.utf8.count + 1))
    var madeParent = false
    for folder in [parent, path] where !folder.isEmpty {
      if mkdir(folder, 0o777) == 0 {
        if folder == parent { madeParent = true }
      } else if errno != EEXIST {
        throw TrainingError(writing: FileError("create", path: folder))
      }
    }
    return madeParent
  }

  /// The file that a running training locks.
  var lockPath: String { OutputFiles.path(Self.lockName, in: path) }

  private static func unused(
    _ name: String, besides old: (last: String?, best: String?)
  ) -> String {
    let candidates = ["", "-again"].map { name + $0 + ".safetensors" }
    return candidates.first { $0 != old.last && $0 != old.best } ?? candidates[0]
  }

  private func write(_ tensors: [Tensor], to name: String) throws(TrainingError) {
    do throws(SafetensorsError) {
      try SafetensorsWriter.write(
        tensors.map(\.tensor), to: OutputFiles.path(name, in: path))
    } catch {
      throw TrainingError(writing: error)
    }
  }

  private func writeState(
    _ state: TrainingState, last: String, best: String?
  ) throws(TrainingError) {
    let json = JSONValue.object([
      ("tensors", .string(last)), ("best_tensors", best.map(JSONValue.string) ?? .null),
      ("state", state.json),
    ])
    let bytes = json.document
    try OutputFiles.writing { () throws(FileError) in
      let file = try StagedFile(replacing: OutputFiles.path(Self.stateName, in: path))
      try bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try file.write(UnsafeRawBufferPointer(bytes))
      }
      try file.commit()
    }
  }

  /// Deletes files of older states and unfinished files of a killed process.
  private func deleteAll(besides kept: [String]) {
    for name in OutputFiles.names(in: path) ?? [] where Self.isOurs(name) && !kept.contains(name) {
      unlink(OutputFiles.path(name, in: path))
    }
  }

  private static func isOurs(_ name: String) -> Bool {
    if name == stateName { return true }
    let isTemporary = name.hasPrefix(".swiftlet-") && name.hasSuffix(".tmp")
    let isTensors = ["state-", "best-"].contains { name.hasPrefix($0) }
    return isTemporary || isTensors && name.hasSuffix(".safetensors")
  }

  /// The folder and its files in an output, relative to the output; empty if it is missing. Files of
  /// others are left out, the lock is not.
  static func names(in output: String) -> [String] {
    guard let names = OutputFiles.names(in: OutputFiles.path(name, in: output)) else { return [] }
    return [name] + names.filter { isOurs($0) || $0 == lockName }.map { "\(name)/\($0)" }
  }

  /// The files of the saved training, relative to the output.
  static func savedNames(in output: String) -> [String] {
    names(in: output).filter { $0 != name && $0 != "\(name)/\(lockName)" }
  }

  /// Deletes the saved training; files of others stay.
  package func remove() {
    // First the file that names the others, so that no half of a state can be read.
    unlink(OutputFiles.path(Self.stateName, in: path))
    deleteAll(besides: [])
    rmdir(path)
  }

  // MARK: Reading

  /// Whether there is a training to go on with.
  package var exists: Bool { FileStatus.exists(OutputFiles.path(Self.stateName, in: path)) }

  /// Reads the saved training.
  ///
  /// - Throws: ``TrainingError/unreadable(reason:)`` if there is none, or if a file is damaged.
  package func read() throws(TrainingError) -> Contents {
    let file = OutputFiles.path(Self.stateName, in: path)
    guard let json = try OutputFiles.json(file) else {
      throw .unreadable(
        reason: "there is no saved training in \(path); start one without --resume")
    }
    guard let inner = json["state"], let last = files().last else {
      throw .unreadable(reason: "\(file) is damaged; start again without --resume")
    }
    let state = try TrainingState(inner, path: file)
    let tensors = try open(last)
    return Contents(state: state, tensors: tensors, best: try files().best.map(open))
  }

  private func open(_ name: String) throws(TrainingError) -> SafetensorsFile {
    do throws(SafetensorsError) {
      return try SafetensorsFile(path: OutputFiles.path(name, in: path))
    } catch {
      throw TrainingError(reading: error)
    }
  }

  /// The names of the tensors' files in `state.json`; a damaged `state.json` names none.
  private func files() -> (last: String?, best: String?) {
    let json = try? OutputFiles.json(OutputFiles.path(Self.stateName, in: path))
    func name(_ key: String) -> String? {
      json?[key]?.string.flatMap { Self.isOurs($0) && !$0.contains("/") ? $0 : nil }
    }
    return (name("tensors"), name("best_tensors"))
  }
}
