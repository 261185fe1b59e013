import SwiftletCheckpoint
import SwiftletSafetensors
import Testing

@testable import SwiftletONNX

@Suite struct ImportTests {
  /// The elements of a tensor as floats.
  private func floats(_ tensor: StoredTensor) -> [Float] {
    [Float](unsafeUninitializedCapacity: tensor.info.elementCount) { buffer, count in
      if let base = buffer.baseAddress {
        tensor.readFloats(0..<tensor.info.elementCount, into: base)
      }
      count = tensor.info.elementCount
    }
  }

  @Test(arguments: ImportedFixture.exact)
  func `a graph has every tensor of its checkpoint, bit for bit`(fixture: ImportedFixture) throws {
    let expected = try fixture.checkpoint()
    let found = try fixture.tensors()
    #expect(found.tensors.map(\.name).sorted() == expected.tensors.map(\.name).sorted())
    for info in found.tensors {
      let other = try #require(expected.tensor(info.name))
      #expect(info.shape == other.shape && info.dataType == other.dataType, "\(info.name)")
      let bytes = Array(try #require(found.stored(info.name)).bytes)
      #expect(try bytes == expected.withBytes(of: info.name) { Array($0) }, "\(info.name)")
    }
  }

  @Test(arguments: ImportedFixture.quantized)
  func `8-bit weights become floats within half a step of their scale`(fixture: ImportedFixture)
    throws
  {
    let expected = try fixture.checkpoint()
    let found = try fixture.tensors()
    #expect(found.tensors.map(\.name).sorted() == expected.tensors.map(\.name).sorted())
    for info in found.tensors {
      let values = try expected.floats(info.name)
      let other = floats(try #require(found.stored(info.name)))
      let largest = values.reduce(0) { max($0, abs($1)) }
      // 255 steps cover at most twice the largest value; ONNX rounds zero points too.
      let step = 2 * largest / 255
      #expect(zip(values, other).allSatisfy { abs($0 - $1) <= step }, "\(info.name)")
      #expect(info.shape == expected.tensor(info.name)?.shape)
    }
  }

  @Test func `16-bit floats stay 16-bit floats`() throws {
    let expected = try ImportedFixture.half.checkpoint()
    let found = try ImportedFixture.half.tensors()
    for info in found.tensors {
      #expect(info.dataType == .f16)
      let other = floats(try #require(found.stored(info.name)))
      for (value, other) in zip(try expected.floats(info.name), other) {
        #expect(abs(value - other) <= abs(value) / 2048 + 0x1p-25, "\(info.name)")
      }
    }
  }

  @Test func `numbers in the right order stay in the file`() throws {
    let fixture = ImportedFixture("distilbert-sequenceclassification", "unfolded.onnx")
    let graph = try StoredGraph(path: fixture.path)
    let model = try RecoveredModel(graph, try fixture.configuration())
    #expect(model.parameters.filter { !$0.isInPlace }.map(\.name) == [])
    let folded = ImportedFixture("distilbert-sequenceclassification", "torchscript.onnx")
    let copied = try RecoveredModel(
      try StoredGraph(path: folded.path), try folded.configuration()
    ).parameters.filter { !$0.isInPlace }
    #expect(copied.count == 12)
    #expect(copied.allSatisfy { $0.name.hasSuffix(".weight") && $0.tensor.contains("MatMul") })
  }

  @Test(arguments: ImportedFixture.all)
  func `a checkpoint reader finds all parameters of the configuration`(fixture: ImportedFixture)
    throws
  {
    let configuration = try fixture.configuration()
    let reader = try CheckpointReader(
      tensors: try fixture.tensors(), directory: fixture.folder)
    try reader.check(configuration.parameters())
    #expect(!reader.isQuantized)
  }

  @Test func `inputs and outputs have names, types and shapes`() throws {
    let fixture = ImportedFixture("bert-questionanswering", "torchscript.onnx")
    let graph = try StoredGraph(path: fixture.path)
    #expect(graph.inputs.map(\.name) == ["input_ids", "attention_mask", "token_type_ids"])
    #expect(graph.inputs.allSatisfy { $0.type == "int64" })
    #expect(graph.inputs.allSatisfy { $0.shape == ["batch_size", "sequence_length"] })
    #expect(graph.outputs.map(\.name) == ["start_logits", "end_logits"])
    #expect(graph.outputs.allSatisfy { $0.type == "float32" })
    #expect(graph.operatorSets.map(\.domain) == [""])
    #expect(graph.operatorSets.map(\.version) == [14])
    #expect(graph.producerName == "pytorch")
  }
}
