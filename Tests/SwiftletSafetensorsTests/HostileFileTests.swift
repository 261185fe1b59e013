import SwiftletSafetensors
import Testing

@Suite struct HostileFileTests {
  @Test func `a header full of overlaps fails before tensors are made`() {
    let entries = (0..<100_000).map {
      #""w\#($0)":{"dtype":"F32","shape":[],"data_offsets":[0,4]}"#
    }
    let bytes = file("{\(entries.joined(separator: ","))}", data: [0, 0, 0, 0])
    #expect(
      failure(bytes)
        == .invalidOffset(
          file: "(bytes)",
          tensor: "w1",
          expectedBegin: 4,
          foundBegin: 0,
          foundEnd: 4
        )
    )
  }

  @Test func `ten million overlaps exceed the header's limit and are not read`() {
    let bytes = length(588_888_891) + [UInt8](repeating: 0x7B, count: 1000)
    #expect(
      failure(bytes)
        == .headerTooLarge(file: "(bytes)", limit: 100_000_000, found: 588_888_891)
    )
  }

  @Test func `a repeated name is found among a hundred thousand`() {
    let entries = (0..<100_000).map { index in
      let name = index == 99_999 ? 12_345 : index
      return #""w\#(name)":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#
    }
    #expect(
      failure(file("{\(entries.joined(separator: ","))}"))
        == .duplicateName(file: "(bytes)", name: "w12345")
    )
  }

  @Test func `a shape may have a hundred thousand dimensions`() throws {
    let ones = [String](repeating: "1", count: 100_000).joined(separator: ",")
    let file = try SafetensorsFile(bytes: file(entry("U8", "[\(ones)]", "[0,1]"), data: [7]))
    #expect(try file.integers("test") == [7])
    #expect(file.tensors.first?.shape.count == 100_000)
  }

  @Test func `messages escape and shorten a hostile name`() {
    let name = #"\u001b[31mred\n"# + String(repeating: "x", count: 10_000)
    let error = failure(file(#"{"\#(name)":{"dtype":"U8","shape":[1],"data_offsets":[0,2]}}"#))
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains(#""\u{1B}[31mred\nxxx"#))
    #expect(text.utf8.count < 500)
    #expect(!text.utf8.contains { $0 < 0x20 })
  }

  @Test(arguments: 0..<8)
  func `any mutation of a small file is read or refused without a trap`(seed: UInt64) throws {
    var generator = SplitMix64(state: seed)
    let originals = try Self.originals()
    for original in originals { #expect(failure(original) == nil) }
    var refused = 0
    for _ in 0..<1000 {
      guard let original = originals.randomElement(using: &generator) else { continue }
      let bytes = Self.mutated(original, using: &generator)
      do throws(SafetensorsError) {
        try Self.readEverything(in: SafetensorsFile(bytes: bytes))
      } catch {
        #expect(!error.description.isEmpty)
        refused += 1
      }
    }
    #expect(refused > 500)
  }

  private static func originals() throws -> [[UInt8]] {
    [
      file("{}"),
      try SafetensorsWriter.serialize(
        [
          .init(name: "a.weight", shape: [2, 2], floats: [1, 2, 3, 4]),
          .init(name: "b", shape: [1], integers: [-5]),
          .init(name: "é\n", dataType: .f16, shape: [3, 0], bytes: []),
        ],
        metadata: ["format": "pt"]
      ),
      try SafetensorsWriter.serialize(
        DataType.allCases.map {
          .init(name: $0.rawValue, dataType: $0, shape: [8], bytes: pattern($0.bitWidth))
        }
      ),
    ]
  }

  private static func readEverything(in file: SafetensorsFile) throws(SafetensorsError) {
    for tensor in file.tensors {
      let sum = try file.withBytes(of: tensor.name) { $0.reduce(0) { $0 &+ Int($1) } }
      #expect(sum >= 0)
      if tensor.dataType.isReadableAsFloat {
        #expect(try file.floats(tensor.name).count == tensor.elementCount)
      }
      if tensor.dataType.isReadableAsInteger { _ = try file.integers(tensor.name) }
    }
  }

  private static func mutated(
    _ original: [UInt8],
    using generator: inout SplitMix64
  ) -> [UInt8] {
    var bytes = original
    let fragments = [
      "{", "}", "[", "]", "\"", ",", ":", "-", ".", "0", "9", "e", " ", "null", "\\ud800", "1e9",
      "18446744073709551615", "9223372036854775807", "F64", "F4", "\\",
    ]
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let position = Int.random(in: 0...bytes.count, using: &generator)
      let end = min(bytes.count, position + Int.random(in: 0...4, using: &generator))
      switch Int.random(in: 0..<4, using: &generator) {
      case 0:
        if position < bytes.count { bytes[position] = UInt8.random(in: 0...255, using: &generator) }
      case 1: bytes.removeSubrange(position..<end)
      case 2: bytes.removeSubrange(position...)
      default:
        let fragment = fragments.randomElement(using: &generator) ?? ""
        bytes.replaceSubrange(position..<end, with: fragment.utf8)
      }
    }
    // Half of the files get a correct length again, so that errors behind it are reached.
    if bytes.count >= 8, Bool.random(using: &generator) {
      let data = original.count - 8 - Int(original[0]) - Int(original[1]) << 8
      bytes.replaceSubrange(0..<8, with: length(UInt64(max(0, bytes.count - 8 - data))))
    }
    return bytes
  }
}
