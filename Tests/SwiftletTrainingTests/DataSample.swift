import Foundation
import SwiftletCheckpoint
import SwiftletTokenizer
import SwiftletWeights
import Testing

@testable import SwiftletTraining

/// The bundled model's tokenizer, and files that a test writes.
enum DataSample {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let shared = root.appending(path: "../shared/data").standardizedFileURL
  static let hasShared = FileManager.default.fileExists(atPath: shared.path)

  private static let model = Result {
    let folder = try BundledModel.sentimentDirectory()
    return (
      try Tokenizer(directory: folder), try ModelConfiguration(path: "\(folder)/config.json")
    )
  }

  static func encoding(maxLength: Int? = nil, stride: Int? = nil) throws -> DataEncoding {
    let (tokenizer, configuration) = try model.get()
    return try DataEncoding(
      tokenizer: tokenizer, configuration: configuration, maxLength: maxLength, stride: stride)
  }

  static func prepare(
    _ data: TrainingData, _ validation: ValidationData = .none, maxLength: Int? = nil,
    task: TrainingTask? = nil, baseLabels: [String] = [], keepsUnlabelled: Bool = false
  ) throws -> PreparedData {
    try PreparedData(
      training: data, validation: validation, encoding: try encoding(maxLength: maxLength),
      task: task, baseLabels: baseLabels, keepsUnlabelled: keepsUnlabelled)
  }

  /// The description of the error of `prepare`, with `DIR` for the folder of the test's files.
  static func failure(
    _ folder: DataFolder, _ data: TrainingData, _ validation: ValidationData = .none,
    task: TrainingTask? = nil, keepsUnlabelled: Bool = false
  ) throws -> String {
    let error = #expect(throws: TrainingError.self) {
      try prepare(data, validation, task: task, keepsUnlabelled: keepsUnlabelled)
    }
    return try #require(error).description.replacingOccurrences(of: folder.path, with: "DIR")
  }
}

/// A folder with files of a test, deleted with this object.
final class DataFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "data-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    let file = "\(path)/\(name)"
    try Data(text.utf8).write(to: URL(filePath: file))
    return file
  }
}

extension PreparedData {
  /// The target of each training example.
  var targets: [ExampleTarget] { (0..<training.count).map { training.target(of: $0) } }
}

extension EncodedDataset {
  /// The lines of all examples.
  var lines: [Int] { (0..<count).map { rows.line(of: row(of: $0)) } }
}
