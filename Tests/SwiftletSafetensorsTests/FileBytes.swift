import SwiftletSafetensors

/// A safetensors file from the text of its header and its data.
func file(_ header: String, data: [UInt8] = []) -> [UInt8] {
  file(header: [UInt8](header.utf8), data: data)
}

/// A safetensors file from a header of any bytes and its data.
func file(header: [UInt8], data: [UInt8] = []) -> [UInt8] {
  length(UInt64(header.count)) + header + data
}

/// The eight bytes of the header's length.
func length(_ count: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
}

/// `count` bytes that differ from their neighbours.
func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) } }

/// A header with one tensor, `test`.
func entry(_ dataType: String, _ shape: String, _ offsets: String) -> String {
  #"{"test":{"dtype":"\#(dataType)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
}

/// The error on opening the file; nil if it opens.
func failure(_ bytes: [UInt8]) -> SafetensorsError? {
  do throws(SafetensorsError) {
    _ = try SafetensorsFile(bytes: bytes)
    return nil
  } catch {
    return error
  }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
