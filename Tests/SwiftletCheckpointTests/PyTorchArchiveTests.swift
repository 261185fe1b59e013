import SwiftletSafetensors
import Testing

@testable import SwiftletCheckpoint

@Suite struct PyTorchArchiveTests {
  private func failure(_ bytes: [UInt8]) -> PyTorchError? { pyTorchFailure(bytes) }

  private func reason(_ error: PyTorchError?) -> String { error?.description ?? "no error" }

  // MARK: Archives

  @Test func `a damaged archive is refused`() {
    let size = UInt32(Pickle.tensor().count)
    let changes: [(String, (inout Zip) -> Void)] = [
      ("another name", { $0.localName = "b/data.pkl" }),
      ("another name or size", { $0.localSize = 3 }),
      ("overlap", { $0.directorySize["a/data.pkl"] = size + 20 }),
      ("two entries", { $0.entries[2].name = "a/data/0" }),
      ("bytes from byte", { $0.directorySize["a/version"] = 5000 }),
      ("no header of the entry", { $0.headerPlace["a/version"] = 7 }),
      ("no header of the entry", { $0.headerPlace["a/version"] = .max - 1 }),
      ("can't have", { $0.count = 65_000 }), ("after its 2 entries", { $0.count = 2 }),
      (
        "before the last entry",
        {
          $0.count = 4; $0.entries[2].name += String(repeating: "x", count: 99)
        }
      ),
      ("does not hold", { $0.directoryStart = .max - 1 }),
      ("0 entries NAME", { $0.entries[0].name = "data.pkl" }),
      ("2 entries NAME", { $0.entries.append(("b/data.pkl", [])) }),
    ]
    for (words, change) in changes {
      var zip = Zip(pickle: Pickle.tensor())
      change(&zip)
      let error = failure(zip.bytes)
      guard case .damagedArchive = error else {
        Issue.record("\(words): \(reason(error))")
        continue
      }
      #expect(reason(error).contains(words), "\(words): \(reason(error))")
    }
  }

  @Test func `compressed and encrypted entries, programs and big-endian files are named`() {
    var zip = Zip(pickle: Pickle.tensor())
    zip.method = 8
    #expect(failure(zip.bytes) == .compressedEntry(file: "(bytes)", entry: "a/data.pkl"))
    (zip.method, zip.flags) = (0, 1)
    #expect(failure(zip.bytes) == .compressedEntry(file: "(bytes)", entry: "a/data.pkl"))
    zip.flags = 8
    #expect(failure(zip.bytes) == nil, "sizes after the data")
    zip.entries.append(("a/byteorder", Array("little".utf8)))
    #expect(failure(zip.bytes) == nil)
    zip.entries[3].bytes = Array("big".utf8)
    #expect(failure(zip.bytes) == .bigEndian(file: "(bytes)"))
    zip.entries[3].name = "a/constants.pkl"
    #expect(failure(zip.bytes) == .torchScript(file: "(bytes)"))
  }

  @Test(arguments: [
    [], [0x80], Array("PK\u{3}\u{4}".utf8), Array("ustar".utf8), [0x80, 2, 0x4E, 0x2E],
  ])
  func `another file is refused`(bytes: [UInt8]) {
    #expect(failure(bytes) != nil)
  }

  // MARK: The older form

  /// `shapes/legacy.bin` with the first place of `old` replaced by `new`.
  private func legacy(_ old: [UInt8], _ new: [UInt8]) throws -> [UInt8] {
    var bytes = try PyTorchFixtures.bytes("shapes/legacy.bin")
    let place = try #require(bytes.firstRange(of: old))
    bytes.replaceSubrange(place, with: new)
    return bytes
  }

  @Test func `a damaged file of the older form is refused`() throws {
    let name = Array("little_endianq".utf8)
    #expect(
      failure(try legacy(name + [2, 0x88], name + [2, 0x89])) == .bigEndian(file: "(bytes)"))
    #expect(failure(try legacy([0x6C, 0xFC], [0x6C, 0xFD])) == .notPyTorch(file: "(bytes)"))
    let version: [UInt8] = [0x4D, 0xE9, 0x03, 0x2E]
    guard case .damagedPickle = failure(try legacy(version, [0x4D, 0xEA, 0x03, 0x2E])) else {
      Issue.record("another version is accepted")
      return
    }
    // The number of elements of the last storage, before its 20 bytes.
    var bytes = try PyTorchFixtures.bytes("shapes/legacy.bin")
    let count = try #require(bytes.lastRange(of: little(UInt64(5))))
    for number in [UInt64(4), 6, 1 << 62, .max] {
      bytes.replaceSubrange(count, with: little(number))
      #expect(failure(bytes) != nil, "\(number) elements")
    }
  }

  // MARK: Damage anywhere

  @Test(arguments: PyTorchFixtures.few)
  func `a file cut short anywhere is refused`(name: String) throws {
    let bytes = try PyTorchFixtures.bytes(name)
    for count in 0..<bytes.count {
      #expect(failure(Array(bytes[..<count])) != nil, "\(count) bytes")
    }
  }

  @Test(arguments: PyTorchFixtures.few, [0, 1, 6, 7])
  func `a file with one bit changed is refused, or its tensors are within it`(
    name: String, bit: Int
  ) throws {
    let bytes = try PyTorchFixtures.bytes(name)
    var sum = 0
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1 << UInt8(bit)
      guard let tensors = try? PyTorchFile(bytes: changed).storedTensors() else { continue }
      // Reads every byte.
      for tensor in tensors { sum &+= tensor.bytes.reduce(0) { $0 &+ Int($1) } }
    }
    withExtendedLifetime(sum) {}
  }
}

extension [UInt8] {
  /// The last place of some bytes.
  fileprivate func lastRange(of bytes: [UInt8]) -> Range<Int>? {
    (0...Swift.max(0, count - bytes.count)).last { self[$0...].starts(with: bytes) }
      .map { $0..<$0 + bytes.count }
  }

  /// The first place of some bytes.
  fileprivate func firstRange(of bytes: [UInt8]) -> Range<Int>? {
    (0...Swift.max(0, count - bytes.count)).first { self[$0...].starts(with: bytes) }
      .map { $0..<$0 + bytes.count }
  }
}
