import Foundation
import Swiftlet
import Testing

@Suite struct ModelQuantizerTests {
  private static let texts = ["", "A good film.", "not good", "the plot was boring!"]

  @Test(
    arguments: [
      "single-label", "tokenizer-json", "float16", "three-heads", "bert", "bert-tinybert",
    ],
    WeightLoading.allCases)
  func `a quantised folder answers as the original in int8 by itself`(
    fixture: String, loading: WeightLoading
  ) throws {
    let folder = Folder()
    let result = try ModelQuantizer.quantize(
      directory: Fixture.path(fixture), into: folder.model)
    let original = try Classifier(
      directory: Fixture.path(fixture), options: ModelOptions(precision: .int8))
    let quantized = try Classifier(
      directory: folder.model, options: ModelOptions(loading: loading))
    #expect(quantized.labels == original.labels)
    #expect(quantized.unusedTensors.isEmpty)
    for text in Self.texts {
      #expect(
        try quantized.classify(text).logitBits == (try original.classify(text).logitBits))
    }
    #expect(result.quantizedBytes == (try folder.size("model.safetensors")))
    #expect(result.int8Bytes > 0 && result.int8Bytes < result.quantizedBytes)
    #expect(try folder.names() == folder.names(of: Fixture.path(fixture), without: "golden.json"))
  }

  @Test(arguments: [
    "embed-cls", "embed-max", "embed-root", "bert-embed-cls", "bert-embed-mean",
  ])
  func `a quantised sentence model embeds as the original in int8`(name: String) throws {
    let folder = Folder()
    let original = try Embedder(
      directory: HeadGolden.path(name), options: ModelOptions(precision: .int8))
    for replacing in [false, true] {
      let result = try ModelQuantizer.quantize(
        directory: HeadGolden.path(name), into: folder.model, replacing: replacing)
      #expect(result.originalBytes > 0 && result.quantizedBytes > 0)
      let quantized = try Embedder(directory: folder.model)
      #expect(try quantized.embed(Self.texts) == (try original.embed(Self.texts)))
      #expect(quantized.prompts == original.prompts)
      #expect(quantized.defaultPrompt == original.defaultPrompt)
      #expect(quantized.maxLength == original.maxLength)
    }
    try Data("mine".utf8).write(to: URL(filePath: folder.model + "/1_Pooling/notes.txt"))
    expectUnwritable(["notes.txt does not belong to an int8 model"]) {
      try ModelQuantizer.quantize(
        directory: HeadGolden.path(name), into: folder.model, replacing: true)
    }
    #expect(try folder.names(of: folder.path) == ["model"], "nothing stays behind")
  }

  @Test(arguments: ["mask", "bert-mask", "bert-mask-untied"], WeightLoading.allCases)
  func `a quantised masked language model fills as the original in int8`(
    name: String, loading: WeightLoading
  ) throws {
    let folder = Folder()
    try ModelQuantizer.quantize(directory: HeadGolden.path(name), into: folder.model)
    let original = try FillMask(
      directory: HeadGolden.path(name), options: ModelOptions(precision: .int8))
    let quantized = try FillMask(
      directory: folder.model, options: ModelOptions(loading: loading))
    #expect(quantized.unusedTensors == original.unusedTensors)
    for text in ["hello [MASK] world", "[MASK]", "a [MASK] film [MASK]"] {
      #expect(try quantized.fill(text) == (try original.fill(text)))
    }
  }

  /// Written by the first version of the format, with its answers: see `Fixtures/quantized`.
  @Test(arguments: WeightLoading.allCases)
  func `a folder of version 1 answers as it did`(loading: WeightLoading) throws {
    let golden = try Version1.answers()
    let options = ModelOptions(loading: loading)
    let classifier = try Classifier(
      directory: Version1.path("single-label"), options: options)
    #expect(golden.logits.count == 3)
    for answer in golden.logits {
      let found = try classifier.classify(answer.text).logits
      #expect(found.count == 3 && agree(found, answer.logits), "\(answer.text)")
    }
    let filler = try FillMask(directory: Version1.path("bert-mask"), options: options)
    for answer in golden.masks {
      let found = try filler.fill(answer.text).masks[0]
      #expect(found.map(\.tokenID) == answer.ids.map(Int32.init))
      #expect(agree(found.map(\.score), answer.scores), "\(answer.text)")
    }
  }

  @Test func `config.json keeps its values and gets the quantisation`() throws {
    let folder = Folder()
    let model = try TemporaryModel(copying: "single-label")
    try model.change(
      "config.json", ["extra": #"{"a": [1, "\u00e9\n"]}"#, "quantization_config": "null"])
    try ModelQuantizer.quantize(directory: model.path, into: folder.model)
    var expected = try json(model.file("config.json"))
    var found = try json(folder.model + "/config.json")
    let quantization = found.removeValue(forKey: "quantization_config") as? [String: Any]
    #expect(quantization?["quant_method"] as? String == "swiftlet-int8")
    #expect(quantization?["version"] as? Int == 2)
    expected.removeValue(forKey: "quantization_config")
    #expect(NSDictionary(dictionary: found) == NSDictionary(dictionary: expected))
  }

  private func json(_ path: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(filePath: path))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  @Test func `loading a quantised folder as float32 is an error with the remedy`() throws {
    let folder = Folder()
    try ModelQuantizer.quantize(directory: Fixture.path("single-label"), into: folder.model)
    let error = #expect(throws: SwiftletError.self) {
      _ = try Classifier(directory: folder.model, options: ModelOptions(precision: .float32))
    }
    guard case .invalidOption(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains(folder.model) && reason.contains("int8"))
    #expect(try Classifier(directory: folder.model).classify("good").scores.count == 3)
    #expect(throws: try #require(error)) {
      try ModelQuantizer.quantize(directory: folder.model, into: folder.path + "/again")
    }
    #expect(try folder.names(of: folder.path) == ["model"], "nothing stays behind")
  }

  @Test(arguments: 0..<50, WeightLoading.allCases)
  func `a quantised file cut short anywhere is refused`(part: Int, loading: WeightLoading) throws {
    let folder = Folder()
    try ModelQuantizer.quantize(directory: Fixture.path("single-label"), into: folder.model)
    let file = URL(filePath: folder.model + "/model.safetensors")
    let data = try Data(contentsOf: file)
    try data.prefix(data.count * part / 50).write(to: file)
    let error = #expect(throws: SwiftletError.self) {
      _ = try Classifier(directory: folder.model, options: ModelOptions(loading: loading))
    }
    guard case .invalidModel = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: ["single-label", "quantised"], WeightLoading.allCases)
  func `a model outlives its files`(kind: String, loading: WeightLoading) throws {
    let folder = Folder()
    if kind == "quantised" {
      try ModelQuantizer.quantize(directory: Fixture.path("single-label"), into: folder.model)
    } else {
      try FileManager.default.copyItem(
        atPath: Fixture.path("single-label"), toPath: folder.model)
    }
    let classifier = try Classifier(
      directory: folder.model, options: ModelOptions(loading: loading))
    let before = try classifier.classify(Self.texts).map(\.logitBits)
    try ModelQuantizer.quantize(directory: Fixture.path("float16"), into: folder.path + "/other")
    let file = folder.model + "/model.safetensors"
    #expect(rename(folder.path + "/other/model.safetensors", file) == 0)
    #expect(try classifier.classify(Self.texts).map(\.logitBits) == before)
    try FileManager.default.removeItem(atPath: folder.model)
    #expect(try classifier.classify(Self.texts).map(\.logitBits) == before)
  }

  @Test func `a folder is replaced only on request, and only if it holds a model`() throws {
    let folder = Folder()
    let model = Fixture.path("single-label")
    try FileManager.default.createDirectory(
      atPath: folder.model, withIntermediateDirectories: false)
    try ModelQuantizer.quantize(directory: model, into: folder.model + "/")
    let before = try folder.contents()
    expectUnwritable(["already exists", "--force"]) {
      try ModelQuantizer.quantize(directory: model, into: folder.model)
    }
    #expect(try folder.contents() == before)
    try ModelQuantizer.quantize(
      directory: Fixture.path("float16"), into: folder.model, replacing: true)
    #expect(try folder.contents() != before)
    try ModelQuantizer.quantize(directory: model, into: folder.model, replacing: true)
    #expect(try folder.contents() == before)
    try Data("mine".utf8).write(to: URL(filePath: folder.model + "/notes.txt"))
    expectUnwritable(["notes.txt does not belong to an int8 model"]) {
      try ModelQuantizer.quantize(directory: model, into: folder.model, replacing: true)
    }
    #expect(try folder.names().contains("notes.txt"))
    #expect(try folder.names(of: folder.path) == ["model"], "nothing stays behind")
  }

  @Test func `an invalid destination is refused before anything is written`() throws {
    let folder = Folder()
    let model = try TemporaryModel(copying: "single-label")
    try Data().write(to: URL(filePath: folder.path + "/file"))
    let cases: [(String, [String])] = [
      (folder.path + "/none/model", ["No such file"]), (folder.path + "/file", ["Not a directory"]),
      (folder.path + "/file/model", ["Not a directory"]), (model.path, ["the model itself"]),
      (model.path + "/.", ["the model itself"]),
      (model.path + "/int8", ["is inside the folder of the model"]),
      (model.path + "/config.json/int8", ["is inside the folder of the model"]),
      ("/", ["/ holds the model itself"]),
      (FileManager.default.temporaryDirectory.path, ["holds the model itself"]),
      ("/proc", ["/proc/", "does not belong to an int8 model"]),
      ("/usr/", ["does not belong to an int8 model"]),
    ]
    for (output, words) in cases {
      for replacing in [false, true] {
        expectUnwritable(words) {
          try ModelQuantizer.quantize(
            directory: model.path, into: output, replacing: replacing)
        }
      }
    }
    #expect(throws: SwiftletError.self) {
      try ModelQuantizer.quantize(directory: model.path, into: "")
    }
    #expect(try folder.names(of: folder.path) == ["file"])
    expectUnwritable(["a model that is not int8"]) {
      let other = try TemporaryModel(copying: "single-label")
      try ModelQuantizer.quantize(directory: model.path, into: other.path, replacing: true)
    }
    #expect(try model.classifier().classify("good").scores.count == 3)
  }

  @Test func `quantising a broken model fails without a trace`() throws {
    let folder = Folder()
    for damage in ["config.json", "model.safetensors", "vocab.txt"] {
      let model = try TemporaryModel(copying: "single-label")
      try model.write("not this", to: damage)
      #expect(throws: SwiftletError.self) {
        try ModelQuantizer.quantize(directory: model.path, into: folder.model)
      }
      try model.remove(damage)
      #expect(throws: SwiftletError.self) {
        try ModelQuantizer.quantize(directory: model.path, into: folder.model)
      }
    }
    for threads in [0, 5000] {
      #expect(throws: SwiftletError.self) {
        try ModelQuantizer.quantize(
          directory: Fixture.path("single-label"), into: folder.model, threads: threads)
      }
    }
    #expect(try folder.names(of: folder.path).isEmpty)
  }

  private func expectUnwritable(_ words: [String], _ body: () throws -> Void) {
    let error = #expect(throws: SwiftletError.self) { try body() }
    guard case .unwritable(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    for word in words { #expect(reason.contains(word), "\(reason)") }
  }
}

/// Folders that the first version of the format wrote.
private enum Version1 {
  struct Answers: Decodable {
    struct Logits: Decodable {
      let text: String
      let logits: [Float]
    }
    struct Masks: Decodable {
      let text: String
      let ids: [Int]
      let scores: [Float]
    }
    let logits: [Logits]
    let masks: [Masks]
  }

  static func path(_ name: String) -> String { Fixture.path("../quantized/version-1/\(name)") }

  static func answers() throws -> Answers {
    let data = try Data(contentsOf: URL(filePath: path("golden.json")))
    return try JSONDecoder().decode(Answers.self, from: data)
  }
}

/// An empty folder with room for a model, removed afterwards.
private final class Folder {
  let path: String
  var model: String { path + "/model" }

  init() {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-folder-\(UUID().uuidString)").path
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func names(of folder: String? = nil, without name: String? = nil) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder ?? model)
      .filter { $0 != name }.sorted()
  }

  func size(_ name: String) throws -> Int {
    try Data(contentsOf: URL(filePath: model + "/" + name)).count
  }

  /// The bytes of the model's files.
  func contents() throws -> [String: Data] {
    try Dictionary(
      uniqueKeysWithValues: names().map {
        ($0, try Data(contentsOf: URL(filePath: model + "/" + $0)))
      })
  }
}
