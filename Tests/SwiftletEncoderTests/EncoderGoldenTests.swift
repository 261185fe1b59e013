import Foundation
import SwiftletKernels
import SwiftletSafetensors
import Testing

@testable import SwiftletEncoder

@Suite struct EncoderGoldenTests {
  @Test func `the golden checkpoints are there`() {
    #expect(GoldenCheckpoint.all.count >= 59)
  }

  @Test(.enabled(if: KernelChoice.hasBLAS, "no BLAS library: CBLAS is not compared"))
  func `CBLAS is compared too`() {
    #expect(KernelChoice.all.contains { $0.backend == .cblas })
  }

  @Test(arguments: GoldenCheckpoint.all, KernelChoice.inBothPrecisions)
  func `logits equal transformers', with any number of threads and in any batch`(
    golden: GoldenCheckpoint, choice: KernelChoice
  ) throws {
    guard golden.answers.labels != nil else { return }
    let sequences = golden.answers.ids + golden.answers.texts
    let expected = try sequences.map { try #require($0.logits) }
    let model = try LoadedModel(golden, choice)
    var first: [[Float]]?
    for threads in ModelPasses.threadCounts {
      let passes = ModelPasses(model, threads: threads)
      let alone = sequences.flatMap { passes.logits(of: [$0.ids]) }
      golden.check(alone, expected, choice, "\(threads) threads")
      for composition in Composition.allCases {
        let batched = composition.map(sequences.map(\.ids), passes.logits)
        #expect(choice.areEqual(batched, alone), "\(composition), \(threads) threads")
      }
      #expect(choice.areEqual(alone, first ?? alone), "\(threads) threads and one")
      first = first ?? alone
    }
  }

  @Test(arguments: GoldenCheckpoint.all, KernelChoice.inBothPrecisions)
  func `hidden rows equal transformers', with any number of threads and in any batch`(
    golden: GoldenCheckpoint, choice: KernelChoice
  ) throws {
    let sequences = (golden.answers.ids + golden.answers.texts).filter {
      $0.lastHiddenState != nil
    }
    guard !sequences.isEmpty else { return }
    let expected = try sequences.flatMap { try #require($0.lastHiddenState) }
    let model = try LoadedModel(golden, choice)
    var first: [[Float]]?
    for threads in ModelPasses.threadCounts {
      let passes = ModelPasses(model, threads: threads)
      let alone = sequences.flatMap { passes.hiddenRows(of: [$0.ids]) }
      golden.check(alone, expected, choice, "\(threads) threads")
      let together = passes.hiddenRows(of: sequences.map(\.ids))
      #expect(choice.areEqual(together, alone), "\(threads) threads")
      #expect(choice.areEqual(alone, first ?? alone), "\(threads) threads and one")
      first = first ?? alone
    }
  }

  @Test(arguments: KernelChoice.inBothPrecisions, ModelPasses.threadCounts)
  func `computing only first rows changes no bit of them`(
    choice: KernelChoice, threads: Int
  ) throws {
    for golden in GoldenCheckpoint.all {
      let passes = ModelPasses(try LoadedModel(golden, choice), threads: threads)
      let sequences = golden.answers.ids.prefix(5).map(\.ids)
      let all = passes.hiddenRows(of: sequences)
      var start = 0
      let expected = sequences.map { ids in
        defer { start += ids.count }
        return all[start]
      }
      let found = passes.hiddenRows(of: sequences, reading: .firstTokens)
      #expect(choice.areEqual(found, expected), "\(golden.name)")
    }
  }

  /// What the bound on int8 is worth: most of these are ten times beyond it.
  @Test(
    arguments: GoldenCheckpoint.all.filter { ["plain", "wide", "single-label"].contains($0.name) })
  func `the bound on int8 sees any layer without its weights`(golden: GoldenCheckpoint) throws {
    let sequences = golden.answers.ids + golden.answers.texts
    let expected = try sequences.map { try #require($0.logits) }
    let choice = try #require(KernelChoice.inBothPrecisions.last)
    let file = try SafetensorsFile(path: golden.directory + "/model.safetensors")
    let weights = file.tensors.map(\.name).filter {
      $0.contains("transformer.layer.") && $0.hasSuffix(".weight") && !$0.contains("norm")
    }
    #expect(weights.count.isMultiple(of: 6) && !weights.isEmpty)
    for name in weights {
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "swiftlet-without-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let tensors = try file.tensors.map { info in
        let bytes = try file.withBytes(of: info.name) { Array($0) }
        return SafetensorsWriter.Tensor(
          name: info.name, dataType: info.dataType, shape: info.shape,
          bytes: info.name == name ? [UInt8](repeating: 0, count: bytes.count) : bytes)
      }
      try SafetensorsWriter.write(tensors, to: folder + "/model.safetensors")
      let passes = ModelPasses(try LoadedModel(golden, choice, weights: folder), threads: 1)
      let found = sequences.flatMap { passes.logits(of: [$0.ids]) }
      #expect(relativeError(found, expected) > GoldenCheckpoint.int8Tolerance, "\(name)")
    }
  }
}
