import Foundation
import SwiftletSafetensors
import Testing

@testable import SwiftletTraining

@Suite struct CheckpointFolderTests {
  private func tensors(_ value: Float) -> [CheckpointFolder.Tensor] {
    let moments = CheckpointFolder.momentNames(of: "weight")
    return ["weight", moments.first, moments.second].map { name in
      CheckpointFolder.Tensor(name, shape: [2, 3]) { $0.update(repeating: value, count: 6) }
    }
  }

  private func state(_ step: Int) -> TrainingState {
    var state = TrainingState()
    (state.loop.step, state.loop.totalSteps, state.loop.stepsPerEpoch) = (step, 1_000, 100)
    return state
  }

  private var full: TrainingState {
    var state = TrainingState()
    (state.loop.step, state.loop.totalSteps, state.loop.stepsPerEpoch) = (120, 1_000, 100)
    state.loop.lossesSinceLog = LossWindow(sum: 1.0 / 3, count: 7)
    state.loop.evaluationsWithoutGain = 1
    state.arguments = [.init("learning-rate", "5e-5"), .init("seed", "42")]
    (state.dataFingerprint, state.baseFingerprint) = ("abc", "def")
    state.teacherFingerprint = "123"
    return state
  }

  @Test func `A state is read as it was written, bit for bit`() throws {
    let folder = try OutputFolder()
    let checkpoint = CheckpointFolder(output: folder.file("model"))
    #expect(!checkpoint.exists)
    try checkpoint.write(full, tensors: tensors(7), best: tensors(8))
    let found = try checkpoint.read()
    #expect(found.state == full)
    #expect(try found.tensors.floats("weight.second_moment") == [7, 7, 7, 7, 7, 7])
    #expect(try found.best?.floats("weight") == [8, 8, 8, 8, 8, 8])
  }

  @Test func `The folder holds the last and the best weights only`() throws {
    let folder = try OutputFolder()
    let checkpoint = CheckpointFolder(output: folder.file("model"))
    for step in 1...5 {
      let isBest = step == 2 || step == 3
      try checkpoint.write(
        state(step), tensors: tensors(Float(step)), best: isBest ? tensors(Float(-step)) : nil)
    }
    #expect(
      try folder.contents(of: "model/checkpoint")
        == ["best-3.safetensors", "state-5.safetensors", "state.json"])
    #expect(try checkpoint.read().best?.floats("weight")[0] == -3)
    checkpoint.remove()
    #expect(try folder.contents(of: "model").isEmpty)
  }

  @Test(arguments: CheckpointFolder.Stage.allCases, [8, 9])
  func `A process killed while writing leaves the older or the newer state`(
    stage: CheckpointFolder.Stage, step: Int
  ) throws {
    let folder = try OutputFolder()
    let checkpoint = CheckpointFolder(output: folder.file("model"))
    try checkpoint.write(state(8), tensors: tensors(8), best: tensors(80))
    #expect(throws: TrainingError.self) {
      try checkpoint.write(
        state(step), tensors: tensors(9), best: tensors(90)
      ) { (reached) throws(TrainingError) in
        if reached == stage { throw .unwritable(reason: "killed") }
      }
    }
    let isNew = stage == .stateWritten || stage == .oldDeleted
    let found = try checkpoint.read()
    #expect(found.state.loop.step == (isNew ? step : 8))
    #expect(try found.tensors.floats("weight")[0] == (isNew ? 9 : 8))
    #expect(try found.best?.floats("weight")[0] == (isNew ? 90 : 80))
    // The next write cleans up.
    try folder.write("half", to: "model/checkpoint/.swiftlet-abc.tmp")
    try checkpoint.write(state(10), tensors: tensors(10))
    #expect(try folder.contents(of: "model/checkpoint").count == 3)
    #expect(try checkpoint.read().best?.floats("weight")[0] == (isNew ? 90 : 80))
  }

  @Test func `A write that fails leaves the older state`() throws {
    let folder = try OutputFolder()
    let checkpoint = CheckpointFolder(output: folder.file("model"))
    try checkpoint.write(state(1), tensors: tensors(1))
    let twice = tensors(2) + tensors(2)
    #expect(throws: TrainingError.self) { try checkpoint.write(state(2), tensors: twice) }
    #expect(try checkpoint.read().state.loop.step == 1)
  }

  @Test func `Files of others in the folder stay`() throws {
    let folder = try OutputFolder()
    let checkpoint = CheckpointFolder(output: folder.file("model"))
    try checkpoint.write(state(1), tensors: tensors(1))
    try folder.write("mine", to: "model/checkpoint/notes.txt")
    try checkpoint.write(state(2), tensors: tensors(2))
    checkpoint.remove()
    #expect(try folder.contents(of: "model/checkpoint") == ["notes.txt"])
  }

  @Test func `Other arguments, data and models are named`() throws {
    try full.check(full)
    var other = TrainingState()
    other.arguments = [.init("learning-rate", "1e-4"), .init("epochs", "3")]
    let error = #expect(throws: TrainingError.self) { try full.check(other) }
    let text = try #require(error?.description)
    for part in [
      "--learning-rate is 1e-4, and was 5e-5", "--epochs is 3, and was absent",
      "--seed is absent, and was 42", "the data has changed", "the base model is another one",
      "the teacher is another one",
    ] {
      #expect(text.contains(part), "\(text)")
    }
  }

  @Test func `A state of the first version is refused, as it does not tell the base`() throws {
    let folder = try OutputFolder()
    let checkpoint = CheckpointFolder(output: folder.file("model"))
    try checkpoint.write(full, tensors: tensors(1))
    let text = String(decoding: try folder.data("model/checkpoint/state.json"), as: UTF8.self)
    let place = try #require(text.range(of: #""version":\s*2"#, options: .regularExpression))
    try folder.write(
      text.replacingCharacters(in: place, with: #""version": 1"#), to: "model/checkpoint/state.json"
    )
    let error = #expect(throws: TrainingError.self) { try checkpoint.read() }
    #expect(error?.description.contains("start again without --resume") == true)
  }

  @Test(arguments: [
    "", "{}", "[1]", #"{"state": {"version": 2}, "tensors": "state-1.safetensors"}"#,
  ])
  func `A damaged state is an error`(text: String) throws {
    let folder = try OutputFolder()
    let checkpoint = CheckpointFolder(output: folder.file("model"))
    try checkpoint.write(state(1), tensors: tensors(1))
    try folder.write(text, to: "model/checkpoint/state.json")
    #expect(throws: TrainingError.self) { try checkpoint.read() }
    try FileManager.default.removeItem(atPath: folder.file("model/checkpoint/state.json"))
    let error = #expect(throws: TrainingError.self) { try checkpoint.read() }
    #expect(error?.description.contains("no saved training") == true)
  }

  @Test func `Weights that are cut off or missing are an error`() throws {
    let folder = try OutputFolder()
    let checkpoint = CheckpointFolder(output: folder.file("model"))
    try checkpoint.write(state(1), tensors: tensors(1))
    let name = "model/checkpoint/state-1.safetensors"
    try folder.data(name).dropLast(5).write(to: URL(filePath: folder.file(name)))
    #expect(throws: TrainingError.self) { try checkpoint.read() }
    try FileManager.default.removeItem(atPath: folder.file(name))
    #expect(throws: TrainingError.self) { try checkpoint.read() }
  }
}
