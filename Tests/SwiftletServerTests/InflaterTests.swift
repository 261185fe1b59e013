#if Server
import Foundation
import Testing

@testable import SwiftletServer

@Suite struct InflaterTests {
  /// Bodies by Python's zlib, from Tests/Fixtures/compressed/make_bodies.py.
  struct Body: CustomTestStringConvertible {
    let name: String
    let kind: ContentCoding
    let bytes: [UInt8]
    let text: [UInt8]

    var testDescription: String { name }
  }

  private struct File: Decodable {
    struct Body: Decodable {
      let name: String
      let coding: String
      let compressed: Data
      let text: String
    }

    let texts: [String: String]
    let bodies: [Body]
  }

  static let bodies: [Body] = {
    let path = TestModel.fixtures + "/compressed/bodies.json"
    let data = FileManager.default.contents(atPath: path) ?? Data()
    guard let file = try? JSONDecoder().decode(File.self, from: data) else { return [] }
    return file.bodies.map { body in
      Body(
        name: body.name, kind: body.coding == "gzip" ? .gzip : .deflate,
        bytes: Array(body.compressed), text: Array((file.texts[body.text] ?? "").utf8))
    }
  }()

  @Test func `the bodies are there`() { #expect(Self.bodies.count > 90) }

  private func expand(
    _ bytes: [UInt8], _ coding: ContentCoding, limit: Int = 1 << 20, piece: Int = .max
  ) throws(Inflater.Failure) -> [UInt8] {
    var inflater = Inflater(coding, limit: limit)
    for start in stride(from: 0, to: bytes.count, by: min(piece, max(1, bytes.count))) {
      try inflater.append(bytes[start..<min(bytes.count, start + min(piece, bytes.count))])
    }
    return try inflater.finish()
  }

  @Test(arguments: bodies)
  func `zlib's output inflates to its input, in pieces of any size`(body: Body) throws {
    for piece in [.max, 4096, 7, 1] {
      #expect(try expand(body.bytes, body.kind, piece: piece) == body.text)
    }
  }

  @Test(arguments: bodies)
  func `inflating stops at the limit, which exact sizes reach`(body: Body) throws {
    let (bytes, count) = (body.bytes, body.text.count)
    #expect(try expand(bytes, body.kind, limit: count).count == count)
    for limit in [0, count / 2, count - 1] where limit >= 0 && limit < count {
      #expect(throws: Inflater.Failure.tooLong) { try expand(bytes, body.kind, limit: limit) }
    }
  }

  @Test(arguments: bodies)
  func `cut or changed input is an error or expands, without a trap`(body: Body) {
    let bytes = body.bytes
    guard bytes.count < 3000 else { return }
    for count in Swift.stride(from: 0, to: bytes.count, by: max(1, bytes.count / 300))
    where body.name != "two members gzip" {
      #expect(throws: Inflater.Failure.self) { try expand(Array(bytes[..<count]), body.kind) }
    }
    var generator = SeededGenerator(seed: UInt64(bytes.count))
    for _ in 0..<300 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        changed[Int.random(in: 0..<bytes.count, using: &generator)] =
          UInt8.random(in: 0...255, using: &generator)
      }
      guard let expanded = try? expand(changed, body.kind, limit: 100_000) else { continue }
      #expect(expanded.count <= 100_000)
    }
  }

  @Test func `the checksum finds damage that leaves the form intact`() throws {
    for body in Self.bodies
    where body.name.hasPrefix("noise stored") && body.name != "noise stored raw" {
      var bytes = body.bytes
      bytes[1000] ^= 1
      #expect {
        try expand(bytes, body.kind)
      } throws: { error in
        guard case Inflater.Failure.malformed(let problem) = error else { return false }
        return problem.contains("check")
      }
    }
  }

  @Test(
    arguments: [
      (.gzip, Array(#"{"inputs":"a"}"#.utf8), "gzip"), (.gzip, [], "ends too early"),
      (.deflate, [], "ends too early"), (.gzip, [0x1F, 0x8B, 7, 0, 0, 0, 0, 0, 0, 0], "method"),
      (.deflate, [0x78, 0xBB, 0, 0, 0, 0], "dictionary"), (.deflate, [0x07], "ends too early"),
      (.deflate, [0x07, 0x00], "damaged"), (.deflate, [3, 0, 1], "follows"),
    ] as [(ContentCoding, [UInt8], String)])
  func `input of another coding is an error with a text`(
    coding: ContentCoding, bytes: [UInt8], part: String
  ) {
    #expect {
      try expand(bytes, coding)
    } throws: { error in
      guard case Inflater.Failure.malformed(let problem) = error else { return false }
      return problem.contains(part)
    }
  }

  @Test(
    arguments: [
      (nil, nil), ("identity", nil), ("", nil), ("gzip", .gzip), ("GZIP", .gzip),
      ("x-gzip", .gzip), (" deflate ", .deflate),
    ] as [(String?, ContentCoding?)])
  func `one known coding is accepted, in any case`(field: String?, coding: ContentCoding?) throws {
    #expect(try ContentCoding.named(field) == coding)
    for other in ["zstd", "br", "gzip, gzip", "deflate,gzip", "compress"] {
      #expect(throws: ServerError.unsupportedEncoding(other)) { try ContentCoding.named(other) }
    }
  }
}
#endif
