import Glibc
import SwiftletSystem
import Testing

@testable import SwiftletTraining

@Suite struct TrainingErrorTests {
  @Test func `An error of an option is a sentence that begins with the option`() {
    let error = TrainingError.invalidOption(name: "--epochs", reason: "is 0, but must be positive")
    #expect(error.description == "--epochs is 0, but must be positive")
  }

  @Test(arguments: [
    (ENOSPC, "free some space"), (EDQUOT, "free some space"),
    (EACCES, "a folder that you may write"), (EROFS, "a folder that you may write"),
    (EPERM, "a folder that you may write"), (ENOENT, "the folder that contains the output"),
  ])
  func `A full disk and a folder that can't be written have advice`(code: Int32, advice: String) {
    let error = TrainingError(writing: FileError("write", path: "out/x", code: code))
    #expect(error.description.hasPrefix("cannot write out/x: "))
    #expect(error.description.contains(advice))
  }
}
