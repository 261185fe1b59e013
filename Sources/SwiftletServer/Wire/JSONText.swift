#if Server
import SwiftletJSON

/// JSON text under construction, compact, in one growing array of bytes.
struct JSONText {
  private(set) var bytes: [UInt8] = []
  /// Whether the next member or element is the first of its object or array.
  private var isFirst = true

  /// `capacity`: the bytes that are expected, so that nothing is copied while it grows.
  init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

  // MARK: Structure

  mutating func object(_ members: (inout JSONText) -> Void) {
    enclose(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
  }

  /// One element of the array for each of `elements`.
  mutating func array<Elements: Sequence>(
    _ elements: Elements, _ write: (Elements.Element, inout JSONText) -> Void
  ) {
    enclose(UInt8(ascii: "["), UInt8(ascii: "]")) { text in
      for element in elements {
        text.separate()
        write(element, &text)
      }
    }
  }

  mutating func key(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    append(name)
    append("\":")
  }

  /// A member whose name is data.
  mutating func key(text name: String) {
    separate()
    JSONWriter.append(string: name, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func enclose(
    _ opening: UInt8, _ closing: UInt8, _ contents: (inout JSONText) -> Void
  ) {
    bytes.append(opening)
    isFirst = true
    contents(&self)
    bytes.append(closing)
    isFirst = false
  }

  private mutating func separate() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }

  // MARK: Values

  mutating func string(_ value: String) { JSONWriter.append(string: value, to: &bytes) }

  mutating func optional(_ value: String?) {
    if let value { string(value) } else { null() }
  }

  mutating func optional(_ value: Int?) {
    if let value { integer(value) } else { null() }
  }

  mutating func integer(_ value: Int) {
    var digits = String(value)
    digits.withUTF8 { bytes.append(contentsOf: $0) }
  }

  /// The shortest digits that read back as the same float; `null` for what JSON has no number for.
  mutating func number(_ value: Float) {
    guard value.isFinite else { return null() }
    var digits = value.description
    digits.withUTF8 { bytes.append(contentsOf: $0) }
  }

  mutating func bool(_ value: Bool) { append(value ? "true" : "false") }

  mutating func null() { append("null") }

  /// A string of characters that need no escape.
  mutating func quoted(_ plain: [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    bytes += plain
    bytes.append(UInt8(ascii: "\""))
  }

  /// JSON that is written as it stands.
  mutating func raw(_ json: String) { bytes.append(contentsOf: json.utf8) }

  private mutating func append(_ text: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
#endif
