import Foundation
import Testing

@testable import SwiftletTraining

@Suite struct `Two trainings with one output` {
  private let folder: OutputFolder
  private let training: SmallTraining

  init() throws {
    folder = try OutputFolder()
    training = SmallTraining("checkpoints/bare", .full)
  }

  private var output: String { folder.file("model") }

  @Test func `The second one is refused while the first one runs, whenever it was made`() throws {
    let early = try TrainingSession(training.request(output))
    var errors: [String] = []
    let outcome = try TrainingSession(training.request(output)).run { [self] event in
      guard case .step(let report) = event, report.step == 2 else { return }
      for attempt in [
        { _ = try early.run() }, { _ = try TrainingSession(training.request(output)) },
      ] {
        do {
          try attempt()
        } catch {
          errors.append("\(error)")
        }
      }
    }
    #expect(errors.count == 2)
    for error in errors {
      #expect(error.hasPrefix("another training writes to \(output)"))
      #expect(error.contains("--output"))
    }
    #expect(outcome.summary.reason == .completed && outcome.folder == output)
    #expect(try !folder.contents(of: "model").contains { $0.hasPrefix("checkpoint") })
  }

  @Test func `One that was made before the other ended does not replace its model`() throws {
    let early = try TrainingSession(training.request(output))
    try training.run(output)
    let before = try folder.data("model/model.safetensors")
    let error = #expect(throws: TrainingError.self) { try early.run() }
    #expect(error?.description.contains("holds a trained model") == true)
    #expect(try folder.data("model/model.safetensors") == before)
    #expect(try !folder.contents(of: "model").contains { $0.hasPrefix("checkpoint") })
  }

  @Test func `The file of a killed process does not refuse a training`() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("model/checkpoint"), withIntermediateDirectories: true)
    try folder.write("", to: "model/checkpoint/lock")
    #expect(try training.run(output).folder == output)
  }

  @Test func `A training that fails before its first checkpoint leaves no folder`() throws {
    var training = training
    training.change = { $0.options.warmup = 99 }
    #expect(throws: TrainingError.self) { try training.run(output) }
    #expect(try folder.contents(of: "").isEmpty)
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    #expect(throws: TrainingError.self) { try training.run(output) }
    #expect(try folder.contents(of: "") == ["model"])
  }

  @Test func `A stopped training leaves its checkpoint and no lock`() throws {
    let reasons = try training.runInterrupted(output, after: 3)
    #expect(reasons == [.cancelled, .completed])
    let other = SmallTraining("checkpoints/bare", .full)
    var names: [String] = []
    try OutputLock.hold(folder.file("other")) { names = try folder.contents(of: "other") }
    #expect(names == ["checkpoint", "checkpoint/lock"])
    #expect(try folder.contents(of: "").filter { $0.hasPrefix("other") }.isEmpty)
    #expect(try other.run(folder.file("other")).folder != nil)
  }
}
