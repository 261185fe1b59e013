import Swiftlet
import Testing

/// A user's tests make results without a model, through public initialisers alone.
struct ResultInitializerTests {
  @Test func `A classification needs a label and a score`() {
    let answer = Classification(label: "POSITIVE", score: 0.75)
    #expect(answer.scores == [LabelScore(label: "POSITIVE", score: 0.75)])
    #expect(answer.decision == LabelScore(label: "POSITIVE", score: 0.75))
    #expect(answer.accepted == answer.scores)
    #expect(answer.logits.isEmpty && answer.tokenCount == 0 && !answer.isTruncated)
  }

  @Test func `A classification has all scores, and may abstain`() {
    let scores = [LabelScore(label: "a", score: 0.4), LabelScore(label: "b", score: 0.3)]
    let answer = Classification(
      label: "a", score: 0.4, scores: scores, abstains: true, logits: [1, 0.7], tokenCount: 600,
      isTruncated: true)
    #expect(answer.scores == scores && answer.decision == nil && answer.accepted.isEmpty)
    #expect(answer.logits == [1, 0.7] && answer.tokenCount == 600 && answer.isTruncated)
  }

  @Test func `An entity has its span of the text`() {
    let entity = Entity(
      label: "LOC", score: 0.9, word: "zürich", offsets: 3..<9, utf8Offsets: 3..<10)
    let answer = TokenClassification(entities: [entity], tokenCount: 5)
    #expect(answer.entities[0].text(in: "In Zürich.") == "Zürich")
    #expect(answer.entities[0].tokenIndex == nil && answer.tokenCount == 5 && !answer.isTruncated)
  }

  @Test func `Answers, fillings, labels and choices have their parts`() {
    let answer = Answer(text: "in Turin", score: 0.5, offsets: 4..<12, utf8Offsets: 4..<12)
    let answers = QuestionAnswers(answers: [answer], tokenCount: 20)
    #expect(answers.answers == [answer] && answers.windowCount == 1 && !answers.isTruncated)
    let candidate = MaskCandidate(token: "good", tokenID: 7, score: 0.25, sequence: "a good film")
    #expect(MaskFilling(masks: [[candidate]]).masks[0][0].token == "good")
    let labels = ZeroShotClassification(labels: [LabelScore(label: "sport", score: 1)])
    #expect(labels.labels.first?.label == "sport")
    let choice = MultipleChoice.Choice(best: 1, scores: [0.2, 0.8], logits: [0, 1.4])
    #expect(choice.scores[choice.best] == 0.8)
  }

  @Test func `Embeddings of a test have their cosine`() {
    let (first, second) = (Embedding(vector: [1, 0]), Embedding(vector: [0, 2], tokenCount: 3))
    #expect(first.cosineSimilarity(to: second) == 0)
    #expect(first.cosineSimilarity(to: Embedding(vector: [3, 0])) == 1)
  }

  @Test func `Results of folders have their sizes`() {
    let quantized = ModelQuantizer.Result(originalBytes: 8, quantizedBytes: 3, int8Bytes: 2)
    #expect(quantized.originalBytes > quantized.quantizedBytes)
    let converted = ModelConverter.Result(
      originalFiles: ["pytorch_model.bin"], originalBytes: 8, convertedBytes: 4)
    #expect(converted.originalFiles == ["pytorch_model.bin"])
    let exported = ExportResult(
      task: .textClassification, files: [.init(name: "onnx/model.onnx", bytes: 12)])
    #expect(exported.files[0].bytes == 12)
  }

  @Test func `A report counts, and its scores can be made alone`() {
    var report = ClassificationReport(labels: ["a", "b"])
    report.add(expected: 0, predicted: 0)
    #expect(
      report.classes[0] == ClassScores(label: "a", precision: 1, recall: 1, f1: 1, support: 1))
    #expect(report.weightedAverage == AverageScores(precision: 1, recall: 1, f1: 1))
  }
}
