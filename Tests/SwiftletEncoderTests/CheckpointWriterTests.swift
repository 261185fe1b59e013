import Foundation
import SwiftletSafetensors
import Testing

@testable import SwiftletCheckpoint
@testable import SwiftletEncoder

@Suite struct CheckpointWriterTests {
  /// A golden checkpoint as transformers' `save_pretrained` wrote it.
  static let saved = GoldenCheckpoint.folder.deletingLastPathComponent().appending(path: "saved")
  static let names =
    ((try? FileManager.default.contentsOfDirectory(atPath: saved.path)) ?? [])
    .filter { !$0.hasSuffix(".py") }.sorted()

  /// A new folder, which is removed with the object unless `scripts/test written` needs it.
  private final class Folder {
    let path: String
    private let isKept: Bool

    init(_ name: String) throws {
      let kept = ProcessInfo.processInfo.environment["SWIFTLET_WRITTEN"]
      isKept = kept != nil
      path =
        kept.map { $0 + "/" + name }
        ?? FileManager.default.temporaryDirectory
        .appending(path: "swiftlet-written-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { if !isKept { try? FileManager.default.removeItem(atPath: path) } }

    func data(_ name: String) throws -> Data {
      try Data(contentsOf: URL(filePath: path + "/" + name))
    }
  }

  private func source(_ name: String) -> String {
    GoldenCheckpoint.folder.appending(path: name).path
  }

  private func rewrite(
    _ name: String, to folder: Folder, shardBytes: Int = CheckpointWriter.shardBytes
  ) throws {
    let configuration = try ModelConfiguration(path: source(name) + "/config.json")
    try CheckpointWriter.rewrite(
      CheckpointReader(directory: source(name), loading: .mapped), configuration: configuration,
      to: folder.path, floats: .f32, shardBytes: shardBytes)
  }

  @Test func `the checkpoints that transformers saved are there`() {
    #expect(Self.names.count >= 10)
  }

  @Test(arguments: names.filter { !$0.contains("sharded") })
  func `weights are written byte for byte as save_pretrained writes them`(name: String) throws {
    let folder = try Folder(name)
    try rewrite(name, to: folder)
    let expected = try Data(
      contentsOf: Self.saved.appending(path: "\(name)/model.safetensors"))
    #expect(try folder.data("model.safetensors") == expected)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(files == ["config.json", "model.safetensors"])
  }

  @Test(arguments: names)
  func `config.json has the values that save_pretrained writes`(name: String) throws {
    let folder = try Folder(name + "-configuration")
    try rewrite(name, to: folder)
    let found = try object(try folder.data("config.json"))
    let expected = try object(
      try Data(contentsOf: Self.saved.appending(path: "\(name)/config.json")))
    #expect(found.count > 10)
    for (key, value) in found {
      #expect(value as? NSObject == expected[key] as? NSObject, "\(key)")
    }
    let before = try ModelConfiguration(path: source(name) + "/config.json")
    #expect(try ModelConfiguration(path: folder.path + "/config.json") == before)
    try? FileManager.default.removeItem(atPath: folder.path)
  }

  @Test(arguments: names.filter { $0.contains("sharded") })
  func `shards hold what save_pretrained's hold, none of them too large`(name: String) throws {
    let folder = try Folder(name)
    try rewrite(name, to: folder, shardBytes: 10_000)
    let found = try SafetensorsCheckpoint(directory: folder.path)
    let expected = try SafetensorsCheckpoint(directory: Self.saved.appending(path: name).path)
    #expect(found.files.count > 2)
    for file in found.files {
      #expect(
        file.tensors.count == 1 || file.tensors.reduce(0) { $0 + $1.byteCount } <= 10_000)
    }
    #expect(Set(found.tensors.map(\.name)) == Set(expected.tensors.map(\.name)))
    for tensor in expected.tensors {
      #expect(found.tensor(tensor.name)?.shape == tensor.shape)
      #expect(try found.floats(tensor.name) == expected.floats(tensor.name), "\(tensor.name)")
    }
    let index = "model.safetensors.index.json"
    let (ours, theirs) = try (
      object(try folder.data(index)),
      object(try Data(contentsOf: Self.saved.appending(path: "\(name)/\(index)")))
    )
    #expect(ours["metadata"] as? NSObject == theirs["metadata"] as? NSObject)
  }

  @Test func `numbers stay of their types unless float32 is wanted`() throws {
    let folder = try Folder("stored")
    let configuration = try ModelConfiguration(path: source("bert-sharded") + "/config.json")
    try CheckpointWriter.rewrite(
      CheckpointReader(directory: source("bert-sharded"), loading: .mapped),
      configuration: configuration, to: folder.path)
    let before = try SafetensorsCheckpoint(directory: source("bert-sharded"))
    let after = try SafetensorsCheckpoint(directory: folder.path)
    #expect(after.files.count == 1 && Set(after.tensors.map(\.dataType)).count == 4)
    for tensor in before.tensors {
      let bytes = try before.withBytes(of: tensor.name) { Array($0) }
      #expect(after.tensor(tensor.name)?.dataType == tensor.dataType)
      #expect(try after.withBytes(of: tensor.name) { Array($0) } == bytes)
    }
    #expect(try object(try folder.data("config.json"))["dtype"] == nil)
    try? FileManager.default.removeItem(atPath: folder.path)
  }

  @Test(arguments: [true, false], [true, false])
  func `a copy of tied weights is not written`(isCopy: Bool, isTied: Bool) throws {
    let model = try Folder("tied-\(isCopy)-\(isTied)")
    let folder = try Folder("written-\(isCopy)-\(isTied)")
    let file = try SafetensorsFile(path: source("bert") + "/model.safetensors")
    let words = "bert.embeddings.word_embeddings.weight"
    let info = try #require(file.tensor(words))
    var values = try file.floats(words)
    if !isCopy { values[7] += 1 }
    let tensors = try file.tensors.map { tensor in
      SafetensorsWriter.Tensor(
        name: tensor.name, shape: tensor.shape, floats: try file.floats(tensor.name))
    }
    try SafetensorsWriter.write(
      tensors + [.init(name: "cls.predictions.decoder.weight", shape: info.shape, floats: values)],
      to: model.path + "/model.safetensors")
    try FileManager.default.copyItem(
      atPath: source("bert") + "/config.json", toPath: model.path + "/config.json")
    var configuration = try ModelConfiguration(path: model.path + "/config.json")
    configuration.tiesWordEmbeddings = isTied
    try CheckpointWriter.rewrite(
      CheckpointReader(directory: model.path, loading: .mapped), configuration: configuration,
      to: folder.path)
    let written = try SafetensorsFile(path: folder.path + "/model.safetensors")
    #expect(written.tensors.count == file.tensors.count + (isCopy && isTied ? 0 : 1))
    for path in [model.path, folder.path] { try? FileManager.default.removeItem(atPath: path) }
  }

  @Test func `unknown keys are kept, second spellings of known keys are dropped`() throws {
    let original =
      #"{"hidden_size": 7, "extra": {"a": [1, "é\n"]}, "num_labels": 2, "n_layers": 1}"#
    let text = try Array(original.utf8).withUnsafeBufferPointer {
      try ConfigurationText.text(of: ModelConfiguration(), dataTypes: [.f16], keeping: $0)
    }
    let found = try object(Data(text))
    #expect((found["extra"] as? [String: Any])?["a"] as? [AnyHashable] == [1, "é\n"])
    #expect(found["n_layers"] as? Int == 6 && found["dim"] as? Int == 768)
    #expect(found["hidden_size"] == nil && found["num_labels"] == nil)
    #expect(found["dtype"] as? String == "float16")
  }

  @Test func `existing files are not overwritten, and a missing folder is an error`() throws {
    let folder = try Folder("again")
    try rewrite("bert", to: folder)
    let error = #expect(throws: CheckpointError.self) { try rewrite("bert", to: folder) }
    guard case .unwritable(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains(folder.path + "/config.json"))
    try? FileManager.default.removeItem(atPath: folder.path)
    #expect(throws: CheckpointError.self) { try rewrite("bert", to: folder) }
  }

  private func object(_ data: Data) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}
