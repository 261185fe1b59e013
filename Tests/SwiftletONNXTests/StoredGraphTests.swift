import SwiftletSafetensors
import Testing

@testable import SwiftletONNX

/// Graphs made by hand: what the parser reads and what it refuses.
@Suite struct StoredGraphTests {
  private typealias Message = ProtobufMessage

  private func message(_ build: (inout ProtobufMessage) -> Void) -> ProtobufMessage {
    var message = ProtobufMessage()
    build(&message)
    return message
  }

  /// A model whose graph has an output `y` and what `build` adds.
  private func model(_ build: (inout ProtobufMessage) -> Void) -> [UInt8] {
    let graph = message { graph in
      build(&graph)
      graph.add(12, message { $0.add(1, "y") })
    }
    return message { model in
      model.add(7, graph)
      model.add(8, message { $0.add(2, 14) })
    }.bytes
  }

  private func node(_ type: String, _ inputs: [String], _ outputs: [String]) -> ProtobufMessage {
    message { node in
      for input in inputs { node.add(1, input) }
      for output in outputs { node.add(2, output) }
      node.add(4, type)
    }
  }

  private func graph(_ bytes: [UInt8]) throws -> StoredGraph {
    let folder = try TemporaryFolder()
    return try StoredGraph(path: try folder.write(bytes, to: "model.onnx"))
  }

  private func reason(_ bytes: [UInt8]) -> String {
    do {
      _ = try graph(bytes)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  // MARK: Tensors

  /// The elements of a tensor of four numbers, or the error.
  private func elements(_ type: Int, _ shape: [Int], _ build: (inout ProtobufMessage) -> Void)
    throws -> [UInt8]
  {
    let tensor = message { tensor in
      for size in shape { tensor.add(1, size) }
      tensor.add(2, type)
      tensor.add(8, "w")
      build(&tensor)
    }
    let graph = try graph(model { $0.add(5, tensor) })
    let constant = try #require(graph.constants.first)
    let (bytes, memory) = try graph.bytes(of: constant)
    return withExtendedLifetime(memory) { Array(bytes) }
  }

  @Test func `tensors are read in every form that ONNX has`() throws {
    let floats: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]
    #expect(try elements(1, [2]) { $0.add(9, bytes: floats) } == floats)
    #expect(try elements(1, [2]) { $0.add(4, bytes: floats) } == floats)
    #expect(
      try elements(1, [2]) {
        $0.add(4, 1 as Float)
        $0.add(4, 2 as Float)
      } == floats)
    // Numbers of 8 and 16 bits are varints.
    #expect(try elements(3, [2]) { $0.add(5, bytes: [0x7F, 0x05]) } == [0x7F, 0x05])
    #expect(
      try elements(3, [2]) {
        $0.add(5, -1)
        $0.add(5, 5)
      } == [0xFF, 0x05])
    #expect(try elements(10, [1]) { $0.add(5, bytes: [0x80, 0x78]) } == [0x00, 0x3C])
    #expect(try elements(7, [1]) { $0.add(7, -2) } == [0xFE] + [UInt8](repeating: 0xFF, count: 7))
    #expect(try elements(1, [0]) { _ in } == [])
  }

  @Test func `a tensor whose elements do not fit its shape is an error`() {
    #expect(throws: ONNXImportError.self) {
      try elements(1, [3]) { $0.add(9, bytes: [0, 0, 0, 0]) }
    }
    #expect(throws: ONNXImportError.self) { try elements(1, [3]) { $0.add(4, 1 as Float) } }
    #expect(throws: ONNXImportError.self) { try elements(1, [1]) { $0.add(4, bytes: [1, 2, 3]) } }
    #expect(throws: ONNXImportError.self) { try elements(1, [-1]) { _ in } }
    // Memory is not reserved for elements that the file can't have.
    #expect(throws: ONNXImportError.self) { try elements(1, [1 << 40]) { $0.add(4, 1 as Float) } }
    #expect(throws: ONNXImportError.self) {
      try elements(1, [1 << 40, 1 << 40]) { $0.add(4, 1 as Float) }
    }
    #expect(throws: ONNXImportError.self) {
      try elements(1, [Int](repeating: 1, count: 17)) { _ in }
    }
  }

  // MARK: Graphs

  @Test func `values link nodes to constants and inputs`() throws {
    let graph = try graph(
      model { graph in
        graph.add(1, node("Identity", ["x"], ["h"]))
        graph.add(1, node("Clip", ["h", "", "w"], ["y"]))
        graph.add(
          5,
          message {
            $0.add(2, 1); $0.add(8, "w"); $0.add(9, bytes: [0, 0, 0x80, 0x3F])
          })
        graph.add(11, message { $0.add(1, "x") })
        graph.add(11, message { $0.add(1, "w") })
      })
    #expect(graph.inputs.map(\.name) == ["x"])
    let last = try #require(graph.producer(graph.outputs[0].value))
    #expect(last.operation == "Clip" && last.input(1) == nil)
    #expect(last.input(2).flatMap { graph.scalar($0) } == 1)
    #expect(last.input(0).flatMap { graph.producer($0) }?.operation == "Identity")
  }

  @Test func `operators of other domains have the domain in front`() throws {
    var custom = node("MatMul", ["x", "x"], ["y"])
    custom.add(7, "my.domain")
    var standard = node("MatMul", ["x", "x"], ["z"])
    standard.add(7, "ai.onnx")
    let graph = try graph(
      model { graph in
        graph.add(1, custom)
        graph.add(1, standard)
      })
    #expect(graph.nodes.map(\.operation) == ["my.domain.MatMul", "MatMul"])
  }

  @Test func `a graph that is not valid is an error that says why`() {
    let again = node("Identity", ["x"], ["y"])
    #expect(
      reason(
        model {
          $0.add(1, again); $0.add(1, again)
        }
      ).contains("defines \"y\" again"))
    #expect(
      reason(model { $0.add(1, node("Identity", ["y"], ["y"])) })
        .contains("reads \"y\", which a later node computes"))
    #expect(
      reason(
        model { graph in
          graph.add(1, node("Identity", ["b"], ["y"]))
          graph.add(1, node("Identity", ["x"], ["b"]))
        }
      ).contains("reads \"b\", which a later node computes"))
    #expect(reason([]).contains("has no graph"))
    #expect(
      reason(Array(model { _ in }.dropLast(4))).contains("has no operator set"))
    #expect(reason(message { $0.add(7, message { _ in }) }.bytes).contains("without outputs"))
    #expect(reason(model { $0.add(15, message { _ in }) }).contains("is a sparse tensor"))
    let function = message { model in
      model.add(25, message { $0.add(1, "f") })
    }
    #expect(reason(function.bytes).contains("inline_local_functions"))
    #expect(reason(Array("PK".utf8)).contains("is not a valid ONNX file"))
  }

  @Test func `a file with more nodes than any model is an error`() {
    let bytes = model { graph in
      for index in 0..<100_000 { graph.add(1, node("A", ["\(index)"], ["n\(index)"])) }
    }
    #expect(reason(bytes).contains("exceeds the limit of 262144"))
  }
}
