import Foundation
import SwiftletSafetensors
import SwiftletSystem
import SwiftletTestSupport
import Testing

@Suite struct CheckpointTests {
  private static let index = "model.safetensors.index.json"
  private static let first = "model-00001-of-00002.safetensors"
  private static let second = "model-00002-of-00002.safetensors"

  /// A directory with two shards: `a` and `extra` in the first, `b` in the second.
  private func sharded(_ map: String? = nil) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try SafetensorsWriter.write(
      [
        .init(name: "a", shape: [2], floats: [1, 2]), .init(name: "extra", shape: [], floats: [0]),
      ],
      to: "\(directory.path)/\(Self.first)"
    )
    try SafetensorsWriter.write(
      [
        .init(name: "b", shape: [1], integers: [3]), .init(name: "a", shape: [1], floats: [9]),
      ],
      to: "\(directory.path)/\(Self.second)"
    )
    let map = map ?? #"{"a":"\#(Self.first)","b":"\#(Self.second)"}"#
    let text = #"{"metadata":{"total_size":16,"total_parameters":3},"weight_map":\#(map)}"#
    _ = try directory.write([UInt8](text.utf8), to: Self.index)
    return directory
  }

  private func failure(_ directory: String) -> SafetensorsError? {
    do throws(SafetensorsError) {
      _ = try SafetensorsCheckpoint(directory: directory)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a single file is a checkpoint and precedes any index`() throws {
    let directory = try sharded()
    try SafetensorsWriter.write(
      [
        .init(name: "only", shape: [1], floats: [5])
      ],
      to: directory.path + "/model.safetensors"
    )
    for path in [directory.path, directory.path + "/"] {
      let checkpoint = try SafetensorsCheckpoint(directory: path)
      #expect(checkpoint.tensors.map(\.name) == ["only"])
      #expect(try checkpoint.floats("only") == [5])
      #expect(checkpoint.files.map(\.path) == [directory.path + "/model.safetensors"])
    }
  }

  @Test(arguments: [
    SafetensorsFile.Loading.mapped, .read,
  ]
  )
  func `shards are one checkpoint, of the tensors that the index names`(
    loading: SafetensorsFile.Loading
  ) throws {
    let directory = try sharded()
    let checkpoint = try SafetensorsCheckpoint(directory: directory.path, loading: loading)
    #expect(checkpoint.files.count == 2)
    #expect(checkpoint.tensors.map(\.name) == ["a", "b"])
    #expect(try checkpoint.floats("a") == [1, 2])
    #expect(try checkpoint.integers("b") == [3])
    #expect(try checkpoint.withBytes(of: "b") { $0.count } == 8)
    #expect(checkpoint.tensor("extra") == nil)
    #expect(checkpoint.file(holding: "b")?.path == "\(directory.path)/\(Self.second)")
    let stored = try #require(checkpoint.stored("b"))
    #expect(stored.info.name == "b" && stored.path == "\(directory.path)/\(Self.second)")
    #expect(stored.memory.isMapped == (loading == .mapped))
    #expect(checkpoint.stored("extra") == nil)
    guard
      case .tensorNotFound(_, "c") = #expect(
        throws: SafetensorsError.self,
        performing: { try checkpoint.floats("c") }
      )
    else {
      Issue.record("c isn't there")
      return
    }
  }

  @Test func `all missing shards are named`() throws {
    let directory = try sharded(#"{"a":"\#(Self.first)","x":"y.safetensors","z":"w"}"#)
    #expect(
      failure(directory.path)
        == .missingShards(file: "\(directory.path)/\(Self.index)", shards: ["w", "y.safetensors"])
    )
  }

  @Test func `a tensor that isn't where the index says is named with its shard`() throws {
    let directory = try sharded(#"{"a":"\#(Self.first)","b":"\#(Self.first)"}"#)
    #expect(
      failure(directory.path)
        == .tensorNotInShard(
          file: "\(directory.path)/\(Self.index)",
          tensor: "b",
          shard: Self.first
        )
    )
  }

  @Test(arguments: [
    "../model.safetensors", "/etc/passwd", "..", ".", "", "a/b.safetensors", #"a\u0000b"#,
  ]
  )
  func `a shard outside of the directory is refused`(shard: String) throws {
    let directory = try sharded(#"{"a":"\#(shard)"}"#)
    guard case .invalidShardName(_, "a", _) = failure(directory.path) else {
      Issue.record("\(shard) was taken")
      return
    }
  }

  @Test(arguments: [
    "", "{}", "[]", "{", #"{"weight_map":[]}"#, #"{"weight_map":{"a":1}}"#,
    #"{"weight_map":{"a":"x","a":"y"}}"#, #"{"weight_map":{},"weight_map":{}}"#, "\u{FF}",
    #"{"weight_map":{}} x"#,
  ]
  )
  func `a malformed index is refused`(text: String) throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write([UInt8](text.utf8), to: Self.index)
    guard case .invalidIndex("\(directory.path)/\(Self.index)", _) = failure(directory.path) else {
      Issue.record("\(text) was taken")
      return
    }
  }

  @Test func `a broken shard or file is not reported as missing`() throws {
    let directory = try sharded()
    let path = try directory.write([1, 2], to: Self.second)
    #expect(failure(directory.path) == .headerTooSmall(file: path, byteCount: 2))
  }

  @Test(arguments: [
    "pytorch_model.bin", "pytorch_model.bin.index.json",
  ]
  )
  func `a pickle is refused with the way to convert it`(name: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([0x80, 2], to: name)
    #expect(failure(directory.path) == .pickleCheckpoint(file: path))
    let description = "\(SafetensorsError.pickleCheckpoint(file: path))"
    for word in ["PyTorch", "swiftlet convert", path] {
      #expect(description.contains(word))
    }
  }

  @Test(arguments: [
    ("tf_model.h5", ForeignFormat.tensorFlow, "load_tf2_model_in_pytorch_model"),
    ("tf_model.h5.index.json", .tensorFlow, "load_tf2_model_in_pytorch_model"),
    ("flax_model.msgpack", .flax, "load_flax_weights_in_pytorch_model"),
    ("model.onnx", .onnx, "swiftlet convert"), ("onnx/model.onnx", .onnx, "swiftlet convert"),
    ("openvino_model.bin", .openVINO, "exported from"),
  ]
  )
  func `weights of another library are refused with the way to convert them`(
    name: String, format: ForeignFormat, words: String
  ) throws {
    let directory = try TemporaryDirectory()
    if name.contains("/") {
      let folder = directory.path + "/" + name.split(separator: "/")[0]
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    }
    let path = try directory.write([1], to: name)
    let error = try #require(failure(directory.path))
    #expect(error == .foreignCheckpoint(file: path, format: format))
    for word in [words, format.rawValue, "safetensors", path] {
      #expect(error.description.contains(word))
    }
  }

  @Test func `safetensors precede other formats in the folder`() throws {
    let directory = try sharded()
    for name in ["pytorch_model.bin", "tf_model.h5", "model.onnx"] {
      _ = try directory.write([1], to: name)
    }
    #expect(failure(directory.path) == nil)
  }

  @Test func `pickles are named before other formats`() throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write([1], to: "tf_model.h5")
    let path = try directory.write([1], to: "pytorch_model.bin")
    #expect(failure(directory.path) == .pickleCheckpoint(file: path))
  }

  @Test func `the error on a directory without weights says what was looked for`() throws {
    let directory = try TemporaryDirectory()
    for path in [directory.path + "/", directory.path + "/none/"] {
      let error = try #require(failure(path))
      #expect(
        error
          == .noWeights(
            directory: path,
            lookedFor: [
              "model.safetensors", Self.index, "pytorch_model.bin", "pytorch_model.bin.index.json",
              "tf_model.h5", "flax_model.msgpack", "model.onnx", "openvino_model.bin",
            ]
          )
      )
      #expect(error.description.contains("model.safetensors.index.json"))
    }
  }
}
