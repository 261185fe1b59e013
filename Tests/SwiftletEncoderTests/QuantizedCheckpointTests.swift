import Foundation
import SwiftletCheckpoint
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem
import Testing

@testable import SwiftletEncoder

/// The weights of a golden checkpoint, quantised into a folder that lives as long as this object.
private final class QuantizedCheckpoint {
  let path: String
  let configuration: ModelConfiguration

  init(_ golden: GoldenCheckpoint) throws {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-quantized-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    configuration = try ModelConfiguration(path: golden.directory + "/config.json")
    try CheckpointQuantizer.quantize(
      CheckpointReader(directory: golden.directory, loading: .mapped), configuration: configuration,
      to: file,
      pool: WorkerPool(threadCount: 2))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var file: String { path + "/model.safetensors" }

  func encoder(
    _ kernels: Kernels, loading: SafetensorsFile.Loading = .mapped, sharesWeights: Bool = false
  ) throws(CheckpointError) -> Encoder {
    try Encoder(
      configuration: configuration,
      checkpoint: try CheckpointReader(
        directory: path, loading: loading, sharesWeights: sharesWeights),
      kernels: kernels)
  }
}

@Suite struct QuantizedCheckpointTests {
  @Test(arguments: GoldenCheckpoint.all)
  func `a quantised checkpoint has the bits of quantising at load`(
    golden: GoldenCheckpoint
  ) throws {
    let quantized = try QuantizedCheckpoint(golden)
    let ids = try #require((golden.answers.ids + golden.answers.texts).map(\.ids).last)
    for name in Kernels.available.map(\.name) {
      let kernels = try Kernels(instructionSet: name, backend: .native, precision: .int8)
      let original = try Encoder(
        configuration: quantized.configuration,
        checkpoint: try CheckpointReader(directory: golden.directory, loading: .mapped),
        kernels: kernels)
      let expected = try hiddenRows(original, ids)
      for encoder in try [
        quantized.encoder(kernels), quantized.encoder(kernels, sharesWeights: true),
        quantized.encoder(kernels, loading: .read),
      ] {
        #expect(try hiddenRows(encoder, ids) == expected, "\(name)")
      }
    }
  }

  private func hiddenRows(_ encoder: Encoder, _ ids: [Int32]) throws -> [UInt32] {
    let workspace = try encoder.makeWorkspace(maxTokens: max(ids.count, 1))
    var batch = PackedBatch()
    batch.append(ids)
    var pass = ForwardPass(workspace, encoder.kernels, .alone())
    let rows = encoder.forward(batch.slice(), computing: .allTokens, &pass)
    return (0..<rows.rows).flatMap { row in
      (0..<rows.columns).map { rows.row(row)[$0].bitPattern }
    }
  }

  @Test(arguments: GoldenCheckpoint.all)
  func `weights begin on cache lines of the file, and other tensors on whole elements`(
    golden: GoldenCheckpoint
  ) throws {
    let quantized = try QuantizedCheckpoint(golden)
    let file = try SafetensorsFile(path: quantized.file)
    #expect(file.metadata["format"] == "swiftlet-int8")
    #expect(file.metadata["format_version"] == "2")
    let header = try Data(contentsOf: URL(filePath: quantized.file)).prefix(8)
    let start = 8 + header.enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    #expect(start % 64 == 0)
    var count = 0
    for tensor in file.tensors {
      let offset = start + tensor.dataOffsets.lowerBound
      let isLayer = tensor.name.contains(".layer.") && tensor.name.contains(".weight.")
      #expect(offset % (isLayer ? 64 : tensor.dataType.bitWidth / 8) == 0, "\(tensor.name)")
      if tensor.dataType == .i8 { count += 1 }
    }
    #expect(count == 4 * quantized.configuration.layerCount + 1)
  }

  @Test(arguments: GoldenCheckpoint.all)
  func `tensors that do not become int8 keep their bytes`(golden: GoldenCheckpoint) throws {
    let quantized = try QuantizedCheckpoint(golden)
    let original = try CheckpointReader(directory: golden.directory, loading: .mapped)
    let copy = try CheckpointReader(directory: quantized.path, loading: .mapped)
    let biases = QuantizedFormat.layers(quantized.configuration).map { copy.prefix + $0.bias }
    for tensor in original.checkpoint.tensors
    where tensor.dataType != .f64 && !biases.contains(CheckpointNames.unwrapped(tensor.name)) {
      guard let stored = copy.checkpoint.stored(CheckpointNames.unwrapped(tensor.name)) else {
        let isGone =
          tensor.name.contains(".layer.") || tensor.name.contains("word_embeddings")
          || tensor.name.contains("position_ids")
        #expect(isGone, "\(tensor.name)")
        continue
      }
      let source = try #require(original.checkpoint.stored(tensor.name))
      #expect(stored.info.dataType == tensor.dataType)
      #expect(Array(stored.bytes) == Array(source.bytes), "\(tensor.name)")
    }
  }

  @Test func `word embeddings that are not finite cannot be quantised`() throws {
    let golden = try #require(GoldenCheckpoint.all.first { $0.name == "single-label" })
    let folder = try QuantizedCheckpoint(golden)
    let model = folder.path + "/float"
    try FileManager.default.createDirectory(atPath: model, withIntermediateDirectories: false)
    let file = try SafetensorsFile(path: golden.directory + "/model.safetensors")
    let tensors = try file.tensors.map { info in
      var bytes = try file.withBytes(of: info.name) { Array($0) }
      if info.name.contains("word_embeddings") {
        let place = 4 * (3 * folder.configuration.hiddenSize + 1)
        bytes.replaceSubrange(place..<place + 4, with: [0, 0, 0x80, 0x7F])
      }
      return SafetensorsWriter.Tensor(
        name: info.name, dataType: info.dataType, shape: info.shape, bytes: bytes)
    }
    try SafetensorsWriter.write(tensors, to: model + "/model.safetensors")
    let before = try Data(contentsOf: URL(filePath: folder.file))
    let error = #expect(throws: CheckpointError.self) {
      try CheckpointQuantizer.quantize(
        CheckpointReader(directory: model, loading: .mapped),
        configuration: folder.configuration, to: folder.file, pool: WorkerPool(threadCount: 1))
    }
    #expect(error?.description.contains("row 3 of tensor") == true)
    #expect(try Data(contentsOf: URL(filePath: folder.file)) == before)
  }

  @Test func `the written file is the same for any number of threads`() throws {
    let golden = try #require(GoldenCheckpoint.all.first)
    let first = try QuantizedCheckpoint(golden)
    let before = try Data(contentsOf: URL(filePath: first.file))
    for threads in [1, 3] {
      try CheckpointQuantizer.quantize(
        CheckpointReader(directory: golden.directory, loading: .mapped),
        configuration: first.configuration, to: first.file,
        pool: WorkerPool(threadCount: threads))
      #expect(try Data(contentsOf: URL(filePath: first.file)) == before)
    }
  }

  @Test func `loading int8 as float32 and quantising it again are errors`() throws {
    let quantized = try QuantizedCheckpoint(try #require(GoldenCheckpoint.all.first))
    let expected = CheckpointError.alreadyQuantized(path: quantized.path)
    #expect(throws: expected) { _ = try quantized.encoder(try Kernels()) }
    #expect(throws: expected) {
      try CheckpointQuantizer.quantize(
        CheckpointReader(directory: quantized.path, loading: .mapped),
        configuration: quantized.configuration,
        to: quantized.path + "/again.safetensors", pool: WorkerPool(threadCount: 1))
    }
    #expect(expected.description.contains("the model that they were made from"))
  }

  /// A change to the tensors of a quantised checkpoint, and the error that it must cause.
  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let metadata: [String: String]?
    /// A part of a name, and the replacement of a tensor that has it; nil removes the tensor.
    let tensor: String
    let change: @Sendable (TensorInfo, [UInt8]) -> SafetensorsWriter.Tensor?
    let words: [String]
  }

  static let damages = [
    Damage(
      testDescription: "another version",
      metadata: ["format": "swiftlet-int8", "format_version": "3"], tensor: "-",
      change: { _, _ in nil }, words: ["version 3", "versions 1 and 2", "quantise the original"]),
    Damage(
      testDescription: "no version", metadata: ["format": "swiftlet-int8"], tensor: "-",
      change: { _, _ in nil }, words: ["version none"]),
    Damage(
      testDescription: "no weights", metadata: nil, tensor: "ffn.lin1.weight.int8",
      change: { _, _ in nil }, words: ["lacks", "transformer.layer.0.ffn.lin1.weight.int8"]),
    Damage(
      testDescription: "no scales", metadata: nil, tensor: "qkv_lin.weight.scale",
      change: { _, _ in nil }, words: ["lacks", "attention.qkv_lin.weight.scale"]),
    Damage(
      testDescription: "a panel too few", metadata: nil, tensor: "qkv_lin.weight.int8",
      change: { info, bytes in
        .init(
          name: info.name, dataType: .i8, shape: [info.shape[0] - 1] + info.shape.dropFirst(),
          bytes: Array(bytes.dropLast(info.byteCount / info.shape[0])))
      }, words: ["shape", "qkv_lin.weight.int8"]),
    Damage(
      testDescription: "weights of another type", metadata: nil, tensor: "out_lin.weight.int8",
      change: { info, bytes in
        .init(name: info.name, dataType: .u8, shape: info.shape, bytes: bytes)
      }, words: ["type U8", "I8", "out_lin.weight.int8"]),
    Damage(
      testDescription: "scales of another type", metadata: nil, tensor: "lin2.weight.scale",
      change: { info, bytes in
        .init(name: info.name, dataType: .i32, shape: info.shape, bytes: bytes)
      }, words: ["type I32", "F32", "lin2.weight.scale"]),
    Damage(
      testDescription: "a start too short", metadata: nil, tensor: "lin2.weight.start",
      change: { info, bytes in
        .init(name: info.name, dataType: .i32, shape: [1], bytes: Array(bytes.prefix(4)))
      }, words: ["shape [1]", "lin2.weight.start"]),
    Damage(
      testDescription: "a bias of truths", metadata: nil, tensor: "ffn.lin1.bias",
      change: { info, bytes in
        .init(
          name: info.name, dataType: .bool, shape: info.shape,
          bytes: Array(bytes.prefix(bytes.count / 4)))
      }, words: ["ffn.lin1.bias", "BOOL"]),
    Damage(
      testDescription: "no word embeddings", metadata: nil, tensor: "word_embeddings.weight.int8",
      change: { _, _ in nil }, words: ["lacks", "embeddings.word_embeddings.weight.int8"]),
    Damage(
      testDescription: "no scales of word embeddings", metadata: nil,
      tensor: "word_embeddings.weight.scale", change: { _, _ in nil },
      words: ["lacks", "embeddings.word_embeddings.weight.scale"]),
    Damage(
      testDescription: "a word too few", metadata: nil, tensor: "word_embeddings.weight.int8",
      change: { info, bytes in
        .init(
          name: info.name, dataType: .i8, shape: [info.shape[0] - 1, info.shape[1]],
          bytes: Array(bytes.dropLast(info.shape[1])))
      }, words: ["shape", "word_embeddings.weight.int8"]),
    Damage(
      testDescription: "word embeddings of another type", metadata: nil,
      tensor: "word_embeddings.weight.int8",
      change: { info, bytes in
        .init(name: info.name, dataType: .u8, shape: info.shape, bytes: bytes)
      }, words: ["type U8", "I8", "word_embeddings.weight.int8"]),
    Damage(
      testDescription: "a scale of word embeddings for all rows", metadata: nil,
      tensor: "word_embeddings.weight.scale",
      change: { info, bytes in
        .init(name: info.name, dataType: .f32, shape: [1], bytes: Array(bytes.prefix(4)))
      }, words: ["shape [1]", "word_embeddings.weight.scale"]),
    Damage(
      testDescription: "scales of word embeddings of another type", metadata: nil,
      tensor: "word_embeddings.weight.scale",
      change: { info, bytes in
        .init(name: info.name, dataType: .i32, shape: info.shape, bytes: bytes)
      }, words: ["type I32", "F32", "word_embeddings.weight.scale"]),
    scale([0, 0, 0xC0, 0x7F], "nan"), scale([0, 0, 0x80, 0x7F], "inf"),
    scale([0, 0, 0x80, 0xBF], "-1.0"),
  ]

  /// Another scale of row 4 of the word embeddings.
  private static func scale(_ bytes: [UInt8], _ text: String) -> Damage {
    Damage(
      testDescription: "the scale \(text)", metadata: nil, tensor: "word_embeddings.weight.scale",
      change: { info, old in
        .init(
          name: info.name, dataType: .f32, shape: info.shape,
          bytes: old[..<16] + bytes + old[20...])
      }, words: ["row 4", "is \(text)", "word_embeddings.weight.scale"])
  }

  @Test(arguments: damages, [SafetensorsFile.Loading.mapped, .read])
  func `a damaged quantised checkpoint is refused with the reason`(
    damage: Damage, loading: SafetensorsFile.Loading
  ) throws {
    let golden = try #require(GoldenCheckpoint.all.first { $0.name == "single-label" })
    let quantized = try QuantizedCheckpoint(golden)
    try rewrite(quantized.file, metadata: damage.metadata) { info, bytes in
      guard info.name.contains(damage.tensor) else {
        return .init(name: info.name, dataType: info.dataType, shape: info.shape, bytes: bytes)
      }
      return damage.change(info, bytes)
    }
    let kernels = try Kernels(backend: .native, precision: .int8)
    let error = #expect(throws: CheckpointError.self) {
      _ = try quantized.encoder(kernels, loading: loading)
    }
    for word in damage.words + [quantized.path] {
      #expect(error?.description.contains(word) == true, "\(word): \(String(describing: error))")
    }
  }

  /// Another writer may order tensors differently: they are copied if they do not begin on cache lines.
  @Test func `a quantised checkpoint in another order gives the same bits`() throws {
    let golden = try #require(GoldenCheckpoint.all.first { $0.name == "single-label" })
    let quantized = try QuantizedCheckpoint(golden)
    let kernels = try Kernels(backend: .native, precision: .int8)
    let ids = try #require(golden.answers.ids.first?.ids)
    let expected = try hiddenRows(quantized.encoder(kernels), ids)
    try rewrite(quantized.file, metadata: nil) { info, bytes in
      .init(name: info.name, dataType: info.dataType, shape: info.shape, bytes: bytes)
    }
    for sharesWeights in [false, true] {
      let encoder = try quantized.encoder(kernels, sharesWeights: sharesWeights)
      #expect(try hiddenRows(encoder, ids) == expected)
    }
  }

  @Test func `shared weights stay in the mapped file`() throws {
    let quantized = try QuantizedCheckpoint(try #require(GoldenCheckpoint.all.first))
    let kernels = try Kernels(backend: .native, precision: .int8)
    for sharesWeights in [false, true] {
      let encoder = try quantized.encoder(kernels, sharesWeights: sharesWeights)
      let layer = try #require(encoder.layers.first).attention.queryKeyValue
      let weights = try #require(layer.quantizedWeights).packed.pointer
      guard case .int8(let words) = encoder.embeddings.word else {
        Issue.record("word embeddings are not int8")
        continue
      }
      let inFile = try withExtendedLifetime(encoder) {
        (try isMapped(weights, quantized.file), try isMapped(words.values, quantized.file))
      }
      #expect(inFile == (sharesWeights, true), "a table always stays there")
    }
  }

  /// Whether memory is a mapping of a file, by the system's list: `from-to rights offset device inode
  /// path`.
  private func isMapped(_ pointer: UnsafeRawPointer, _ path: String) throws -> Bool {
    let address = UInt(bitPattern: pointer)
    let list = try FileContents(path: "/proc/self/maps", loading: .read)
    let mappings = withExtendedLifetime(list) { String(decoding: list.bytes, as: UTF8.self) }
    return mappings.split(separator: "\n").contains { line in
      let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
      return line.hasSuffix(path) && ends.count == 2 && (ends[0]..<ends[1]).contains(address)
    }
  }

  /// Rewrites a file in the reference's order.
  private func rewrite(
    _ path: String, metadata: [String: String]?,
    change: (TensorInfo, [UInt8]) -> SafetensorsWriter.Tensor?
  ) throws {
    let file = try SafetensorsFile(path: path)
    let tensors = try file.tensors.compactMap { info in
      change(info, try file.withBytes(of: info.name) { Array($0) })
    }
    try SafetensorsWriter.write(tensors, metadata: metadata ?? file.metadata, to: path)
  }
}
