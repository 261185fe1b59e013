import Foundation
import Swiftlet
import SwiftletSafetensors

/// The folder of the checkpoints that were made for the tests.
enum Fixture {
  static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/checkpoints/\(name)").path
  }

  static func classifier(
    _ name: String, gemm: GEMMBackend = .native, threads: Int? = nil
  ) throws(SwiftletError) -> Classifier {
    try Classifier(directory: path(name), options: ModelOptions(gemm: gemm, threads: threads))
  }
}

/// A copy of a checkpoint to be damaged, removed afterwards.
final class TemporaryModel {
  let path: String

  init(copying fixture: String) throws {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-model-\(UUID().uuidString)").path
    try FileManager.default.copyItem(atPath: Fixture.path(fixture), toPath: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: file(name)))
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: file(name), encoding: .utf8)
  }

  /// Keeps the first `count` bytes.
  func truncate(_ name: String, to count: Int) throws {
    let data = try Data(contentsOf: URL(filePath: file(name)))
    try data.prefix(count).write(to: URL(filePath: file(name)))
  }

  func size(_ name: String) throws -> Int { try Data(contentsOf: URL(filePath: file(name))).count }

  /// Sets keys of a JSON file to values, which are JSON; nil removes a key.
  func change(_ file: String, _ values: [String: String?]) throws {
    let data = try Data(contentsOf: URL(filePath: self.file(file)))
    var object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    for key in values.keys { object[key] = nil }
    var members = try object.map { key, value in
      let json = try JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed)
      return "\"\(key)\": " + String(decoding: json, as: UTF8.self)
    }
    for (key, value) in values {
      if let value { members.append("\"\(key)\": \(value)") }
    }
    try write("{" + members.joined(separator: ", ") + "}", to: file)
  }

  /// Rewrites the weights after `change`; every tensor is float32.
  func changeTensors(_ change: (inout [Tensor]) -> Void) throws {
    var tensors: [Tensor] = []
    do {
      let source = try SafetensorsFile(path: file("model.safetensors"))
      tensors = try source.tensors.map {
        Tensor(name: $0.name, shape: $0.shape, values: try source.floats($0.name))
      }
    }
    change(&tensors)
    try SafetensorsWriter.write(
      tensors.map { .init(name: $0.name, shape: $0.shape, floats: $0.values) },
      to: file("model.safetensors"))
  }

  struct Tensor {
    var name: String
    var shape: [Int]
    var values: [Float]

    init(name: String, shape: [Int], values: [Float]? = nil) {
      self.name = name
      self.shape = shape
      self.values = values ?? Array(repeating: 0.5, count: shape.reduce(1, *))
    }
  }

  func classifier(loading: WeightLoading = .mapped) throws(SwiftletError) -> Classifier {
    try Classifier(directory: path, options: ModelOptions(gemm: .native, loading: loading))
  }
}

/// Texts of all kinds, from zero tokens to far more than a model takes.
enum Texts {
  static let mixed: [String] = {
    let words = ["good", "bad", "film", "plot", "not", "the", "boring!", "love", "x", "unseen"]
    let long = [3, 40, 150, 200, 600].map { count in
      (0..<count).map { words[($0 * $0 + count) % words.count] }.joined(separator: " ")
    }
    return [
      "", " ", "A good film.", "not good", "...!?", "東京 is 日本の cat", "I loved it 😀 👍🏽",
      "\tTabs\nand\u{A0}spaces\u{200B} \u{7}", "Café naïve RÉSUMÉ", "The [MASK] was [SEP] fine",
    ] + long
  }()

  /// `count` texts, which repeat.
  static func many(_ count: Int) -> [String] { (0..<count).map { mixed[$0 % mixed.count] } }
}

extension Classification {
  var logitBits: [UInt32] { logits.map(\.bitPattern) }
}
