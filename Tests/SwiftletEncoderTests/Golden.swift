import Foundation
import Testing

@testable import SwiftletEncoder

/// A folder of `Tests/Fixtures/checkpoints`: a small checkpoint and transformers' answers.
struct GoldenCheckpoint: CustomTestStringConvertible, Sendable {
  let name: String
  let directory: String
  let answers: Answers

  struct Answers: Decodable, Sendable {
    let maxLength: Int
    let labels: [String]?
    let float32Error: Float
    let ids: [Sequence]
    let texts: [Sequence]
    let pairs: [Sequence]?

    var all: [Sequence] { ids + texts + (pairs ?? []) }
  }

  struct Sequence: Decodable, Sendable {
    let ids: [Int32]
    let typeIDs: [Int32]?
    let logits: [Float]?
    let lastHiddenState: [[Float]]?
    let pooled: [Float]?

    var tokens: TokenSequence { TokenSequence(ids: ids, typeIDs: typeIDs) }
  }

  var testDescription: String { name }

  /// The tolerance of golden values: the error of float32 itself on this checkpoint, as the golden
  /// file measured it, and at most the promised 1e-4.
  var tolerance: Float { min(1e-4, max(2e-5, 8 * answers.float32Error)) }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/checkpoints")

  static let all: [GoldenCheckpoint] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().compactMap { name in
      let directory = folder.appending(path: name)
      guard let data = try? Data(contentsOf: directory.appending(path: "golden.json")),
        let answers = try? JSONDecoder().decode(Answers.self, from: data)
      else { return nil }
      return GoldenCheckpoint(name: name, directory: directory.path, answers: answers)
    }
  }()
}
