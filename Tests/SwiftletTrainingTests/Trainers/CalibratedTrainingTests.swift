import Foundation
import Swiftlet
import Testing

@testable import SwiftletTraining

@Suite struct CalibratedTrainingTests {
  @Test(arguments: [
    TrainingOptions.Method.full, .lora(rank: 2, alpha: 4, targets: []), .probe,
  ])
  func `The logits of the written classifier are divided by the temperature`(
    method: TrainingOptions.Method
  ) throws {
    let folder = try OutputFolder()
    var training = SmallTraining("checkpoints/bare", method)
    training.steps = method == .probe ? nil : 6
    // Labels that the text does not show.
    training.validation = SmallTraining.texts(12).enumerated().map { index, item in
      .labeled("the " + item.text, label: index % 3 == 0 ? "good" : "bad")
    }
    try training.run(folder.file("plain"))
    training.change = { $0.calibrates = true }
    let outcome = try training.run(folder.file("calibrated"))
    let report = try folder.object("calibrated/training.json")
    let temperature = try #require(report["temperature"] as? Double)
    #expect(abs(temperature - 1) > 1e-3)
    #expect(try folder.object("plain/training.json")["temperature"] == nil)
    let error = try #require(report["calibration_error"] as? Double)
    #expect(report["calibration_error_before"] is Double)
    guard case .classification(let metrics) = outcome.evaluation else {
      Issue.record("no metrics of a classifier")
      return
    }
    #expect(abs(metrics.calibrationError - error) <= 1e-12)
    let plain = try Classifier(directory: folder.file("plain"))
    let calibrated = try Classifier(directory: folder.file("calibrated"))
    var (before, after) = (0.0, 0.0)
    for example in training.validation {
      guard case .labeled(let text, _, let label) = example else { continue }
      let (first, second) = (try plain.classify(text), try calibrated.classify(text))
      for (left, right) in zip(first.logits, second.logits) {
        #expect(abs(Double(left) / temperature - Double(right)) <= 1e-4 * (1 + Double(abs(right))))
      }
      before -= log(Double(try #require(first.scores.first { $0.label == label }).score))
      after -= log(Double(try #require(second.scores.first { $0.label == label }).score))
    }
    #expect(after <= before + 1e-6)
    let card = String(decoding: try folder.data("calibrated/README.md"), as: UTF8.self)
    #expect(card.contains("## Calibration") && !card.contains("--temperature"))
  }

  @Test func `Several labels get thresholds with at least the F1 of 0.5`() throws {
    let folder = try OutputFolder()
    var training = SmallTraining("checkpoints/bare", .full)
    let labels = ["bad", "good", "great"]
    training.training = SmallTraining.texts(24, labels).enumerated().map { index, item in
      .multiLabel(item.text, labels: index % 4 == 0 ? [item.label, "fun"] : [item.label])
    }
    training.validation = training.training.prefix(12).map { example in
      guard case .multiLabel(let text, _, let labels) = example else { return example }
      return .multiLabel("the " + text, labels: labels)
    }
    training.change = { $0.calibrates = true }
    try training.run(folder.file("model"))
    let report = try folder.object("model/training.json")
    #expect(report["temperature"] is Double)
    let entries = try #require(report["labels"] as? [[String: Any]])
    let names = try entries.map { try #require($0["label"] as? String) }
    let thresholds = try entries.map { try #require($0["threshold"] as? Double) }
    #expect(names.count == 4 && thresholds.allSatisfy { (0...1).contains($0) })
    let classifier = try Classifier(directory: folder.file("model"))
    #expect(classifier.labels == names)
    for (name, threshold) in zip(names, thresholds) {
      func f1(_ threshold: Double) throws -> Double {
        var (right, found, there) = (0.0, 0.0, 0.0)
        for example in training.validation {
          guard case .multiLabel(let text, _, let labels) = example else { continue }
          let scores = try classifier.classify(text).scores
          let isFound = Double(scores.first { $0.label == name }?.score ?? 0) >= threshold
          found += isFound ? 1 : 0
          there += labels.contains(name) ? 1 : 0
          right += isFound && labels.contains(name) ? 1 : 0
        }
        return found + there > 0 ? 2 * right / (found + there) : 0
      }
      #expect(try f1(threshold - 1e-6) >= f1(0.5) - 1e-9, "\(name)")
    }
    let card = String(decoding: try folder.data("model/README.md"), as: UTF8.self)
    #expect(card.contains("--label-threshold") && card.contains("threshold"))
  }

  @Test func `Calibration without validation rows or labels is refused`() throws {
    var training = SmallTraining("checkpoints/bare", .full)
    training.change = {
      $0.calibrates = true
      $0.validation = .none
    }
    #expect(throws: TrainingError.self) { try training.run(nil) }
    training.training = (0..<12).map { .value("good film \($0)", value: Double($0) / 3) }
    training.validation = (0..<4).map { .value("bad film \($0)", value: Double($0) / 3) }
    training.change = { $0.calibrates = true }
    #expect(throws: TrainingError.self) { try training.run(nil) }
  }
}
