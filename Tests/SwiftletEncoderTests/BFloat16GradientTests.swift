import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import Testing

@testable import SwiftletEncoder

private let bfloat16Sets = Kernels.available.filter { Precision.bfloat16.isSupported(by: $0) }
  .map(\.name)

/// Gradients of a model that is trained with products in bfloat16.
@Suite(.enabled(if: !bfloat16Sets.isEmpty, "no AVX512_BF16: no gradient is computed in bfloat16"))
struct BFloat16GradientTests {
  /// Sums of float32 differ from those of float64 in the last bits. A number near the middle of two bfloat16
  /// is therefore rounded to the other one at times, by 2^-8 of itself; most gradients have none.
  @Test(arguments: bfloat16Sets)
  func `gradients equal those of torch with rounded operands`(instructionSet: String) throws {
    var errors: [Double] = []
    for golden in GoldenTraining.all {
      guard let expected = golden.bfloat16 else { continue }
      let found = try GradientGoldenTests.gradients(
        golden, golden.load(), instructionSet: instructionSet, precision: .bfloat16)
      let values = Dictionary(uniqueKeysWithValues: found.gradients.map { ($0.name, $0.values) })
      for tensor in expected.tensors {
        let name = golden.name(tensor.name)
        let exact = try expected.floats(tensor.name)
        let error = GradientGoldenTests.error(of: try #require(values[name]), exact)
        #expect(error <= 0x1p-8, "\(golden.testDescription) \(name)")
        errors.append(error)
      }
    }
    #expect(errors.count > 200)
    #expect(errors.sorted()[errors.count / 2] < 1e-6)
  }

  /// Rounding changes a number by 2^-9 of it at most, and a gradient has passed several roundings in each
  /// layer. With ReLU a unit near 0 may change sides, which changes its gradient as a whole.
  @Test(arguments: GoldenTraining.all.filter { !$0.hasReLU }, bfloat16Sets)
  func `gradients are near those of torch in float64`(
    golden: GoldenTraining, instructionSet: String
  ) throws {
    let loaded = try golden.load()
    let result = try GradientGoldenTests.gradients(
      golden, loaded, instructionSet: instructionSet, precision: .bfloat16)
    for (name, found) in result.gradients {
      guard let (stored, tensor) = loaded.tensor(name), tensor.norm > 0 else { continue }
      let exact = try loaded.gradients.floats(stored)
      #expect(GradientGoldenTests.error(of: found, exact) <= 8 * 0x1p-8, "\(name)")
    }
  }

  @Test(arguments: GoldenTraining.all)
  func `gradients have the same bits on any number of threads, in passes, and recomputed`(
    golden: GoldenTraining
  ) throws {
    let loaded = try golden.load()
    func gradients(
      threads: Int = 1, itemsInPass: Int = .max, recomputes: Bool = false
    ) throws -> GradientGoldenTests.Gradients {
      try GradientGoldenTests.gradients(
        golden, loaded, instructionSet: bfloat16Sets[0], threads: threads, itemsInPass: itemsInPass,
        recomputes: recomputes, precision: .bfloat16)
    }
    let one = try gradients()
    for threads in [2, 3] {
      #expect(try gradients(threads: threads) == one, "\(threads) threads")
    }
    #expect(try gradients(recomputes: true) == one, "recomputed")
    #expect(try gradients(threads: 2, itemsInPass: 1) == one, "one text in each pass")
    let float32 = try GradientGoldenTests.gradients(
      golden, loaded, instructionSet: bfloat16Sets[0])
    #expect(float32 != one, "products are rounded")
  }

  @Test func `a pass in float32 has the bits of a model that is trained in float32`() throws {
    let golden = try #require(GoldenTraining.all.first)
    let loaded = try golden.load()
    var batch = TrainingBatch(sequences: PackedBatch(), numbers: [])
    for (index, sequence) in loaded.contents.items.flatMap(\.sequences).enumerated() {
      batch.sequences.append(sequence)
      batch.numbers.append(index)
    }
    func outputs(_ trained: Precision, _ precision: Precision?) throws -> [UInt32] {
      let model = try #require(
        try golden.model(
          task: loaded.contents.task, instructionSet: bfloat16Sets[0], threads: 2,
          precision: trained) as? TrainableModel<SequenceClassificationHead>)
      let rows = try model.forward(batch, dropout: nil, key: 0, precision: precision)
      return (0..<rows.rows).flatMap { row in
        (0..<rows.columns).map { rows.row(row)[$0].bitPattern }
      }
    }
    let expected = try outputs(.float32, nil)
    #expect(try outputs(.bfloat16, .float32) == expected)
    #expect(try outputs(.bfloat16, nil) != expected)
  }
}

extension GradientGoldenTests {
  /// The norm of the difference, as a share of the exact norm.
  fileprivate static func error(of found: [Float], _ exact: [Float]) -> Double {
    norm(zip(found, exact).map { Double($0) - Double($1) }) / norm(exact.map(Double.init))
  }
}

extension GoldenTraining {
  /// The gradients of `Fixtures/training/bfloat16`; nil for a batch without any.
  fileprivate var bfloat16: SafetensorsFile? {
    try? SafetensorsFile(path: "\(directory)/../../bfloat16/\(folder).\(batch).safetensors")
  }

  /// The name of a parameter without the prefix of its file.
  fileprivate func name(_ stored: String) -> String {
    let prefix = ["bert.", "distilbert."].first { stored.hasPrefix($0) } ?? ""
    return String(stored.dropFirst(prefix.count))
  }

  /// Whether the head or the activation has a derivative that jumps.
  fileprivate var hasReLU: Bool {
    let pooled = ["classification", "multi-label", "regression", "choice", "wide"]
    return folder.hasPrefix("activation-")
      || pooled.contains { folder.hasPrefix("distilbert-" + $0) }
  }
}
