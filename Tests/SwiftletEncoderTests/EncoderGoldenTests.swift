import SwiftletKernelCore
import SwiftletKernels
import SwiftletMemory
import SwiftletSafetensors
import Testing

@testable import SwiftletEncoder

/// Every instruction set and back end that this machine has.
struct KernelChoice: CustomTestStringConvertible, Sendable {
  let instructionSet: String
  let backend: GEMMBackend

  var testDescription: String { "\(instructionSet) \(backend.rawValue)" }

  func kernels() throws -> Kernels {
    try Kernels(instructionSet: instructionSet, backend: backend)
  }

  static let hasBLAS = (try? BLAS.shared.get()) != nil

  static let all: [KernelChoice] = Kernels.available.map(\.name).flatMap { name in
    (hasBLAS ? [GEMMBackend.native, .cblas] : [.native]).map {
      KernelChoice(instructionSet: name, backend: $0)
    }
  }
}

/// A golden checkpoint, loaded.
final class LoadedModel {
  let encoder: Encoder
  let head: SequenceClassificationHead?
  let workspace: Workspace

  init(_ golden: GoldenCheckpoint, _ choice: KernelChoice, maximumTokens: Int = 1600) throws {
    let kernels = try choice.kernels()
    let configuration = try ModelConfiguration(path: golden.directory + "/config.json")
    let checkpoint = try CheckpointReader(directory: golden.directory, loading: .mapped)
    var head: SequenceClassificationHead?
    if golden.answers.labels != nil {
      head = try SequenceClassificationHead(
        configuration: configuration, checkpoint: checkpoint, kernels: kernels)
    }
    self.head = head
    encoder = try Encoder(
      configuration: configuration, checkpoint: checkpoint, kernels: kernels)
    workspace = encoder.makeWorkspace(maximumTokens: maximumTokens)
    #expect(checkpoint.unreadTensors.isEmpty)
  }

  /// The logits of each sequence of one batch.
  func logits(of sequences: [[Int32]]) throws -> [[Float]] {
    let head = try #require(head)
    var batch = PackedBatch()
    for ids in sequences { batch.append(ids) }
    var member = TeamMember.alone()
    let rows = encoder.forward(batch.slice(), reading: .firstTokens, workspace, &member)
    let logits = AlignedBuffer<Float>(count: sequences.count * head.labelCount)
    head.forward(rows, into: logits.pointer, workspace, encoder.kernels, &member)
    return sequences.indices.map { index in
      (0..<head.labelCount).map { logits[index * head.labelCount + $0] }
    }
  }

  /// The last hidden rows of one sequence, every row computed.
  func hiddenRows(of ids: [Int32]) -> [[Float]] {
    var batch = PackedBatch()
    batch.append(ids)
    var member = TeamMember.alone()
    let rows = encoder.forward(batch.slice(), reading: .allTokens, workspace, &member)
    return (0..<rows.rows).map { row in (0..<rows.columns).map { rows.row(row)[$0] } }
  }
}

@Suite struct EncoderGoldenTests {
  @Test func `the golden checkpoints are there`() {
    #expect(GoldenCheckpoint.all.count >= 59)
  }

  @Test(.enabled(if: KernelChoice.hasBLAS, "no BLAS library: CBLAS is not compared"))
  func `CBLAS is compared too`() {
    #expect(KernelChoice.all.contains { $0.backend == .cblas })
  }

  @Test(arguments: GoldenCheckpoint.all, KernelChoice.all)
  func `logits equal transformers', alone and in one batch`(
    golden: GoldenCheckpoint, choice: KernelChoice
  ) throws {
    guard golden.answers.labels != nil else { return }
    let model = try LoadedModel(golden, choice)
    let sequences = golden.answers.ids + golden.answers.texts
    var packed: [[Int32]] = []
    var expected: [[Float]] = []
    for sequence in sequences {
      let logits = try #require(sequence.logits)
      let alone = try model.logits(of: [sequence.ids])[0]
      #expect(
        greatestDifference(alone, logits) <= golden.tolerance,
        "\(sequence.ids.count) tokens: \(alone), transformers has \(logits)")
      guard packed.reduce(0, { $0 + $1.count }) + sequence.ids.count <= 1600 else { continue }
      packed.append(sequence.ids)
      expected.append(alone)
    }
    let together = try model.logits(of: packed)
    for (batched, alone) in zip(together, expected) {
      if choice.backend == .native {
        #expect(batched == alone)
      } else {
        #expect(greatestDifference(batched, alone) <= 1e-5)
      }
    }
  }

  @Test(arguments: GoldenCheckpoint.all, KernelChoice.all)
  func `hidden rows equal transformers'`(
    golden: GoldenCheckpoint, choice: KernelChoice
  ) throws {
    let sequences = (golden.answers.ids + golden.answers.texts).filter {
      $0.lastHiddenState != nil
    }
    guard !sequences.isEmpty else { return }
    let model = try LoadedModel(golden, choice)
    for sequence in sequences {
      let expected = try #require(sequence.lastHiddenState)
      let rows = model.hiddenRows(of: sequence.ids)
      #expect(rows.count == expected.count)
      for (row, expectedRow) in zip(rows, expected) {
        #expect(greatestDifference(row, expectedRow) <= golden.tolerance)
      }
    }
  }

  @Test(arguments: KernelChoice.all)
  func `computing only first rows changes no bit of them`(choice: KernelChoice) throws {
    for golden in GoldenCheckpoint.all {
      let model = try LoadedModel(golden, choice)
      var batch = PackedBatch()
      for sequence in golden.answers.ids.prefix(5) { batch.append(sequence.ids) }
      var member = TeamMember.alone()
      let all = model.encoder.forward(
        batch.slice(), reading: .allTokens, model.workspace, &member)
      let expected = (0..<batch.sequenceCount).map { sequence in
        (0..<all.columns).map { all.row(batch.starts[sequence])[$0] }
      }
      let first = model.encoder.forward(
        batch.slice(), reading: .firstTokens, model.workspace, &member)
      for (sequence, row) in expected.enumerated() {
        let found = (0..<first.columns).map { first.row(sequence)[$0] }
        if choice.backend == .native {
          #expect(found == row, "\(golden.name)")
        } else {
          #expect(greatestDifference(found, row) <= golden.tolerance, "\(golden.name)")
        }
      }
    }
  }
}

func greatestDifference(_ left: [Float], _ right: [Float]) -> Float {
  guard left.count == right.count else { return .infinity }
  return zip(left, right).map { ($0 - $1).magnitude }.reduce(0) {
    $1.isNaN ? .infinity : max($0, $1)
  }
}
