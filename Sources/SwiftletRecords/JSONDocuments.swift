import SwiftletJSON

/// Reads the JSON documents of a file one after the other: the lines of JSON Lines, or the elements
/// of one array.
final class JSONDocuments {
  let source: ByteSource
  private let lines: LineScanner
  private let elements: JSONElementScanner
  /// Whether the documents are elements; nil before the first one.
  private var isArray: Bool?
  private let mayBeArray: Bool

  /// `format` is `json`, or `jsonLines`, where an array is a document of one line.
  init(_ source: ByteSource, format: RecordFormat, limit: Int) {
    self.source = source
    lines = LineScanner(source, limit: limit)
    elements = JSONElementScanner(source, limit: limit)
    mayBeArray = format == .json
    isArray = mayBeArray ? nil : false
  }

  /// The bytes of the current document.
  var bytes: [UInt8] { isArray == true ? elements.bytes : lines.bytes }

  /// The line in which the current document starts, from 1.
  var line: Int { isArray == true ? elements.line : lines.number }

  /// Reads the next document, skipping blank lines; returns false at the end.
  func advance() throws(RecordError) -> Bool {
    let isArray = if let isArray { isArray } else { try elements.beginArray() }
    self.isArray = isArray
    if isArray { return try elements.next() }
    repeat {
      guard try lines.next() else { return false }
    } while lines.bytes.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    return true
  }

  /// Calls `body` to read the document as one object; adds the file and the line to its errors.
  func parse<Result>(
    _ body: (inout JSONReader, UnsafeBufferPointer<UInt8>) throws(JSONError) -> Result
  ) throws(RecordError) -> Result {
    try bytes.withUnsafeBufferPointer { bytes throws(RecordError) in
      let kind: JSONKind
      do throws(JSONError) {
        var reader = try JSONReader(bytes, rules: .python)
        kind = try reader.peek()
        if kind == .object {
          let result = try body(&reader, bytes)
          try reader.finish()
          return result
        }
        try reader.skipValue()
        try reader.finish()
      } catch {
        throw problem(error)
      }
      throw .notAnObject(
        file: source.name, line: line, found: kind.rawValue, isElement: isArray == true)
    }
  }

  private func problem(_ error: JSONError) -> RecordError {
    if case .invalidUTF8(let offset) = error {
      let fault = bytes.withUnsafeBufferPointer { EncodingFault(in: $0, at: offset, of: source) }
      return .notUTF8(file: source.name, line: line, fault)
    }
    guard isArray == true else {
      let advice = mayBeArray ? "; expected an array of objects, or one object on each line" : ""
      return .notJSON(file: source.name, line: line, reason: error.description + advice)
    }
    let isEmpty = bytes.allSatisfy { $0 <= UInt8(ascii: " ") }
    return .notJSON(
      file: source.name, line: line,
      reason: isEmpty
        ? "expected an object before a comma or the end of the array"
        : "\(error), counted from the start of this object")
  }
}
