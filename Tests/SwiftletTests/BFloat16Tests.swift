import Foundation
import Swiftlet
import Testing

/// Holds on machines with and without AVX512_BF16.
@Suite struct BFloat16Tests {
  private static let isSupported = Precision.bfloat16.isSupported
  private static let missing: Comment = "no AVX512_BF16: bfloat16 is not computed"

  @Test func `every machine has float32 and int8`() {
    #expect(Precision.float32.isSupported && Precision.int8.isSupported)
  }

  @Test(.enabled(if: !isSupported, "this machine has AVX512_BF16"))
  func `without the instruction the error says what is needed and what to use`() {
    let error = #expect(throws: SwiftletError.self) { _ = try Int8Tests.sentiment(.bfloat16) }
    guard case .engine(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    for words in ["AVX512_BF16", "Zen 4", "SWIFTLET_ISA", "float32", "int8"] {
      #expect(reason.contains(words))
    }
  }

  @Test(.enabled(if: isSupported, missing))
  func `logits are near float32's, and others`() throws {
    let texts = try PipelineGolden.sentiment().sentences.map(\.text)
    let exact = try Int8Tests.sentiment(.float32).classify(texts)
    let narrow = try Int8Tests.sentiment(.bfloat16).classify(texts)
    for (left, right) in zip(exact, narrow) {
      for (left, right) in zip(left.logits, right.logits) { #expect(abs(left - right) < 0.1) }
    }
    #expect(exact.map(\.logits) != narrow.map(\.logits))
  }

  @Test(.enabled(if: isSupported, missing), arguments: [1, 2, 7])
  func `answers are the same bits alone and in any batch`(threads: Int) throws {
    let texts = try PipelineGolden.sentiment().sentences.map(\.text)
    let classifier = try Int8Tests.sentiment(.bfloat16, threads: threads)
    for (text, answer) in zip(texts, try classifier.classify(texts)) {
      #expect(try classifier.classify(text) == answer)
    }
  }

  @Test(.enabled(if: SST2.isPresent, SST2.missing), .enabled(if: isSupported, missing))
  func `SST-2 dev has float32's labels except for two at most`() throws {
    let rows = try SST2.rows()
    let exact = try Int8Tests.sentiment(.float32).classify(rows.map(\.text)).map(\.label)
    let narrow = try Int8Tests.sentiment(.bfloat16).classify(rows.map(\.text)).map(\.label)
    let differing = zip(exact, narrow).count { $0 != $1 }
    #expect(differing <= 2, "\(differing) of 872 labels differ")
  }

  private static let hasBLAS = (try? Fixture.classifier("plain", gemm: .cblas)) != nil

  @Test(.enabled(if: hasBLAS, "no BLAS library"), .enabled(if: isSupported, missing))
  func `native kernels compute products of bfloat16 under CBLAS too`() throws {
    try expectNativeProductsUnderCBLAS(.bfloat16)
  }

  @Test(.enabled(if: hasBLAS, "no BLAS library"))
  func `native kernels compute products of int8 under CBLAS too`() throws {
    try expectNativeProductsUnderCBLAS(.int8)
  }

  /// Without a head, whose layers are float32.
  private func expectNativeProductsUnderCBLAS(_ precision: Precision) throws {
    let vectors = try [GEMMBackend.cblas, .native].map { gemm in
      try Embedder(
        directory: HeadGolden.path("embed-mean"),
        options: ModelOptions(gemm: gemm, precision: precision)
      ).embed("A good film").vector
    }
    #expect(vectors[0] == vectors[1])
  }

  @Test func `a checkpoint of bfloat16 loads in float32 by default`() throws {
    let classifier = try Fixture.classifier("bfloat16")
    #expect(classifier.rowEngine.precision == .float32)
    let options = ModelOptions(gemm: .native, precision: .float32)
    let same = try Classifier(directory: Fixture.path("bfloat16"), options: options)
    #expect(try classifier.classify("fine").logits == same.classify("fine").logits)
  }

  @Test(.enabled(if: isSupported, missing))
  func `int8 weights do not become bfloat16`() throws {
    let output = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: output) }
    try ModelQuantizer.quantize(directory: Fixture.path("single-label"), into: output)
    let error = #expect(throws: SwiftletError.self) {
      _ = try Classifier(directory: output, options: ModelOptions(precision: .bfloat16))
    }
    #expect("\(try #require(error))".contains("stored as int8 and can't become floats again"))
  }
}
