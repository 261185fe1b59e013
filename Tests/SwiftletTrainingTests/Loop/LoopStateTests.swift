import Glibc
import SwiftletJSON
import SwiftletSystem
import Testing

@testable import SwiftletTraining

@Suite struct `The state of a training` {
  @Test func `numbers read back as the same bits`() throws {
    let training = try MockTraining()
    training.options.logEvery = 5
    try training.run()
    var state = training.state
    state.lossesSinceLog.sum = 0.1 + 0.2
    state.seconds = 1e-300
    let bytes = state.json.document
    let copy = try bytes.withUnsafeBufferPointer { try LoopState(JSONValue($0)) }
    #expect(copy == state)
    #expect(copy.json.document == bytes)
  }

  @Test func `a state without a member is refused by name`() throws {
    let training = try MockTraining()
    try training.run()
    let members = training.state.json.members
    #expect(members.count == 12)
    for (key, _) in members {
      let rest = members.filter { $0.key != key }
      let error = #expect(throws: LoopStateError.self) { try LoopState(.object(rest)) }
      #expect(error?.member == key)
    }
    #expect(throws: LoopStateError.self) { try LoopState(.null) }
    let impossible = members.map { $0.key == "step" ? ($0.key, JSONValue.int(9999)) : $0 }
    #expect(throws: LoopStateError.self) { try LoopState(.object(impossible)) }
  }

  @Test(
    .enabled(if: ProcessArguments.isEveryTest, "scripts/test --all runs it"),
    .timeLimit(.minutes(10)))
  func `memory stays flat over 10,000 steps`() async {
    // In a process of its own, as other tests allocate at the same time.
    await #expect(processExitsWith: .success) {
      let training = try MockTraining()
      training.keepsEvents = false
      training.options.maxSteps = 10_000
      training.options.evaluateEvery = .steps(100)
      var early = 0
      training.onEvent = { event in
        guard case .step(let report) = event, report.step == 2000 else { return }
        early = ResidentMemory.bytes() ?? 0
      }
      try training.run()
      let late = try #require(ResidentMemory.bytes())
      try #require(early > 0 && late - early < 1 << 20)
      try #require(training.state.losses.count == 200)
    }
  }
}

extension ProcessArguments {
  /// Whether `scripts/test --all` runs the tests.
  static var isEveryTest: Bool {
    getenv("SWIFTLET_TESTS").map { String(cString: $0) } == "all"
  }
}
