import Foundation
import SwiftletCheckpoint
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem
import Testing

@testable import SwiftletEncoder

/// A file of `Tests/Fixtures/bfloat16`: what a checkpoint answers with products in bfloat16.
struct BFloat16Golden: CustomTestStringConvertible, Sendable {
  let name: String
  let answers: Answers

  enum Task: String, Decodable {
    case labels, tokens, questions, mask, embedding
  }

  struct Answers: Decodable, Sendable {
    let folder: String
    let task: Task
    let poolings: [Pooling]?
    let normalizes: Bool?
    let maskID: Int32?
    /// The distance of the same products with sums in another order.
    let sumError: Double
    /// The distance of the answers in float32.
    let float32Distance: Double
    let cases: [Case]
  }

  struct Case: Decodable, Sendable {
    let ids: [Int32]
    let typeIDs: [Int32]?
    /// The rows of the head's output.
    let outputs: [[Float]]

    var tokens: TokenSequence { TokenSequence(ids: ids, typeIDs: typeIDs) }
  }

  enum Pooling: String, Decodable {
    case cls, mean
  }

  var testDescription: String { name }

  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

  static let all: [BFloat16Golden] = {
    let folder = fixtures.appending(path: "bfloat16")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().compactMap { name in
      guard let data = try? Data(contentsOf: folder.appending(path: name)),
        let answers = try? JSONDecoder().decode(Answers.self, from: data)
      else { return nil }
      return BFloat16Golden(name: String(name.dropLast(5)), answers: answers)
    }
  }()

  var directory: String { Self.fixtures.appending(path: answers.folder).path }

  func configuration() throws -> ModelConfiguration {
    try ModelConfiguration(path: directory + "/config.json")
  }

  /// The bound on ‖found - expected‖ / ‖expected‖.
  ///
  /// Sums in another order differ by some 2⁻²⁴ of their size. One input of a product in about 2¹⁶ then
  /// rounds to the other neighbour, 2⁻⁸ of its size away, which changes a sum of D products of random sign
  /// by 2⁻⁸ / √D of its size. The bound allows two such inputs in every sum.
  func bound() throws -> Double {
    2 * 0x1p-8 / Double(try configuration().hiddenSize).squareRoot()
  }

  /// The rows that the heads of transformers return, each with its `width` numbers.
  func rows(_ values: [Float], width: Int) -> [[Float]] {
    stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
  }
}

/// A golden checkpoint with its head, run by a pool of threads.
struct BFloat16Model {
  /// The rows of the head's output for a batch.
  let outputs: (_ sequences: [TokenSequence]) throws -> [[Float]]

  init(_ golden: BFloat16Golden, _ kernels: Kernels, threads: Int) throws {
    let configuration = try golden.configuration()
    let checkpoint = try CheckpointReader(directory: golden.directory, loading: .mapped)
    let encoder = try Encoder(
      configuration: configuration, checkpoint: checkpoint, kernels: kernels)
    let pool = WorkerPool(threadCount: threads)

    func running(_ head: some EncoderHead) throws -> ([TokenSequence]) throws -> [[Float]] {
      let runner = try BatchRunner(encoder: encoder, head: head, pool: pool)
      return { sequences in
        var batch = PackedBatch()
        for sequence in sequences { batch.append(sequence) }
        return golden.rows(try runner.output(of: batch), width: head.outputWidth)
      }
    }

    switch golden.answers.task {
    case .labels:
      outputs = try running(
        SequenceClassificationHead(
          configuration: configuration, checkpoint: checkpoint, kernels: kernels))
    case .tokens, .questions:
      let head: ModelHead =
        golden.answers.task == .tokens ? .tokenClassification : .questionAnswering
      outputs = try running(
        TokenHead(head, configuration: configuration, checkpoint: checkpoint, kernels: kernels))
    case .mask:
      outputs = try running(
        MaskedLanguageHead(
          maskID: try #require(golden.answers.maskID), configuration: configuration,
          checkpoint: checkpoint, kernels: kernels))
    case .embedding:
      let poolings = try #require(golden.answers.poolings)
      outputs = try running(
        SentenceHead(
          poolings: poolings.map { $0 == .cls ? .cls : .mean }, dense: nil,
          normalizes: golden.answers.normalizes ?? false, configuration: configuration,
          kernels: kernels))
    }
  }
}
