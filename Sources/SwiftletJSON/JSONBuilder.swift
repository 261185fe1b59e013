/// Builds JSON text in one growing array of bytes, compact or indented as Python's `json` does it.
///
///     var json = JSONBuilder()
///     json.object { json in
///       json.member("label", "POSITIVE")
///       json.key("scores")
///       json.array(scores) { score, json in json.number(score) }
///     }
package struct JSONBuilder {
  package enum Layout: Sendable {
    /// One line without spaces.
    case compact
    /// A line for each member and element, two spaces deep; what `json.dumps(…, indent=2)` returns.
    case indented
  }

  package private(set) var bytes: [UInt8] = []
  private let layout: Layout
  private var depth = 0
  /// Whether the next member or element is the first of its object or array.
  private var isFirst = true

  /// `capacity`: the expected byte count, so that the array is not copied while it grows.
  package init(_ layout: Layout = .compact, capacity: Int = 256) {
    self.layout = layout
    bytes.reserveCapacity(capacity)
  }

  // MARK: Structure

  package mutating func object(_ members: (inout JSONBuilder) -> Void) {
    enclose(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
  }

  /// Appends an array; `write` appends the value of one of `elements`.
  @inlinable
  package mutating func array<Elements: Sequence>(
    _ elements: Elements, _ write: (Elements.Element, inout JSONBuilder) -> Void
  ) {
    enclose(UInt8(ascii: "["), UInt8(ascii: "]")) { json in
      for element in elements {
        json.separate()
        write(element, &json)
      }
    }
  }

  /// Appends a key that needs no escape.
  package mutating func key(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    append(name)
    bytes.append(UInt8(ascii: "\""))
    endKey()
  }

  /// Appends a key that is data.
  package mutating func key(text name: String) {
    separate()
    string(name)
    endKey()
  }

  @usableFromInline
  mutating func enclose(
    _ opening: UInt8, _ closing: UInt8, _ contents: (inout JSONBuilder) -> Void
  ) {
    bytes.append(opening)
    depth += 1
    isFirst = true
    contents(&self)
    depth -= 1
    if !isFirst { breakLine() }
    bytes.append(closing)
    isFirst = false
  }

  @usableFromInline
  mutating func separate() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    breakLine()
  }

  private mutating func endKey() { append(layout == .compact ? ":" : ": ") }

  private mutating func breakLine() {
    guard layout == .indented else { return }
    bytes.append(UInt8(ascii: "\n"))
    for _ in 0..<depth { append("  ") }
  }

  // MARK: Values

  package mutating func string(_ value: String) { JSONWriter.append(string: value, to: &bytes) }

  package mutating func integer(_ value: Int) { append(text: String(value)) }

  /// Appends the fewest digits that read back as the same number, or `null` for NaN and infinities.
  package mutating func number(_ value: Float) {
    value.isFinite ? append(text: value.description) : null()
  }

  /// Appends the fewest digits that read back as the same number, or `null` for NaN and infinities.
  package mutating func number(_ value: Double) {
    value.isFinite ? append(text: value.description) : null()
  }

  package mutating func bool(_ value: Bool) { append(value ? "true" : "false") }

  package mutating func null() { append("null") }

  /// Appends a string whose bytes need no escape.
  package mutating func quoted(_ plain: [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    bytes += plain
    bytes.append(UInt8(ascii: "\""))
  }

  /// Appends bytes that are JSON already, unchanged.
  package mutating func raw(_ json: [UInt8]) { bytes += json }

  private mutating func append(text: String) {
    var text = text
    text.withUTF8 { bytes.append(contentsOf: $0) }
  }

  private mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }
}

extension JSONBuilder {
  // MARK: Members

  package mutating func member(_ name: StaticString, _ value: String?) {
    key(name)
    if let value { string(value) } else { null() }
  }

  package mutating func member(_ name: StaticString, _ value: Int?) {
    key(name)
    if let value { integer(value) } else { null() }
  }

  package mutating func member(_ name: StaticString, _ value: Float) {
    key(name)
    number(value)
  }

  package mutating func member(_ name: StaticString, _ value: Bool) {
    key(name)
    bool(value)
  }
}
