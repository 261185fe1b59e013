import Foundation
import SwiftletCheckpoint
import SwiftletSafetensors

@testable import SwiftletONNX

/// A checkpoint of `Tests/Fixtures`, and a folder for its graphs, which is deleted at the end.
final class ExportedFixture {
  let directory: String
  let folder: URL
  let configuration: ModelConfiguration

  init(_ name: String) throws {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures")
    directory = fixtures.appending(path: name).path
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    configuration = try ModelConfiguration(path: directory + "/config.json")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var path: String { folder.appending(path: "model.onnx").path }

  func model(_ output: GraphOutput, in directory: String? = nil) throws -> ExportedModel {
    let checkpoint = try CheckpointReader(
      directory: directory ?? self.directory, loading: .mapped)
    return ExportedModel(checkpoint, configuration, output: output, producerVersion: "1")
  }

  /// Writes a graph; returns its bytes.
  func write(
    _ output: GraphOutput = .head(.sequenceClassification),
    _ options: ONNXExportOptions = ONNXExportOptions()
  ) throws -> [UInt8] {
    try ONNXExporter.write(try model(output), options: options, to: path)
    return Array(try Data(contentsOf: URL(filePath: path)))
  }
}
