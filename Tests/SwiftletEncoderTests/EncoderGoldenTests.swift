import Foundation
import SwiftletRuntime
import SwiftletSafetensors
import Testing

@testable import SwiftletEncoder

@Suite struct EncoderGoldenTests {
  @Test func `the golden checkpoints are there`() {
    #expect(GoldenCheckpoint.all.count >= 77)
  }

  @Test func `the cases cover every choice with every number of threads`() {
    let pairs = GoldenCases.pairs(GoldenCheckpoint.all)
    for golden in GoldenCheckpoint.all {
      let precisions = pairs.filter { $0.golden.name == golden.name }.map(\.choice.precision)
      #expect(
        Set(precisions) == Set(KernelChoice.inEveryPrecision.map(\.precision)), "\(golden.name)")
    }
    for choice in KernelChoice.inEveryPrecision {
      let counts = pairs.filter { $0.choice == choice }.flatMap {
        GoldenCases.threadCounts(for: $0.golden, choice)
      }
      #expect(Set(counts) == Set(ModelPasses.threadCounts), "\(choice.testDescription)")
    }
  }

  @Test(.enabled(if: KernelChoice.hasBLAS, "no BLAS library: CBLAS is not compared"))
  func `CBLAS is among the compared back ends`() {
    #expect(KernelChoice.all.contains { $0.backend == .cblas })
  }

  @Test(arguments: GoldenCases.pairs(GoldenCheckpoint.all))
  func `logits equal transformers', with any number of threads and in any batch`(
    golden: GoldenCheckpoint, choice: KernelChoice
  ) throws {
    guard golden.answers.labels != nil else { return }
    let sequences = golden.answers.all
    let expected = try sequences.map { try #require($0.logits) }
    let model = try LoadedModel(golden, choice)
    var first: [[Float]]?
    for threads in GoldenCases.threadCounts(for: golden, choice) {
      let passes = try ModelPasses(model, threads: threads)
      let alone = sequences.flatMap { passes.logits(of: [$0.tokens]) }
      golden.check(alone, expected, choice, "\(threads) threads")
      for composition in Composition.allCases {
        let batched = composition.map(sequences.map(\.tokens), passes.logits)
        #expect(choice.areEqual(batched, alone), "\(composition), \(threads) threads")
      }
      #expect(choice.areEqual(alone, first ?? alone), "\(threads) threads and one")
      first = first ?? alone
    }
  }

  @Test(arguments: GoldenCases.pairs(GoldenCheckpoint.all))
  func `hidden rows equal transformers', with any number of threads and in any batch`(
    golden: GoldenCheckpoint, choice: KernelChoice
  ) throws {
    let sequences = golden.answers.all.filter { $0.lastHiddenState != nil }
    guard !sequences.isEmpty else { return }
    let expected = try sequences.flatMap { try #require($0.lastHiddenState) }
    let model = try LoadedModel(golden, choice)
    var first: [[Float]]?
    for threads in GoldenCases.threadCounts(for: golden, choice) {
      let passes = try ModelPasses(model, threads: threads)
      let alone = sequences.flatMap { passes.hiddenRows(of: [$0.tokens]) }
      golden.check(alone, expected, choice, "\(threads) threads")
      let together = passes.hiddenRows(of: sequences.map(\.tokens))
      #expect(choice.areEqual(together, alone), "\(threads) threads")
      #expect(choice.areEqual(alone, first ?? alone), "\(threads) threads and one")
      first = first ?? alone
    }
  }

  @Test(
    arguments: GoldenCases.pairs(
      GoldenCheckpoint.all.filter { $0.answers.ids.contains { $0.pooled != nil } }))
  func `pooled rows equal transformers', with any number of threads and in any batch`(
    golden: GoldenCheckpoint, choice: KernelChoice
  ) throws {
    let sequences = golden.answers.all
    let expected = try sequences.map { try #require($0.pooled) }
    let model = try LoadedModel(golden, choice)
    for threads in GoldenCases.threadCounts(for: golden, choice) {
      let passes = try ModelPasses(model, threads: threads)
      let alone = sequences.flatMap { passes.pooledRows(of: [$0.tokens]) }
      golden.check(alone, expected, choice, "\(threads) threads")
      let together = passes.pooledRows(of: sequences.map(\.tokens))
      #expect(choice.areEqual(together, alone), "\(threads) threads")
    }
  }

  @Test func `the golden checkpoints have pooled rows and token types that matter`() throws {
    let all = GoldenCheckpoint.all
    #expect(all.contains { $0.answers.ids.contains { $0.pooled != nil } })
    let golden = try #require(all.first { $0.name == "bert" })
    let passes = try ModelPasses(
      try LoadedModel(golden, try #require(KernelChoice.all.first)), threads: 1)
    let ids = try #require(golden.answers.ids.last).ids
    let plain = passes.logits(of: [TokenSequence(ids: ids)])
    let ones = TokenSequence(ids: ids, typeIDs: ids.map { _ in 1 })
    #expect(greatestDifference(plain[0], passes.logits(of: [ones])[0]) > 0.01)
    let zeros = TokenSequence(ids: ids, typeIDs: ids.map { _ in 0 })
    #expect(passes.logits(of: [zeros]) == plain)
  }

  @Test(arguments: KernelChoice.inEveryPrecision, ModelPasses.threadCounts)
  func `computing only first rows changes no bit of them`(
    choice: KernelChoice, threads: Int
  ) throws {
    for (golden, other) in GoldenCases.pairs(GoldenCheckpoint.all)
    where other == choice && GoldenCases.threadCounts(for: golden, choice).contains(threads) {
      let passes = try ModelPasses(LoadedModel(golden, choice), threads: threads)
      let sequences = golden.answers.ids.prefix(6).map(\.tokens)
      let all = passes.hiddenRows(of: sequences)
      var start = 0
      let expected = sequences.map { tokens in
        defer { start += tokens.ids.count }
        return all[start]
      }
      let found = passes.hiddenRows(of: sequences, reading: .firstTokens)
      #expect(choice.areEqual(found, expected), "\(golden.name)")
    }
  }

  /// How sharp the bound on int8 is: most of these errors exceed it ten times.
  @Test(
    arguments: GoldenCheckpoint.all.filter {
      ["plain", "wide", "single-label", "bert"].contains($0.name)
    })
  func `the bound on int8 fails if any layer loses its weights`(golden: GoldenCheckpoint) throws {
    let sequences = golden.answers.ids + golden.answers.texts
    let expected = try sequences.map { try #require($0.logits) }
    let choice = try #require(KernelChoice.inEveryPrecision.last)
    let file = try SafetensorsFile(path: golden.directory + "/model.safetensors")
    let weights = file.tensors.map(\.name).filter {
      $0.contains(".layer.") && $0.hasSuffix(".weight") && !$0.lowercased().contains("norm")
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
      let passes = try ModelPasses(LoadedModel(golden, choice, weights: folder), threads: 1)
      let found = sequences.flatMap { passes.logits(of: [$0.tokens]) }
      #expect(relativeError(found, expected) > GoldenCheckpoint.int8Tolerance, "\(name)")
    }
  }
}
