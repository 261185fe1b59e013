import Foundation
import Swiftlet
import Testing

@testable import SwiftletTraining

/// A small training of each task: a base of the fixtures, and a file that is written for it.
struct SessionCase: CustomTestStringConvertible, Sendable {
  let task: TrainingTask
  let base: String
  let file: String
  let text: String
  /// What differs from another case of the task.
  var variant = ""

  var testDescription: String { task.rawValue + variant }

  static let all: [SessionCase] = [
    SessionCase(
      task: .classification, base: "checkpoints/bert", file: "rows.csv",
      text: "text,label\n" + rows { "\(review($0)),\(isGood($0) ? "pos" : "neg")\n" }),
    SessionCase(
      task: .multiLabel, base: "checkpoints/no-prefix", file: "rows.jsonl",
      text: rows { index in
        let labels = (isGood(index) ? ["good"] : []) + (index % 3 == 0 ? ["film"] : [])
        let quoted = labels.map { "\"\($0)\"" }.joined(separator: ", ")
        return "{\"text\": \"\(review(index))\", \"label\": [\(quoted)]}\n"
      }),
    SessionCase(
      task: .regression, base: "checkpoints/no-prefix", file: "rows.tsv",
      text: "text\tlabel\n"
        + rows { "\(review($0))\t\((isGood($0) ? 0.75 : -0.25) + Double($0 % 7) / 100)\n" }),
    SessionCase(
      task: .tokens, base: "heads/tokens", file: "rows.conll",
      text: rows {
        "the O\nno O\n\($0) O\n\(isGood($0) ? "good B-Q" : "bad B-Q")\nfilm B-F\nand I-F\nplot O\n\n"
      }),
    SessionCase(
      task: .questions, base: "heads/questions", file: "rows.json",
      text: "{\"version\": \"1.1\", \"data\": [{\"title\": \"t\", \"paragraphs\": ["
        + (0..<30).map { index in
          let context = "the film was \(isGood(index) ? "good" : "bad") and not boring no \(index)"
          let answer = isGood(index) ? "good" : "bad"
          return "{\"context\": \"\(context)\", \"qas\": [{\"id\": \"\(index)\", \"question\": "
            + "\"is it good\", \"answers\": [{\"text\": \"\(answer)\", \"answer_start\": 13}]}]}"
        }.joined(separator: ", ") + "]}]}"),
    SessionCase(
      task: .choices, base: "heads/choice", file: "rows.jsonl",
      text: rows {
        "{\"prompt\": \"the film is no \($0)\", \"choices\": [\"good\", \"bad\"], "
          + "\"label\": \(isGood($0) ? 0 : 1)}\n"
      }),
    SessionCase(
      task: .masks, base: "heads/bert-mask", file: "rows.txt", text: rows { review($0) + "\n" }),
    SessionCase(
      task: .embeddings, base: "heads/embed-mean", file: "rows.csv",
      text: "sentence1,sentence2,score\n"
        + rows { "\(review($0)),\(review($0 + 1)),\(Double($0 % 5) / 4)\n" }),
    SessionCase(
      task: .embeddings, base: "heads/embed-mean", file: "rows.csv",
      text: "anchor,positive\n" + rows { "\(review($0)),\(review($0 + 60))\n" },
      variant: ", ranking"),
  ]

  private static func rows(_ row: (Int) -> String) -> String { (0..<60).map(row).joined() }

  static func isGood(_ index: Int) -> Bool { index % 2 == 0 }

  private static func review(_ index: Int) -> String {
    "the \(index % 3 == 0 ? "film" : "movie") was \(isGood(index) ? "good fun" : "bad boring") "
      + "and no \(index)"
  }

  /// Writes the file, and returns the request.
  func request(_ folder: OutputFolder, output: String? = "model") throws -> TrainingRequest {
    try text.write(toFile: folder.file(file), atomically: true, encoding: .utf8)
    var options = TrainingOptions()
    options.epochs = 2
    options.batchSize = 8
    options.learningRate = 2e-3
    options.threads = 2
    var request = TrainingRequest(
      model: TrainingFixtures.path(base), training: .file(folder.file(file)),
      validation: .share(0.2, seed: 42), options: options, output: output.map(folder.file))
    request.task = task
    return request
  }

  /// Loads the written model as its users do, and asks it for an answer.
  func use(_ directory: String) throws {
    switch task {
    case .classification, .multiLabel, .regression:
      _ = try Classifier(directory: directory).classify("a good film")
    case .tokens: _ = try TokenClassifier(directory: directory).classify("a good film")
    case .questions:
      _ = try QuestionAnswerer(directory: directory).answer("is it good", in: "it was bad")
    case .choices: _ = try MultipleChoice(directory: directory).choose("a", among: ["b", "c"])
    case .masks: _ = try FillMask(directory: directory).fill("a [MASK] film")
    case .embeddings: _ = try Embedder(directory: directory).embed("a good film")
    }
  }
}
