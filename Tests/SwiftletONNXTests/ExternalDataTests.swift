import Foundation
import Testing

@testable import SwiftletONNX

/// Data of tensors in other files, which must be in the folder of the ONNX file.
@Suite struct ExternalDataTests {
  private func model(location: String, offset: String? = nil, length: String? = nil) -> [UInt8] {
    func message(_ build: (inout ProtobufMessage) -> Void) -> ProtobufMessage {
      var message = ProtobufMessage()
      build(&message)
      return message
    }
    let entries =
      [("location", location)] + (offset.map { [("offset", $0)] } ?? [])
      + (length.map { [("length", $0)] } ?? [])
    let tensor = message { tensor in
      tensor.add(1, 2)
      tensor.add(2, 1)
      tensor.add(8, "w")
      for (key, value) in entries {
        tensor.add(
          13,
          message {
            $0.add(1, key); $0.add(2, value)
          })
      }
      tensor.add(14, 1)
    }
    return message { model in
      model.add(
        7,
        message { graph in
          graph.add(5, tensor)
          graph.add(12, message { $0.add(1, "y") })
        })
      model.add(8, message { $0.add(2, 14) })
    }.bytes
  }

  private let data = [UInt8](0..<16)

  /// The bytes of the tensor, or the error's text.
  private func load(_ path: String) -> String {
    do {
      let graph = try StoredGraph(path: path)
      let (bytes, memory) = try graph.bytes(of: graph.constants[0])
      return withExtendedLifetime(memory) { "\(Array(bytes))" }
    } catch {
      return "\(error)"
    }
  }

  @Test func `data is read from a file in the folder, at its offset`() throws {
    let folder = try TemporaryFolder()
    try folder.write(data, to: "weights.bin")
    try folder.write(data, to: "deep/weights.bin")
    let path = try folder.write(
      model(location: "weights.bin", offset: "4", length: "8"), to: "model.onnx")
    #expect(load(path) == "[4, 5, 6, 7, 8, 9, 10, 11]")
    let other = try folder.write(model(location: "deep/weights.bin"), to: "other.onnx")
    #expect(load(other) == "[0, 1, 2, 3, 4, 5, 6, 7]")
  }

  @Test func `files outside the folder are not read`() throws {
    let folder = try TemporaryFolder()
    let outside = try folder.write(data, to: "secret.bin")
    try folder.link("model-link.bin", to: outside)
    try FileManager.default.createDirectory(
      atPath: folder.path + "/model", withIntermediateDirectories: true)
    try folder.link("model/link.bin", to: outside)
    try folder.link("model/folder", to: folder.path)
    let locations = [
      "../secret.bin", outside, "link.bin", "folder/secret.bin", "./link.bin", "", "a//b",
      "sub/../../secret.bin",
    ]
    for location in locations {
      let path = try folder.write(model(location: location), to: "model/model.onnx")
      #expect(load(path).contains("is not in the folder of the ONNX file"), "\(location)")
    }
  }

  @Test func `a model in the Hub's cache reads its blobs`() throws {
    let folder = try TemporaryFolder()
    try folder.write(data, to: "models--a--b/blobs/1234")
    let path = try folder.write(
      model(location: "model.onnx_data"), to: "models--a--b/snapshots/main/onnx/model.onnx")
    try folder.link(
      "models--a--b/snapshots/main/onnx/model.onnx_data", to: "../../../blobs/1234")
    #expect(load(path) == "[0, 1, 2, 3, 4, 5, 6, 7]")
  }

  @Test func `a missing or short file is an error that names it`() throws {
    let folder = try TemporaryFolder()
    try folder.write(data, to: "weights.bin")
    func error(_ offset: String, _ length: String?, _ location: String = "weights.bin") throws
      -> String
    {
      load(
        try folder.write(
          model(location: location, offset: offset, length: length), to: "model.onnx"))
    }
    #expect(try error("0", nil, "no.bin").contains("\"no.bin\", which can't be read"))
    #expect(try error("9", "8").contains("ends before its bytes 9 to 17"))
    #expect(try error("9223372036854775807", "8").contains("ends before"))
    #expect(try error("0", "7").contains("has 7 bytes of it where its shape and type need 8"))
    #expect(try error("-1", "8").contains("is not a number"))
    #expect(try error("x", "8").contains("is not a number"))
  }
}
