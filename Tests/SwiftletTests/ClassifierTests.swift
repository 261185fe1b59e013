import Swiftlet
import SwiftletTokenizer
import Testing

struct ClassifierTests {
  @Test func `windows of a very long text, computed in parts, have the same bits`() throws {
    let classifier = try Fixture.classifier("short-model-max-length")
    let text = String(repeating: "good bad film. ", count: 30_000)
    let options = ClassificationOptions(longText: .window(stride: 15), windowPooling: .max)
    let windows = try classifier.tokenizer.windows(
      text, stride: 15, options: EncodingOptions(maxLength: classifier.maxLength))
    #expect(windows.count * classifier.maxLength > 1 << 18)
    var expected = [Float](repeating: -.infinity, count: classifier.labels.count)
    for logits in try classifier.logits(ofTokenIDs: windows.map(\.ids)) {
      for label in logits.indices { expected[label] = max(expected[label], logits[label]) }
    }
    let answers = try classifier.classify(["good", text, "bad"], options: options)
    #expect(answers[1].logits == expected && !answers[1].isTruncated)
    #expect(answers[2] == (try classifier.classify("bad", options: options)))
  }

  @Test func `a text is cut at the side that the tokenizer's files say`() throws {
    let model = try TemporaryModel(copying: "short-model-max-length")
    let words = (0..<40).map { $0 % 3 == 0 ? "good" : "bad film" }
    let text = words.joined(separator: " ")
    let right = try Classifier(directory: model.path)
    try model.change("tokenizer_config.json", ["truncation_side": "\"left\""])
    let left = try Classifier(directory: model.path)
    let options = EncodingOptions(maxLength: left.maxLength, truncationSide: .left)
    let ids = left.tokenizer.encode(text, options: options).ids
    let answer = try left.classify(text)
    #expect(answer.logits == (try left.logits(ofTokenIDs: [ids])[0]))
    #expect(answer.logits != (try right.classify(text).logits))
    #expect(answer.isTruncated)
    #expect(answer.tokenCount == (try right.classify(text).tokenCount))
    #expect(try left.classify("good").logits == (try right.classify("good").logits))
  }

  @Test func `labels are in the order of their numbers`() throws {
    let twelve = [
      "anger", "calm", "disgust", "envy", "fear", "guilt", "hope", "joy", "love", "pride", "relief",
      "sadness",
    ]
    #expect(try Fixture.classifier("twelve-labels").labels == twelve)
    let three = ["negative", "neutral", "positive"]
    #expect(try Fixture.classifier("three-heads").labels == three)
    #expect(try Fixture.classifier("num-labels").labels == ["LABEL_0", "LABEL_1", "LABEL_2"])
  }

  @Test func `scores come best first and equal ones in the order of the labels`() throws {
    let classifier = try Fixture.classifier("twelve-labels")
    for answer in try classifier.classify(Texts.mixed) {
      let scores = answer.scores
      #expect(scores.count == 12 && Set(scores.map(\.label)) == Set(classifier.labels))
      for (left, right) in zip(scores, scores.dropFirst()) {
        #expect(left.score > right.score || left.score == right.score)
        guard left.score == right.score else { continue }
        let order = [left, right].map { classifier.labels.firstIndex(of: $0.label) ?? -1 }
        #expect(order[0] < order[1])
      }
      // Labels 4 and 9 have the same weights.
      #expect(answer.logits[4].bitPattern == answer.logits[9].bitPattern)
      let places = ["fear", "pride"].map { label in scores.firstIndex { $0.label == label } ?? -1 }
      #expect(places[1] == places[0] + 1)
      #expect(answer.label == scores[0].label && answer.score == scores[0].score)
    }
  }

  @Test(arguments: [1, 2, 5, 12, 13, Int.max])
  func `topK only cuts the scores`(topK: Int) throws {
    let classifier = try Fixture.classifier("twelve-labels")
    for text in Texts.mixed {
      let all = try classifier.classify(text)
      let some = try classifier.classify(text, options: ClassificationOptions(topK: topK))
      #expect(some.scores == Array(all.scores.prefix(topK)))
      #expect(some.label == all.label && some.score == all.score && some.logits == all.logits)
    }
  }

  @Test(arguments: [0, -1, Int.min])
  func `a topK below 1 is refused`(topK: Int) throws {
    let classifier = try Fixture.classifier("twelve-labels")
    let error = #expect(throws: SwiftletError.self) {
      _ = try classifier.classify("good", options: ClassificationOptions(topK: topK))
    }
    #expect(error == .invalidOption(reason: "topK is \(topK); it must be at least 1"))
  }

  @Test func `an empty list has no answers`() throws {
    let classifier = try Fixture.classifier("plain")
    #expect(try classifier.classify([String]()).isEmpty)
  }

  @Test func `an empty text is its special tokens`() throws {
    let answer = try Fixture.classifier("plain").classify("")
    #expect(answer.tokenCount == 2 && !answer.isTruncated)
    #expect(answer.logits.allSatisfy { $0.isFinite })
  }

  @Test func `a long text is cut, and the answer says so`() throws {
    let classifier = try Fixture.classifier("short-model-max-length")
    #expect(classifier.maxLength == 20)
    let fits = Array(repeating: "good", count: 18).joined(separator: " ")
    let expected = try classifier.classify(fits).logitBits
    for (text, count) in [(fits, 20), (fits + " bad", 21), (fits + " bad bad bad", 23)] {
      let answer = try classifier.classify(text)
      #expect(answer.tokenCount == count)
      #expect(answer.isTruncated == (count > 20))
      #expect(answer.logitBits == expected)
    }
  }

  @Test func `a long text is an error on request, with its place and its length`() throws {
    let classifier = try Fixture.classifier("short-model-max-length")
    let fits = Array(repeating: "good", count: 18).joined(separator: " ")
    let strict = ClassificationOptions(longText: .error)
    #expect(try classifier.classify([fits, ""], options: strict).count == 2)
    let error = #expect(throws: SwiftletError.self) {
      _ = try classifier.classify([fits, "", fits + " a b", fits + " a"], options: strict)
    }
    #expect(error == .text(.tooLong(tokenCount: 22, maxLength: 20), index: 2))
    #expect(error?.description.contains("text 3 has 22 tokens") == true)
  }

  @Test func `a word of 10 MB is one unknown token`() throws {
    let classifier = try Fixture.classifier("plain")
    let word = String(repeating: "x", count: 10_000_000)
    let answer = try classifier.classify(word)
    #expect(answer.tokenCount == 3 && !answer.isTruncated)
    let spaced = String(repeating: "x ", count: 1_000_000)
    #expect(try classifier.classify(spaced).tokenCount == 1_000_002)
  }

  @Test(arguments: [WeightLoading.mapped, .read])
  func `mapped and read weights give the same answers`(loading: WeightLoading) throws {
    let options = ModelOptions(gemm: .native, loading: loading)
    let classifier = try Classifier(directory: Fixture.path("float16"), options: options)
    let expected = try Fixture.classifier("float16").classify(Texts.mixed)
    #expect(try classifier.classify(Texts.mixed) == expected)
  }

  @Test func `a slash may end the directory`() throws {
    let classifier = try Classifier(directory: Fixture.path("plain") + "/")
    #expect(classifier.labels == ["NEGATIVE", "POSITIVE"])
  }

  @Test func `unused tensors are listed`() throws {
    #expect(try Fixture.classifier("plain").unusedTensors.isEmpty)
    #expect(try Fixture.classifier("position-ids").unusedTensors.isEmpty)
    let model = try TemporaryModel(copying: "plain")
    try model.changeTensors {
      $0.append(.init(name: "vocab_projector.bias", shape: [165]))
      $0.append(.init(name: "distilbert.transformer.layer.2.ffn.lin1.bias", shape: [53]))
    }
    let unused = Set(try model.classifier().unusedTensors)
    #expect(
      unused == ["vocab_projector.bias", "distilbert.transformer.layer.2.ffn.lin1.bias"])
  }

  @Test(arguments: [0, -1, 4097, Int.max])
  func `an invalid number of threads is refused`(threads: Int) {
    let error = #expect(throws: SwiftletError.self) {
      _ = try Fixture.classifier("plain", threads: threads)
    }
    guard case .invalidOption(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("\(threads)"))
  }
}
