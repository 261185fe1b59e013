/// The decoded bytes of a JSON string, borrowed from the reader: valid until the reader's next
/// call.
///
/// Compared by bytes, unlike `String`, which compares by canonical equivalence: two keys that
/// differ only in normalisation are two keys.
package struct JSONString {
  package let utf8: UnsafeBufferPointer<UInt8>

  package var string: String { String(decoding: utf8, as: UTF8.self) }

  /// Lets a `switch` over keys name them as literals.
  package static func ~= (pattern: StaticString, value: JSONString) -> Bool {
    value == pattern
  }

  package static func == (value: JSONString, literal: StaticString) -> Bool {
    guard literal.utf8CodeUnitCount == value.utf8.count else { return false }
    return literal.withUTF8Buffer { $0.elementsEqual(value.utf8) }
  }
}
