import Glibc
import SwiftletJSON

/// Reads lines, which end in LF, CRLF or at the end of the file.
final class LineScanner {
  let source: ByteSource
  private let limit: Int

  /// The current line without its line break.
  private(set) var bytes: [UInt8] = []
  /// The number of the current line, from 1.
  private(set) var number = 0

  init(_ source: ByteSource, limit: Int) {
    self.source = source
    self.limit = limit
  }

  /// Reads the next line into ``bytes``; returns false at the end.
  func next() throws(RecordError) -> Bool {
    guard try source.fill() else { return false }
    bytes.removeAll(keepingCapacity: true)
    number += 1
    repeat {
      let window = source.window
      let end = window.firstIndex(ofByte: UInt8(ascii: "\n"))
      let count = end ?? window.count
      guard bytes.count + count <= limit else {
        throw .recordTooLong(file: source.name, line: number, limit: limit)
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: window[..<count]))
      source.consume(end == nil ? count : count + 1)
      if end != nil { break }
    } while try source.fill()
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return true
  }

  /// Throws if the line is not UTF-8.
  func validate() throws(RecordError) {
    let bad = bytes.withUnsafeBufferPointer { UTF8Validation.firstInvalidOffset(in: $0) }
    if let bad { throw notUTF8(at: bad) }
  }

  /// Returns the error for an invalid byte at `offset`.
  func notUTF8(at offset: Int) -> RecordError {
    let fault = bytes.withUnsafeBufferPointer {
      EncodingFault(in: $0, at: offset, of: source)
    }
    return .notUTF8(file: source.name, line: number, fault)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Returns the index of the first `byte`, found by `memchr`; nil if there is none.
  func firstIndex(ofByte byte: UInt8) -> Int? {
    guard let baseAddress, let found = memchr(baseAddress, Int32(byte), count) else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(baseAddress)
  }
}
