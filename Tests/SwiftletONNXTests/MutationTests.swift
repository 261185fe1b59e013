import SwiftletCheckpoint
import SwiftletSafetensors
import Testing

@testable import SwiftletONNX

/// Damaged files: an error or a model, never a trap.
@Suite struct MutationTests {
  /// Knuth's 64-bit linear congruential generator, upper bits.
  private struct Generator {
    var state: UInt64

    mutating func below(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(count, 1)
    }
  }

  /// Loads a file as the fixture's model; reads every byte if it loads.
  private func load(
    _ bytes: [UInt8], _ name: String, _ configuration: ModelConfiguration,
    in folder: TemporaryFolder
  ) throws -> Bool {
    let path = try folder.write(bytes, to: name)
    do throws(ONNXImportError) {
      let tensors = try ImportedTensors(path: path, configuration: configuration)
      let sum = tensors.tensors.compactMap { tensors.stored($0.name) }
        .reduce(0) { $1.bytes.reduce($0) { $0 &+ Int($1) } }
      return sum >= 0
    } catch {
      return false
    }
  }

  @Test(arguments: ImportedFixture.all)
  func `files with flipped bits and other bytes never trap`(fixture: ImportedFixture) throws {
    let folder = try TemporaryFolder()
    let bytes = try fixture.bytes()
    let configuration = try fixture.configuration()
    var random = Generator(state: UInt64(bytes.count))
    var refusals = 0
    for _ in 0..<60 {
      var changed = bytes
      for _ in 0...random.below(4) {
        let place = random.below(changed.count)
        switch random.below(4) {
        case 0: changed[place] ^= 1 << UInt8(random.below(8))
        case 1: changed[place] = 0xFF
        case 2: changed.remove(at: place)
        default: changed.insert(UInt8(random.below(256)), at: place)
        }
      }
      if try !load(changed, "model.onnx", configuration, in: folder) { refusals += 1 }
    }
    #expect(refusals > 0)
  }

  @Test(arguments: ImportedFixture.all)
  func `a truncated file is an error`(fixture: ImportedFixture) throws {
    let folder = try TemporaryFolder()
    let bytes = try fixture.bytes()
    let configuration = try fixture.configuration()
    for count in stride(from: 0, to: bytes.count * 39 / 40, by: bytes.count / 40) {
      let isLoaded = try load(
        Array(bytes.prefix(count)), "model.onnx", configuration, in: folder)
      #expect(!isLoaded, "\(count) bytes")
    }
  }
}
