import SwiftletCheckpoint
import Testing

@testable import SwiftletEncoder

@Suite struct PassMemoryTests {
  @Test(arguments: [
    (512, 768, 3072, true), (32_768, 1024, 4096, true), (1 << 22, 1, 1 << 22, false),
    (1 << 28, 1 << 28, 1 << 28, false), (1 << 28, 1, 1, false), (1, 1, 1 << 24, false),
  ])
  func `a model is refused whose longest text no machine could compute`(
    positions: Int, hiddenSize: Int, intermediateSize: Int, isTaken: Bool
  ) {
    var configuration = ModelConfiguration()
    configuration.maxPositions = positions
    configuration.hiddenSize = hiddenSize
    configuration.intermediateSize = intermediateSize
    var message: String?
    do throws(CheckpointError) {
      try configuration.checkMemory(path: "a/config.json")
    } catch {
      message = error.description
    }
    #expect((message == nil) == isTaken)
    #expect(isTaken || message?.contains("max_position_embeddings") == true)
  }
}
