import SwiftletSafetensors
import Testing

@testable import SwiftletCheckpoint

@Suite struct TensorSourceTests {
  /// Tensors in memory of the process, as an import of another format gives them.
  private struct Values: TensorSource {
    let tensors: [TensorInfo]
    let metadata: [String: String]
    let paths = ["weights"]
    private let memory: AllocatedTensorMemory

    init(_ names: [String], metadata: [String: String] = [:]) throws {
      self.metadata = metadata
      memory = try AllocatedTensorMemory(byteCount: 8 * names.count, purpose: "a test")
      memory.bytes.bindMemory(to: Float.self).initialize(repeating: 1.5)
      tensors = try names.enumerated().map {
        try #require(TensorInfo(name: $1, dataType: .f32, shape: [2], start: 8 * $0))
      }
    }

    func tensor(_ name: String) -> TensorInfo? {
      tensors.first { ExactName($0.name) == ExactName(name) }
    }

    func stored(_ name: String) -> StoredTensor? {
      tensor(name).map {
        let bytes = UnsafeRawBufferPointer(memory.bytes)[$0.dataOffsets]
        return StoredTensor(
          $0, bytes: UnsafeRawBufferPointer(rebasing: bytes), in: memory, path: "weights")
      }
    }

    func releaseMappedPages() {}
  }

  private static let names = ["embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias", "other"]

  @Test func `a reader finds the tensors of any source and remembers which it read`() throws {
    let reader = try CheckpointReader(tensors: Values(Self.names), directory: "model")
    let tensor = try reader.tensor(Self.names[0], shape: [2])
    var values: [Float] = [0, 0]
    tensor.readFloats(0..<2, into: &values)
    #expect(values == [1.5, 1.5])
    #expect(reader.unreadTensors == Array(Self.names.dropFirst()))
    #expect(throws: CheckpointError.missingTensors(path: "model", names: ["none"])) {
      try reader.tensor("none", shape: [2])
    }
    #expect(
      throws: CheckpointError.wrongShape(
        path: "model", tensor: "other", expected: [3], found: [2])
    ) { try reader.tensor("other", shape: [3]) }
  }

  @Test func `a file replaces tensors of a source`() throws {
    let base = try CheckpointReader(tensors: Values(Self.names), directory: "model")
    let file = try SafetensorsFile(
      bytes: SafetensorsWriter.serialize([.init(name: "other", shape: [1], floats: [7])]))
    let reader = try CheckpointReader(
      base, names: ["a": "other", "b": Self.names[0]], replacedBy: file)
    #expect(reader.checkpoint.tensors.map(\.name) == Self.names)
    var value: Float = 0
    try reader.tensor("a", shape: [1]).readFloats(0..<1, into: &value)
    #expect(value == 7)
    #expect(reader.shape(of: "b") == [2])
    #expect(reader.resolvedName("other") == nil, "names that are not listed do not exist")
  }

  @Test func `the metadata of any source says whether it is int8`() throws {
    for version in QuantizedFormat.Version.allCases {
      let values = try Values(
        ["a"], metadata: ["format": "swiftlet-int8", "format_version": version.rawValue])
      let reader = try CheckpointReader(tensors: values, directory: "model")
      #expect(reader.isQuantized && reader.quantization == version)
    }
    for found in [nil, "0", "3", "02", ""] {
      var metadata = ["format": "swiftlet-int8"]
      metadata["format_version"] = found
      let values = try Values(["a"], metadata: metadata)
      #expect(throws: CheckpointError.unknownFormat(path: "model", found: found ?? "none")) {
        _ = try CheckpointReader(tensors: values, directory: "model")
      }
    }
  }
}
