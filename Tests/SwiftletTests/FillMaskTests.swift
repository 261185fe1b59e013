import Swiftlet
import Testing

@Suite(.timeLimit(.minutes(10)))
struct FillMaskTests {
  struct Golden: Decodable {
    let cases: [Case]

    struct Case: Decodable {
      let text: String
      let topK: Int
      let targets: [String]?
      let masks: [[Found]]
    }

    struct Found: Decodable {
      let score: Float
      let token: Int32
      let token_str: String
      let sequence: String
    }
  }

  private static func model(
    _ name: String = "mask", threads: Int? = nil
  ) throws(SwiftletError) -> FillMask {
    try FillMask(
      directory: HeadGolden.path(name), options: ModelOptions(gemm: .native, threads: threads))
  }

  @Test(arguments: [
    ("mask", 40), ("bert-mask", 20), ("bert-mask-untied", 20), ("bert-pretraining", 20),
  ])
  func `candidates are those of transformers' pipeline`(name: String, count: Int) throws {
    let model = try Self.model(name)
    let golden: Golden = try HeadGolden.answers(name)
    #expect(golden.cases.count == count)
    for golden in golden.cases {
      let options = MaskFillingOptions(topK: golden.topK, targets: golden.targets)
      let found = try model.fill(golden.text, options: options)
      let name = Comment(rawValue: "\(golden.text) \(golden.topK) \(golden.targets ?? [])")
      #expect(found.masks.map(\.count) == golden.masks.map(\.count), name)
      for (found, expected) in zip(found.masks.joined(), golden.masks.joined()) {
        #expect(agree(found.score, expected.score), name)
        #expect(found.tokenID == expected.token && found.token == expected.token_str, name)
        #expect(found.sequence == expected.sequence, name)
      }
    }
  }

  /// The projector is the table of word embeddings too.
  @Test(arguments: ["mask", "bert-mask", "bert-mask-untied"], [nil, Precision.int8])
  func `mapped and read weights give the same answers`(name: String, precision: Precision?) throws {
    let found = try [WeightLoading.mapped, .read].map { loading in
      let options = ModelOptions(
        gemm: .native, precision: precision, loading: loading)
      return try FillMask(directory: HeadGolden.path(name), options: options)
        .fill("hello [MASK] world")
    }
    #expect(found[0] == found[1])
  }

  @Test(arguments: [1, 2, 7])
  func `more texts than a batch holds have the bits of one by one`(threads: Int) throws {
    let single = try Self.model(threads: 1)
    let many = try Self.model(threads: threads)
    let texts = Texts.many(150).map { "[MASK] " + $0 }
    let expected = try texts.map { try single.fill($0) }
    #expect(try many.fill(texts) == expected)
  }

  @Test func `the scores of the whole vocabulary add up to one`() throws {
    let filled = try Self.model().fill("The [MASK].", options: .init(topK: .max))
    let sum = filled.masks[0].reduce(0) { $0 + $1.score }
    #expect(abs(sum - 1) < 1e-4 && filled.masks[0].count == 165)
  }

  @Test func `a text that cannot be filled is an error with its place`() throws {
    let model = try Self.model()
    #expect(throws: SwiftletError.text(.noMask, index: 1)) { try model.fill(["[MASK]", "mask"]) }
    let cut = Array(repeating: "good", count: 60).joined(separator: " ") + " [MASK]"
    #expect(throws: SwiftletError.text(.noMask, index: 0)) { try model.fill(cut) }
    #expect(throws: SwiftletError.text(.noMask, index: 70)) {
      try model.fill(Array(repeating: "[MASK]", count: 70) + [""])
    }
    for options in [
      MaskFillingOptions(topK: 0), .init(targets: []), .init(targets: [""]),
      .init(longText: .window(stride: 2)),
    ] {
      #expect(throws: SwiftletError.self) { try model.fill("[MASK]", options: options) }
    }
    #expect(throws: SwiftletError.self) { try FillMask(directory: HeadGolden.path("tokens")) }
  }

  @Test(arguments: ["mask", "bert-mask"])
  func `a model without a projector needs tied embeddings`(name: String) throws {
    let folder = try TemporaryModel(copying: "../heads/\(name)")
    try folder.change("config.json", ["tie_word_embeddings": "true"])
    #expect(try FillMask(directory: folder.path).fill("[MASK]").masks.count == 1)
    try folder.change("config.json", ["tie_word_embeddings": "false"])
    do throws(SwiftletError) {
      _ = try FillMask(directory: folder.path)
      Issue.record("no error")
    } catch {
      let tensor =
        name == "mask" ? "vocab_projector.weight" : "cls.predictions.decoder.weight"
      #expect(error.description.contains(tensor), "\(error)")
    }
  }

  @Test func `async calls answer as synchronous ones`() async throws {
    let model = try Self.model()
    let one = try await model.fill("A [MASK] film.")
    #expect(try await model.fill(["A [MASK] film."]) == [one])
  }
}
