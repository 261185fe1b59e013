import Foundation
import SwiftletCheckpoint
import SwiftletSafetensors
import Testing

@testable import SwiftletONNX

@Suite struct ONNXExporterTests {
  private static var heads: [(name: String, output: GraphOutput)] {
    let tail = SentenceTail(poolings: SentencePooling.allCases, dense: nil, normalizes: true)
    return [
      ("checkpoints/plain", .head(.sequenceClassification)),
      ("checkpoints/bert", .head(.sequenceClassification)),
      ("heads/tokens", .head(.tokenClassification)),
      ("heads/bert-questions", .head(.questionAnswering)),
      ("heads/mask", .head(.maskedLanguage)), ("heads/bert-mask-untied", .head(.maskedLanguage)),
      ("heads/choice", .head(.multipleChoice)), ("checkpoints/bare", .hiddenRows),
      ("heads/embed-mean", .sentence(tail)),
    ]
  }

  @Test(arguments: heads.indices, OperatorSet.allCases)
  func `every value is defined once and before it is used`(
    index: Int, opset: OperatorSet
  ) throws {
    for quantization in [nil] + ONNXQuantization.allCases.map(Optional.some) {
      let (name, output) = Self.heads[index]
      let model = try WireModel(
        try ExportedFixture(name).write(
          output, ONNXExportOptions(opset: opset, quantization: quantization)))
      #expect(model.opset == opset.rawValue && model.irVersion == opset.irVersion)
      var known = Set(model.inputs).union(model.tensors.map(\.name))
      #expect(known.count == model.inputs.count + model.tensors.count)
      for node in model.nodes {
        #expect(node.inputs.allSatisfy(known.contains), "\(node.inputs)")
        for value in node.outputs { #expect(known.insert(value).inserted, "\(value)") }
      }
      #expect(!model.outputs.isEmpty && model.outputs.allSatisfy(known.contains))
    }
  }

  @Test(arguments: heads.indices)
  func `every tensor is read by a node`(index: Int) throws {
    let (name, output) = Self.heads[index]
    for quantization in [nil] + ONNXQuantization.allCases.map(Optional.some) {
      let model = try WireModel(
        try ExportedFixture(name).write(output, ONNXExportOptions(quantization: quantization)))
      let read = Set(model.nodes.flatMap(\.inputs))
      #expect(model.tensors.allSatisfy { read.contains($0.name) })
    }
  }

  @Test(arguments: ["checkpoints/plain", "checkpoints/bert", "checkpoints/float16"])
  func `weights of layers are transposed and all others as stored`(name: String) throws {
    let fixture = try ExportedFixture(name)
    let model = try WireModel(try fixture.write())
    let checkpoint = try SafetensorsCheckpoint(directory: fixture.directory)
    let prefix = fixture.configuration.architecture.prefix
    for parameter in fixture.configuration.parameters(head: .sequenceClassification) {
      let stored = try checkpoint.floats(
        checkpoint.tensor(parameter.name)?.name ?? prefix + parameter.name)
      let isTransposed = parameter.layer != nil && parameter.role == .linearWeight
      let saved =
        fixture.configuration.architecture.isBody(parameter.name)
        ? prefix + parameter.name : parameter.name
      let tensor = try model.tensor(isTransposed ? saved + "_transposed" : saved)
      #expect(tensor.shape == (isTransposed ? parameter.shape.reversed() : parameter.shape))
      let expected = isTransposed ? transposed(stored, columns: parameter.shape[1]) : stored
      #expect(tensor.type == 1 && floats(tensor.data) == expected, "\(parameter.name)")
    }
  }

  @Test func `the same model gives the same bytes`() throws {
    let fixture = try ExportedFixture("checkpoints/plain")
    #expect(try fixture.write() == fixture.write())
  }

  @Test func `weights beyond the limit are in a second file, aligned and the same`() throws {
    let fixture = try ExportedFixture("checkpoints/wide")
    let inside = try WireModel(try fixture.write())
    let names = try ONNXExporter.write(
      try fixture.model(.head(.sequenceClassification)), options: ONNXExportOptions(),
      to: fixture.path, maxFileBytes: 100_000)
    #expect(names == ["model.onnx", "model.onnx_data"])
    let outside = try WireModel(Array(try Data(contentsOf: URL(filePath: fixture.path))))
    let data = Array(try Data(contentsOf: URL(filePath: fixture.path + "_data")))
    for tensor in inside.tensors {
      let other = try outside.tensor(tensor.name)
      #expect(other.shape == tensor.shape && other.type == tensor.type)
      guard other.data == nil else {
        #expect(other.data == tensor.data)
        continue
      }
      #expect(other.external["location"] == "model.onnx_data")
      let offset = try #require(other.external["offset"].flatMap { Int($0) })
      let length = try #require(other.external["length"].flatMap { Int($0) })
      #expect(offset % 4096 == 0 && data[offset..<offset + length] == tensor.data)
    }
    #expect(outside.tensors.contains { $0.data == nil })
  }

  @Test(arguments: ["checkpoints/plain", "checkpoints/bfloat16", "checkpoints/bert-sharded"])
  func `a linked graph names the bytes of each tensor in the checkpoint`(name: String) throws {
    let fixture = try ExportedFixture(name)
    let model = try WireModel(
      try fixture.write(
        .head(.sequenceClassification), ONNXExportOptions(linkedFolder: fixture.directory)))
    let checkpoint = try SafetensorsCheckpoint(directory: fixture.directory)
    let linked = model.tensors.filter { $0.data == nil }
    #expect(linked.count == checkpoint.tensors.count { $0.name != "embeddings.position_ids" })
    for tensor in linked {
      let stored = try #require(
        checkpoint.stored(tensor.name)
          ?? checkpoint.stored(
            String(tensor.name.dropFirst(fixture.configuration.architecture.prefix.count))))
      let file = Array(
        try Data(
          contentsOf: URL(
            filePath: fixture.directory + "/" + (try #require(tensor.external["location"])))))
      let offset = try #require(tensor.external["offset"].flatMap { Int($0) })
      let length = try #require(tensor.external["length"].flatMap { Int($0) })
      #expect(Array(file[offset..<offset + length]) == Array(stored.bytes))
      #expect(tensor.shape == stored.info.shape)
    }
  }

  @Test func `a checkpoint that is a link can't be linked to`() throws {
    let fixture = try ExportedFixture("checkpoints/plain")
    let manager = FileManager.default
    let link = fixture.folder.appending(path: "model.safetensors").path
    try manager.createSymbolicLink(
      atPath: link, withDestinationPath: fixture.directory + "/model.safetensors")
    let model = try fixture.model(.head(.sequenceClassification), in: fixture.folder.path)
    let options = ONNXExportOptions(linkedFolder: fixture.folder.path)
    #expect(
      throws: ONNXExportError.notLinkable(
        file: link, reason: "it is a symbolic link, which ONNX programs refuse")
    ) {
      try ONNXExporter.write(model, options: options, to: fixture.path)
    }
    #expect(!manager.fileExists(atPath: fixture.path))
  }

  @Test func `a head that the checkpoint lacks is an error that names its tensors`() throws {
    let fixture = try ExportedFixture("checkpoints/plain")
    #expect(
      throws: ONNXExportError.checkpoint(
        .missingTensors(
          path: fixture.directory, names: ["qa_outputs.weight", "qa_outputs.bias"]))
    ) {
      _ = try fixture.write(.head(.questionAnswering))
    }
  }

  private func transposed(_ values: [Float], columns: Int) -> [Float] {
    let rows = values.count / columns
    return (0..<columns).flatMap { column in
      (0..<rows).map { values[$0 * columns + column] }
    }
  }

  private func floats(_ bytes: ArraySlice<UInt8>?) -> [Float] {
    let bytes = Array(bytes ?? [])
    return bytes.withUnsafeBytes { buffer in
      (0..<bytes.count / 4).map { buffer.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }
}
