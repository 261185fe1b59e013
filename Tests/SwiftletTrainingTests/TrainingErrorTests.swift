import Testing

@testable import SwiftletTraining

@Test func `An error of an option names the option`() {
  let error = TrainingError.invalidOption(name: "--epochs", reason: "must be positive")
  #expect(error.description == "--epochs: must be positive")
}
