import SwiftletJSON
import Testing

@testable import SwiftletTraining

@Suite struct `Events of a training` {
  @Test func `each event is a line of JSON with its name`() throws {
    let training = try MockTraining()
    training.options.epochs = 1
    for row in 0..<40 { training.objective.labels[row] = -1 }
    training.isSequential = true
    try training.run()
    let lines = training.events.map { String(decoding: $0.json.json, as: UTF8.self) }
    #expect(lines.allSatisfy { $0.hasPrefix(#"{"event":""#) && !$0.contains("\n") })
    let names = training.events.compactMap { $0.json["event"]?.string }
    #expect(names.prefix(4) == ["planned", "warning", "warning", "step"])
    #expect(
      names.filter { $0 != "warning" } == ["planned"] + Array(repeating: "step", count: 6)
        + ["evaluated", "saved", "saved", "finished"])
    let steps = training.events.filter { if case .step = $0 { true } else { false } }.map(\.json)
    #expect(steps[0]["loss"] == nil && steps[0]["step"]?.int == 1)
    #expect(steps[5]["loss"] != nil && steps[5]["gradient_norm"] != nil)
    let last = try #require(training.events.last?.json)
    #expect(last["reason"]?.string == "completed")
    #expect(last["text"]?.string == "trained 6 steps")
    #expect(last["best"]?["step"]?.int == 6)
  }

  @Test func `the end of an unfinished training says how to go on`() {
    func text(_ reason: TrainingSummary.Reason) -> String {
      TrainingSummary(
        reason: reason, step: 5, totalSteps: 9, best: nil, seconds: 1, tokens: 1, skippedSteps: 0
      ).description
    }
    #expect(text(.timeLimit).contains("step 5 of 9") && text(.timeLimit).contains("--time-limit"))
    #expect(text(.cancelled).contains("--resume"))
    #expect(text(.earlyStopping) == "stopped after step 5 of 9, as the metric no longer improved")
  }
}
