import Foundation
import SwiftletCheckpoint
import SwiftletSafetensors

@testable import SwiftletTraining

/// The files of `Tests/Fixtures`.
enum TrainingFixtures {
  static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
  }
}

/// A new folder, which is removed with its contents when this object is released.
final class OutputFolder {
  let path: String
  private let isKept: Bool

  /// Makes `kept` instead of a temporary folder, and does not remove it.
  init(keptIn kept: String? = nil) throws {
    isKept = kept != nil
    path =
      kept
      ?? FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-training-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { if !isKept { try? FileManager.default.removeItem(atPath: path) } }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// All files and folders inside of a folder, sorted.
  func contents(of name: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: file(name)).sorted()
  }

  func data(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: file(name))) }

  func object(_ name: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: try data(name)) as? [String: Any] ?? [:]
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: file(name)))
  }
}

extension TrainedModel {
  /// A checkpoint as if its own weights had been the result of a training.
  static func unchanged(
    _ base: String, transformer: String, head: ModelHead?,
    change: (inout ModelConfiguration) -> Void = { _ in }
  ) throws -> TrainedModel {
    var configuration = try ModelConfiguration(path: transformer + "/config.json")
    change(&configuration)
    let reader = try CheckpointReader(directory: transformer, loading: .mapped)
    let checkpoint = reader.checkpoint
    var names: [String: String] = [:]
    for parameter in configuration.parameters(head: head) {
      names[parameter.name] =
        reader.resolvedName(parameter.name) ?? parameter.tiedTo.flatMap { reader.resolvedName($0) }
    }
    let found = names
    return TrainedModel(base: base, configuration: configuration, head: head) { parameter, target in
      let count = parameter.shape.reduce(1, *)
      guard let name = found[parameter.name], let tensor = checkpoint.stored(name),
        tensor.info.elementCount == count
      else {
        // A new head.
        for index in 0..<count { target[index] = Float(index) }
        return
      }
      tensor.readFloats(0..<count, into: target)
    }
  }
}
