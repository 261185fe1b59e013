import Foundation
import Swiftlet
import SwiftletEncoder
import Testing

@testable import SwiftletTraining

/// Trainings with products in bfloat16.
@Suite struct PrecisionTests {
  static let isMissing = Comment("no AVX512_BF16: nothing is trained in bfloat16")
  static var isSupported: Bool { Swiftlet.Precision.bfloat16.isSupported }

  private static func run(
    _ request: TrainingRequest, _ folder: OutputFolder, _ name: String,
    _ change: (inout TrainingRequest) -> Void = { _ in }
  ) throws -> Data {
    var request = request
    request.options.precision = .bfloat16
    request.output = folder.file(name)
    change(&request)
    _ = try TrainingSession(request).run()
    return try folder.data("\(name)/model.safetensors")
  }

  @Test(.enabled(if: isSupported, isMissing), arguments: SessionCase.all)
  func `The weights do not depend on threads, memory or an interruption`(item: SessionCase) throws {
    let folder = try OutputFolder()
    let request = try item.request(folder)
    let expected = try Self.run(request, folder, "one") { $0.options.threads = 1 }
    #expect(try Self.run(request, folder, "three") { $0.options.threads = 3 } == expected)
    let small = try Self.run(request, folder, "small") { $0.options.maxMemory = 64 << 20 }
    #expect(small == expected)
    let float32 = try Self.run(request, folder, "float32") { $0.options.precision = .float32 }
    #expect(float32 != expected)
    var stopped = request
    stopped.options.precision = .bfloat16
    stopped.output = folder.file("stopped")
    let cancellation = Cancellation()
    let outcome = try TrainingSession(stopped).run(unless: cancellation) { event in
      if case .step(let report) = event, report.step == 3 { cancellation.cancel() }
    }
    #expect(outcome.summary.reason == .cancelled)
    let resumed = try Self.run(request, folder, "stopped") { $0.resumes = true }
    #expect(resumed == expected)
    try item.use(folder.file("stopped"))
  }

  static let methods: [TrainingOptions.Method] = [
    .head, .lastLayers(1), .lora(rank: 3, alpha: 6, targets: []), .probe, .setfit,
  ]

  @Test(.enabled(if: isSupported, isMissing), arguments: ["bare", "bert-bare"], methods)
  func `Every method computes in the precision, with the same bits on any number of threads`(
    base: String, method: TrainingOptions.Method
  ) throws {
    let folder = try OutputFolder()
    var small = SmallTraining("checkpoints/" + base, method)
    if method == .probe { small.steps = nil }
    let request = small.request(nil)
    let expected = try Self.run(request, folder, "one") { $0.options.threads = 1 }
    #expect(try Self.run(request, folder, "three") { $0.options.threads = 3 } == expected)
    let float32 = try Self.run(request, folder, "float32") { $0.options.precision = .float32 }
    #expect(float32 != expected)
  }

  @Test(.enabled(if: isSupported, isMissing))
  func `Frozen weights keep their bits`() throws {
    let folder = try OutputFolder()
    let request = try SessionCase.all[0].request(folder)
    _ = try Self.run(request, folder, "model") { $0.options.freezing = .layers(1) }
    let base = try TensorValues(TrainingFixtures.path("checkpoints/bert"))
    let trained = try TensorValues(folder.file("model"))
    for (name, values) in trained.values where !name.hasPrefix("classifier.") {
      if name.hasSuffix("key.bias") { continue }
      let isFrozen = name.contains("embeddings.") || name.contains("layer.0.")
      #expect((base.values[name] == values) == isFrozen, "\(name)")
    }
  }

  @Test(.enabled(if: isSupported, isMissing))
  func `Losses stay near those of float32`() throws {
    let folder = try OutputFolder()
    var request = try SessionCase.all[0].request(folder)
    request.options.epochs = 6
    func losses(_ precision: Swiftlet.Precision) throws -> [Double] {
      var losses: [Double] = []
      request.options.precision = precision
      request.output = nil
      _ = try TrainingSession(request).run { event in
        if case .step(let report) = event, let loss = report.stepLoss { losses.append(loss) }
      }
      return losses
    }
    let (exact, rounded) = (try losses(.float32), try losses(.bfloat16))
    #expect(exact.count == 36 && exact.count == rounded.count)
    for (first, second) in zip(exact, rounded) { #expect(abs(first - second) < 0x1p-7) }
    #expect((exact.last ?? 1) < (exact.first ?? 0) - 0.05)
  }

  @Test(.enabled(if: isSupported, isMissing), arguments: [0, 0.5])
  func `Teacher and student of a distillation compute in the precision`(
    hiddenWeight: Double
  ) throws {
    let folder = try OutputFolder()
    func weights(
      _ name: String, _ precision: Swiftlet.Precision, threads: Int
    ) throws -> Data {
      var request = DistillationSample.request(
        DistillationSample.bert, .layers(1), output: folder.file(name))
      request.distillation.hiddenWeight = hiddenWeight
      request.training.options.precision = precision
      request.training.options.threads = threads
      let session = try DistillationSession(request)
      try session.prepare()
      #expect(try session.run().summary.reason == .completed)
      return try folder.data(name + "/model.safetensors")
    }
    let expected = try weights("one", .bfloat16, threads: 1)
    #expect(try weights("three", .bfloat16, threads: 3) == expected)
    #expect(try weights("float32", .float32, threads: 2) != expected)
  }

  @Test(.enabled(if: isSupported, isMissing))
  func `A training is not resumed in another precision`() throws {
    let folder = try OutputFolder()
    var request = try SessionCase.all[0].request(folder)
    let cancellation = Cancellation()
    _ = try TrainingSession(request).run(unless: cancellation) { event in
      if case .step = event { cancellation.cancel() }
    }
    request.resumes = true
    request.options.precision = .bfloat16
    let error = #expect(throws: TrainingError.self) { try TrainingSession(request).run() }
    #expect(error?.description.contains("--precision is bfloat16, and was float32") == true)
  }

  @Test func `int8 is an error that names the ways`() throws {
    var options = TrainingOptions()
    options.precision = .int8
    let error = #expect(throws: TrainingError.self) { try options.validate() }
    for words in ["--precision is int8", "float32 or bfloat16", "swiftlet quantize"] {
      #expect(error?.description.contains(words) == true)
    }
  }

  @Test(.enabled(if: isSupported, isMissing))
  func `The plan names the precision and counts its memory`() throws {
    let folder = try OutputFolder()
    var request = try SessionCase.all[0].request(folder)
    request.timesPlan = false
    let float32 = try TrainingSession(request).plan()
    request.options.precision = .bfloat16
    let plan = try TrainingSession(request).plan()
    #expect(plan.precision == .bfloat16 && float32.precision == .float32)
    #expect(plan.memory > float32.memory)
  }
}
