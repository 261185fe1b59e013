import SwiftletSystem
import Testing

@testable import SwiftletSafetensors

@Suite struct ValueTests {
  /// A file with one tensor, `test`, whose data doesn't begin on any boundary.
  private func open<Element: BitwiseCopyable>(
    _ dataType: DataType,
    _ values: [Element]
  ) throws -> SafetensorsFile {
    let bytes = values.withUnsafeBytes { [UInt8]($0) }
    let header = entry(dataType.rawValue, "[\(values.count)]", "[0,\(bytes.count)]")
    let padding = String(repeating: " ", count: 8 - header.utf8.count % 8 + 3)
    return try SafetensorsFile(bytes: file(header + padding, data: bytes))
  }

  @Test func `all 65,536 halves widen exactly, NaN payloads kept`() throws {
    let bits = [UInt16](0...UInt16.max)
    let floats = try open(.f16, bits).floats("test")
    for (bits, float) in zip(bits, floats) {
      let half = Float16(bitPattern: bits)
      if half.isNaN {
        let payload = UInt32(bits & 0x3FF) << 13 | UInt32(bits & 0x8000) << 16 | 0x7F80_0000
        #expect(float.bitPattern == payload)
      } else {
        #expect(float.bitPattern == Float(half).bitPattern)
      }
    }
  }

  @Test func `all 65,536 bfloat16 are the upper half of a float`() throws {
    let bits = [UInt16](0...UInt16.max)
    let floats = try open(.bf16, bits).floats("test")
    for (bits, float) in zip(bits, floats) { #expect(float.bitPattern == UInt32(bits) << 16) }
  }

  @Test(arguments: [0, 1, 2, 7, 8, 9, 31, 33])
  func `odd counts convert to the last element`(count: Int) throws {
    let halves = (0..<count).map { Float16($0) / 8 }
    #expect(try open(.f16, halves).floats("test") == halves.map { Float($0) })
  }

  @Test func `every type of integer and float reads as float`() throws {
    #expect(try open(.f32, [Float.pi, -0, .infinity]).floats("test") == [.pi, -0, .infinity])
    #expect(try open(.f64, [0.1, 1e300, -2]).floats("test") == [0.1, .infinity, -2])
    #expect(try open(.u8, [UInt8.max, 0]).floats("test") == [255, 0])
    #expect(try open(.i8, [Int8.min, 1]).floats("test") == [-128, 1])
    #expect(try open(.u16, [UInt16.max]).floats("test") == [65535])
    #expect(try open(.i16, [Int16.min]).floats("test") == [-32768])
    #expect(try open(.u32, [UInt32.max]).floats("test") == [0x1p32])
    #expect(try open(.i32, [Int32.min, 16_777_217]).floats("test") == [-0x1p31, 0x1p24])
    #expect(try open(.u64, [UInt64.max]).floats("test") == [0x1p64])
    #expect(try open(.i64, [Int64.min]).floats("test") == [-0x1p63])
  }

  @Test func `every type of integer and booleans read as integers`() throws {
    #expect(try open(.bool, [0, 1, 255] as [UInt8]).integers("test") == [0, 1, 1])
    #expect(try open(.u8, [UInt8.max]).integers("test") == [255])
    #expect(try open(.i8, [Int8.min]).integers("test") == [-128])
    #expect(try open(.u16, [UInt16.max]).integers("test") == [65535])
    #expect(try open(.i16, [Int16.min]).integers("test") == [-32768])
    #expect(try open(.u32, [UInt32.max]).integers("test") == [4_294_967_295])
    #expect(try open(.i32, [Int32.min]).integers("test") == [-2_147_483_648])
    #expect(try open(.i64, [Int64.min, Int64.max]).integers("test") == [.min, .max])
    #expect(try open(.u64, [0, UInt64(Int64.max)]).integers("test") == [0, .max])
  }

  @Test func `an unsigned integer beyond Int64 is refused with its place`() throws {
    let file = try open(.u64, [1, UInt64.max, 2])
    #expect(
      throws: SafetensorsError.integerOutOfRange(
        file: "(bytes)",
        tensor: "test",
        index: 1,
        found: UInt64.max
      )
    ) { try file.integers("test") }
  }

  @Test(arguments: DataType.allCases)
  func `a type that has no conversion is named`(dataType: DataType) throws {
    let file = try SafetensorsFile(
      bytes: file(
        entry(dataType.rawValue, "[8]", "[0,\(dataType.bitWidth)]"),
        data: [UInt8](repeating: 0, count: dataType.bitWidth)
      )
    )
    if dataType.isReadableAsFloat {
      #expect(try file.floats("test") == [Float](repeating: 0, count: 8))
    } else {
      #expect(
        throws: SafetensorsError.notConvertible(
          file: "(bytes)",
          tensor: "test",
          dataType: dataType,
          wanted: "floats"
        )
      ) { try file.floats("test") }
    }
    if dataType.isReadableAsInteger {
      #expect(try file.integers("test") == [Int64](repeating: 0, count: 8))
    } else {
      #expect(
        throws: SafetensorsError.notConvertible(
          file: "(bytes)",
          tensor: "test",
          dataType: dataType,
          wanted: "integers"
        )
      ) { try file.integers("test") }
    }
  }
}
