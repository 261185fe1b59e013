import Foundation
import SwiftletTokenizer

/// CRC-32 as zlib computes it, continued from an earlier one.
struct CRC32 {
  private(set) var value: UInt32 = 0

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
  }

  mutating func add(_ bytes: some Sequence<UInt8>) {
    let table = Self.table
    var crc = ~value
    for byte in bytes { crc = crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] }
    value = ~crc
  }

  mutating func add(_ words: [Int32]) {
    words.map(\.littleEndian).withUnsafeBytes { add($0) }
  }

  /// An encoding in the order of make.py.
  mutating func add(_ encoding: Encoding, of text: String, pair: String? = nil) {
    add(encoding, encoding.offsets(in: .unicodeScalars, of: text, pair: pair))
  }

  /// An encoding of text given in words.
  mutating func add(_ encoding: Encoding, ofWords words: [String], pair: [String] = []) {
    add(encoding, encoding.offsets(in: .unicodeScalars, ofWords: words, pair: pair))
  }

  private mutating func add(_ encoding: Encoding, _ offsets: [Range<Int>]) {
    add(encoding.ids)
    add(offsets.map { Int32($0.lowerBound) })
    add(offsets.map { Int32($0.upperBound) })
    add(encoding.wordIDs.map { Int32($0 ?? -1) })
    add(encoding.typeIDs)
    add(encoding.specialTokensMask.map { Int32($0) })
  }
}

/// The files beside the tests.
enum Fixtures {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let folder = root.appending(path: "Tests/Fixtures/tokenizer")
  static let bundledVocabulary = root.appending(path: "weights/sentiment/vocab.txt").path
  /// Published vocabularies and texts that are too large for the repository; tests that need them are
  /// skipped without them.
  static let shared = root.appending(path: "../shared/tokenizer").standardizedFileURL
  static let hasShared = FileManager.default.fileExists(atPath: shared.path)

  static func lines(of name: String) throws -> [String] {
    try lines(folder.appending(path: name))
  }

  static func lines(_ url: URL) throws -> [String] {
    var lines = try Data(contentsOf: url).split(
      separator: UInt8(ascii: "\n"),
      omittingEmptySubsequences: false
    )
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The checksums that make.py has written, by series.
  static let series: [String: [UInt32]] = {
    guard let index = try? lines(folder.appending(path: "checksums.tsv")),
      let data = try? Data(contentsOf: folder.appending(path: "checksums.bin"))
    else { return [:] }
    let bytes = [UInt8](data)
    var series: [String: [UInt32]] = [:]
    for line in index where !line.hasPrefix("#") {
      let fields = line.split(separator: "\t")
      guard fields.count == 3, let start = Int(fields[1]), let count = Int(fields[2]) else {
        continue
      }
      series[String(fields[0])] = (start..<start + count).map { word in
        (0..<4).reduce(0) { $0 | UInt32(bytes[word * 4 + $1]) << (8 * UInt32($1)) }
      }
    }
    return series
  }()
}

/// The texts that make.py makes up, from the same generator.
struct RandomTexts {
  private var state: UInt64 = 2024
  private let pool: [Unicode.Scalar]
  private static let marks: [UInt32] = [
    0x301, 0x316, 0x302E, 0x334, 0x345, 0x327, 0x93C, 0x1D165, 0x5B0, 0xF71, 0x3099, 0x200D, 0x344,
  ]

  init() throws {
    let lines = try Fixtures.lines(of: "nasty.txt")
    pool = Set(lines.joined().unicodeScalars).sorted()
  }

  private mutating func next(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % count
  }

  mutating func text() -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<1 + next(30) {
      switch next(10) {
      case 0: text.append(Unicode.Scalar(UInt32(next(0x110000))) ?? "a")
      case 1: text.append(" ")
      case 2: text.append(contentsOf: "[MASK]".unicodeScalars)
      case 3, 4: text.append(Unicode.Scalar(Self.marks[next(Self.marks.count)]) ?? "?")
      case 5, 6: text.append(Unicode.Scalar(UInt8(0x61 + next(26))))
      default: text.append(pool[next(pool.count)])
      }
    }
    return String(text)
  }

  static func make(_ count: Int) throws -> [String] {
    var random = try RandomTexts()
    return (0..<count).map { _ in random.text() }
  }
}

/// All scalars between an `a` and a `b`, in texts of 256.
enum ScalarTexts {
  static let all: [String] = {
    var texts: [String] = []
    for start in stride(from: UInt32(0), to: 0x110000, by: 256)
    where !(0xD800..<0xE000).contains(start) {
      var text = String.UnicodeScalarView()
      for code in start..<start + 256 {
        if code > start { text.append(" ") }
        text.append("a")
        text.append(Unicode.Scalar(code) ?? "?")
        text.append("b")
      }
      texts.append(String(text))
    }
    return texts
  }()
}
