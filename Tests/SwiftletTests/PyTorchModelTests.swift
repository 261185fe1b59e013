import Foundation
import Swiftlet
import SwiftletSafetensors
import Testing

/// Models whose weights are in files of PyTorch, and what they are converted to.
@Suite struct PyTorchModelTests {
  private static let texts = ["", "A good film.", "not good", "the plot was boring!"]

  private static func fixture(_ name: String) -> URL {
    HeadGolden.folder.deletingLastPathComponent().appending(path: "pytorch/\(name).bin")
  }

  /// `single-label` with its weights in a form of `torch.save`.
  private func model(_ form: String) throws -> TemporaryModel {
    let model = try TemporaryModel(copying: "single-label")
    try model.remove("model.safetensors")
    try FileManager.default.copyItem(
      at: Self.fixture("single-label/\(form)"), to: URL(filePath: model.file("pytorch_model.bin")))
    return model
  }

  private func converted(
    _ directory: String, _ floats: ModelConverter.FloatType? = nil,
    _ body: (String) throws -> Void
  ) throws {
    let output = FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-converted-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: output) }
    try ModelConverter.convert(directory: directory, into: output, floats: floats)
    try body(output)
  }

  private func data(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

  private static let forms = ["zip", "legacy"]

  @Test(arguments: forms, WeightLoading.allCases)
  func `a model answers as from safetensors, bit for bit`(
    form: String, loading: WeightLoading
  ) throws {
    let model = try model(form)
    for precision in [Precision.float32, .int8] {
      let options = ModelOptions(precision: precision, loading: loading)
      let expected = try Classifier(directory: Fixture.path("single-label"), options: options)
      let found = try Classifier(directory: model.path, options: options)
      #expect(found.unusedTensors.isEmpty)
      #expect(
        try found.classify(Self.texts).map(\.logitBits)
          == expected.classify(Self.texts).map(\.logitBits))
    }
  }

  @Test(arguments: forms)
  func `an int8 copy is that of the same model in safetensors`(form: String) throws {
    let (model, other) = (try model(form), try TemporaryModel(copying: "single-label"))
    let outputs = [model, other].map { $0.path + "-int8" }
    defer { for output in outputs { try? FileManager.default.removeItem(atPath: output) } }
    let result = try ModelQuantizer.quantize(directory: model.path, into: outputs[0])
    #expect(result.originalBytes == (try model.size("pytorch_model.bin")))
    try ModelQuantizer.quantize(directory: other.path, into: outputs[1])
    let classifiers = try outputs.map { try Classifier(directory: $0) }
    #expect(
      try classifiers[0].classify(Self.texts).map(\.logitBits)
        == classifiers[1].classify(Self.texts).map(\.logitBits))
    #expect(!FileManager.default.fileExists(atPath: outputs[0] + "/pytorch_model.bin"))
  }

  @Test(arguments: forms)
  func `a converted model is that of the same model in safetensors`(form: String) throws {
    let model = try model(form)
    try converted(model.path) { found in
      try converted(Fixture.path("single-label")) { expected in
        let names = try FileManager.default.contentsOfDirectory(atPath: expected).sorted()
        #expect(try FileManager.default.contentsOfDirectory(atPath: found).sorted() == names)
        #expect(names.contains("model.safetensors") && names.contains("vocab.txt"))
        for name in names { #expect(try data(found + "/" + name) == data(expected + "/" + name)) }
      }
      #expect(try Classifier(directory: found).classify("good").scores.count == 3)
    }
  }

  @Test(arguments: ModelConverter.FloatType.allCases)
  func `numbers are rounded to the type that is asked for`(
    floats: ModelConverter.FloatType
  ) throws {
    let model = try model("zip")
    try converted(model.path, floats) { folder in
      let original = try SafetensorsFile(path: Fixture.path("single-label") + "/model.safetensors")
      let file = try SafetensorsFile(path: folder + "/model.safetensors")
      for tensor in file.tensors {
        let expected = try original.floats(tensor.name)
        let found = try file.floats(tensor.name)
        for (before, after) in zip(expected, found) {
          switch floats {
          case .float32: #expect(before == after)
          case .float16: #expect(after == Float(Float16(before)))
          case .bfloat16:
            // The nearest number whose lower half is zero.
            let ulp = Float(bitPattern: after.bitPattern + 0x10000) - after
            #expect((before - after).magnitude <= ulp.magnitude / 2)
          }
        }
      }
      let settings =
        try JSONSerialization.jsonObject(with: data(folder + "/config.json")) as? [String: Any]
      #expect(settings?["dtype"] as? String == floats.rawValue)
      #expect(Set(file.tensors.map(\.dataType)).count == 1)
    }
  }

  @Test(arguments: forms, [false, true])
  func `a dense layer of a sentence model is read and written too`(
    form: String, quantizes: Bool
  ) throws {
    let name = "embed-joined"
    let model = try TemporaryModel(copying: "single-label")
    try FileManager.default.removeItem(atPath: model.path)
    try FileManager.default.copyItem(atPath: HeadGolden.path(name), toPath: model.path)
    try model.remove("2_Dense/model.safetensors")
    try FileManager.default.copyItem(
      at: Self.fixture("dense/\(form)"),
      to: URL(filePath: model.file("2_Dense/pytorch_model.bin")))
    let options = ModelOptions(precision: quantizes ? .int8 : .float32)
    let expected = try Embedder(directory: HeadGolden.path(name), options: options)
      .embed(Self.texts)
    #expect(try Embedder(directory: model.path, options: options).embed(Self.texts) == expected)
    if quantizes {
      let output = model.path + "-int8"
      defer { try? FileManager.default.removeItem(atPath: output) }
      try ModelQuantizer.quantize(directory: model.path, into: output)
      #expect(try Embedder(directory: output).embed(Self.texts) == expected)
    } else {
      try converted(model.path) { folder in
        #expect(try Embedder(directory: folder).embed(Self.texts) == expected)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/2_Dense")
        #expect(names.sorted() == ["config.json", "model.safetensors"])
      }
    }
  }

  @Test func `a checkpoint with old names is written with today's`() throws {
    try converted(Fixture.path("bert-legacy-layernorm")) { folder in
      let names = try SafetensorsFile(path: folder + "/model.safetensors").tensors.map(\.name)
      #expect(!names.contains { $0.hasSuffix("gamma") || $0.contains("position_ids") })
    }
  }

  // MARK: Refusals

  private func refusal(_ directory: String, into output: String) -> SwiftletError? {
    do throws(SwiftletError) {
      try ModelConverter.convert(directory: directory, into: output)
      return nil
    } catch {
      return error
    }
  }

  @Test func `an output that holds anything, or the model, is refused`() throws {
    let (model, full) = (try model("zip"), try TemporaryModel(copying: "single-label"))
    let cases = [
      (model.path, "is the model itself"), (model.path + "/new", "inside the folder of the model"),
      (full.path, "does not belong to a converted model"), ("/", "holds the model itself"),
      (full.path + "/none/model", "No such file"), (full.path + "/vocab.txt", "Not a directory"),
    ]
    let before = try FileManager.default.subpathsOfDirectory(atPath: full.path).sorted()
    for (output, words) in cases {
      guard case .unwritable(let reason) = refusal(model.path, into: output) else {
        Issue.record("\(output)")
        continue
      }
      #expect(reason.contains(words), "\(reason)")
    }
    #expect(try FileManager.default.subpathsOfDirectory(atPath: full.path).sorted() == before)
  }

  @Test func `nothing is written of a model that does not load`() throws {
    let parent = FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-parent-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let cut = try model("zip")
    try cut.truncate("pytorch_model.bin", to: 20_000)
    let other = try model("legacy")
    try other.change("config.json", ["vocab_size": "7"])
    let mute = try model("zip")
    try mute.remove("vocab.txt")
    for (model, words) in [(cut, "pytorch_model.bin"), (other, "shape"), (mute, "vocab.txt")] {
      let error = refusal(model.path, into: parent + "/new")
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: parent).isEmpty)
  }

  @Test func `int8 weights are refused`() throws {
    let output = FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-int8-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: output) }
    try ModelQuantizer.quantize(directory: Fixture.path("single-label"), into: output)
    guard case .invalidOption(let reason) = refusal(output, into: output + "-new") else {
      Issue.record("accepted")
      return
    }
    #expect(reason.contains("int8"))
  }
}
