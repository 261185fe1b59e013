import SwiftletSafetensors
import Testing

@testable import SwiftletCheckpoint

@Suite struct FloatConversionTests {
  /// Bits of float32, and what PyTorch 2.15 makes of them in float16 and bfloat16.
  private static let cases: [(float32: UInt32, float16: UInt16, bfloat16: UInt16)] = [
    (0x0000_0000, 0x0000, 0x0000), (0x8000_0000, 0x8000, 0x8000), (0x3F80_0000, 0x3C00, 0x3F80),
    (0x3EAA_AAAB, 0x3555, 0x3EAB), (0x7F80_0000, 0x7C00, 0x7F80), (0xFF80_0000, 0xFC00, 0xFF80),
    // The largest float16, and where rounding reaches infinity.
    (0x477F_E000, 0x7BFF, 0x4780), (0x477F_EFFF, 0x7BFF, 0x4780), (0x477F_F000, 0x7C00, 0x4780),
    (0xC788_B800, 0xFC00, 0xC789),
    // Subnormal float16.
    (0x3380_0000, 0x0001, 0x3380), (0x3300_0000, 0x0000, 0x3300), (0x3300_0001, 0x0001, 0x3300),
    (0x387B_A882, 0x03EF, 0x387C),
    // Halfway between two numbers.
    (0x3F80_1000, 0x3C00, 0x3F80), (0x3F80_3000, 0x3C02, 0x3F80), (0x3F80_8000, 0x3C04, 0x3F80),
    (0x3F81_8000, 0x3C0C, 0x3F82),
    // Where bfloat16 reaches infinity, and below the normal numbers.
    (0x7F7F_C99E, 0x7C00, 0x7F80), (0x7F7F_8000, 0x7C00, 0x7F80), (0x0001_16C2, 0x0000, 0x0001),
    (0x0080_0000, 0x0000, 0x0080),
  ]

  private func converted(
    _ values: [Float], to dataType: DataType
  ) throws -> SafetensorsFile {
    let file = try SafetensorsFile(
      bytes: SafetensorsWriter.serialize([
        .init(name: "a", shape: [values.count], floats: values)
      ]))
    let tensor = try #require(file.stored("a")).converted(to: dataType, named: "b")
    return try SafetensorsFile(bytes: SafetensorsWriter.serialize([tensor]))
  }

  private func halves(_ values: [Float], _ dataType: DataType) throws -> [UInt16] {
    try converted(values, to: dataType).withBytes(of: "b") { bytes in
      (0..<bytes.count / 2).map {
        bytes.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self)
      }
    }
  }

  @Test func `numbers are rounded as PyTorch rounds them`() throws {
    let values = Self.cases.map { Float(bitPattern: $0.float32) }
    #expect(try halves(values, .f16) == Self.cases.map(\.float16))
    #expect(try halves(values, .bf16) == Self.cases.map(\.bfloat16))
    #expect(try converted(values, to: .f32).floats("b") == values)
  }

  @Test func `NaN stays NaN`() throws {
    for dataType in [DataType.f32, .f16, .bf16] {
      let found = try converted([.nan, -.nan, Float(bitPattern: 0x7F80_0001)], to: dataType)
      #expect(try found.floats("b").allSatisfy(\.isNaN))
    }
  }

  @Test func `a tensor of many pieces is whole`() throws {
    let values = (0..<700_001).map { Float($0 % 2048) }
    for dataType in [DataType.f32, .f16] {
      #expect(try converted(values, to: dataType).floats("b") == values)
    }
  }
}
