import Foundation
import SwiftletSafetensors
import SwiftletSystem

@testable import SwiftletCheckpoint

/// Files that `Fixtures/pytorch/make.py` and `make_old.py` wrote with torch.
enum PyTorchFixtures {
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")
  static let folder = fixtures.appending(path: "pytorch").path

  /// All files, relative to the folder.
  static let files: [String] = {
    let paths = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
    return paths.filter { $0.hasSuffix(".bin") }.sorted()
  }()

  /// Some of each form, for tests that try each file many times.
  static let few = [
    "views/zip.bin", "views/legacy.bin", "module/zip-protocol-4.bin", "tied/torch-1.4.bin",
  ]

  /// Where the values of a set are, if not beside it.
  private static let checkpoints = [
    "single-label": "checkpoints/single-label/model.safetensors",
    "dense": "heads/embed-joined/2_Dense/model.safetensors",
  ]

  static func path(_ name: String) -> String { folder + "/" + name }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: path(name))))
  }

  /// What torch reads of a file.
  static func values(of name: String) throws -> SafetensorsFile {
    let set = String(name.split(separator: "/")[0])
    return try SafetensorsFile(
      path: checkpoints[set].map { fixtures.appending(path: $0).path }
        ?? path("\(set)/values.safetensors"))
  }
}

/// The error on reading a file; nil if all its tensors are read.
func pyTorchFailure(_ bytes: [UInt8]) -> PyTorchError? {
  do throws(PyTorchError) {
    _ = try PyTorchFile(bytes: bytes).storedTensors()
    return nil
  } catch {
    return error
  }
}

/// A pickle of the protocol 2, written instruction by instruction.
final class Pickle {
  private(set) var bytes: [UInt8] = [0x80, 2]

  /// The dictionary of one tensor, `name`, in a storage `key`.
  static func tensor(
    _ name: String = "a", type: String = "FloatStorage", key: String = "0", count: Int = 4,
    offset: Int = 0, shape: [Int] = [4], strides: [Int] = [1]
  ) -> [UInt8] {
    let pickle = Pickle()
    pickle.add("}").string(name)
    pickle.rebuild(
      type: type, key: key, count: count, offset: offset, shape: shape, strides: strides)
    return pickle.add("s").finished
  }

  var finished: [UInt8] { bytes + [UInt8(ascii: ".")] }

  /// Adds instructions whose codes are ASCII.
  @discardableResult
  func add(_ text: String) -> Self {
    bytes += text.utf8
    return self
  }

  @discardableResult
  func add(_ codes: [UInt8]) -> Self {
    bytes += codes
    return self
  }

  @discardableResult
  func string(_ text: String) -> Self {
    add("X").add(little(UInt32(text.utf8.count))).add(text)
  }

  @discardableResult
  func integer(_ value: Int) -> Self { add([0x8A, 8]).add(little(value)) }

  /// A call of a function of torch with the arguments of a tensor.
  @discardableResult
  func rebuild(
    type: String = "FloatStorage", key: String = "0", count: Int = 4, offset: Int = 0,
    shape: [Int] = [4], strides: [Int] = [1]
  ) -> Self {
    add("ctorch._utils\n_rebuild_tensor_v2\n((").string("storage").add("ctorch\n\(type)\n")
    string(key).string("cpu").integer(count).add("tQ").integer(offset).add("(")
    for size in shape { integer(size) }
    add("t(")
    for stride in strides { integer(stride) }
    return add("t").add([0x89]).add("ccollections\nOrderedDict\n)RtR")
  }
}

func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// A zip archive of stored entries, and ways to damage it.
struct Zip {
  var entries: [(name: String, bytes: [UInt8])]
  /// Written in the headers in place of the true values.
  var method: UInt16 = 0
  var flags: UInt16 = 0
  var localName: String?
  var localSize: UInt32?
  var directorySize: [String: UInt32] = [:]
  var headerPlace: [String: UInt32] = [:]
  var count: UInt16?
  var directoryStart: UInt32?
  /// Whether the record at the end, and the directory's entries, have their 64-bit forms.
  var isWide = false
  var comment: [UInt8] = []

  /// A file of PyTorch with a pickle and one storage, `0`.
  init(pickle: [UInt8], storage: [UInt8] = Array(repeating: 1, count: 16)) {
    entries = [("a/data.pkl", pickle), ("a/data/0", storage), ("a/version", Array("3\n".utf8))]
  }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for (name, bytes) in entries {
      let place = headerPlace[name] ?? UInt32(file.count)
      let size = directorySize[name] ?? UInt32(bytes.count)
      let stored = localName ?? name
      file += Array("PK\u{3}\u{4}".utf8) + little(UInt16(0)) + fields(localSize ?? size, stored)
      file += stored.utf8 + bytes
      let wide = isWide ? wideField([Int(size), Int(size), Int(place)]) : []
      directory += Array("PK\u{1}\u{2}".utf8) + little(UInt32(0))
      directory += fields(isWide ? .max : size, name, extra: wide.count)
      directory += Array(repeating: 0, count: 10) + little(isWide ? .max : place)
      directory += name.utf8 + wide
    }
    let start = directoryStart ?? UInt32(file.count)
    let end = file.count + directory.count
    file += directory
    if isWide {
      file += Array("PK\u{6}\u{6}".utf8) + little(UInt64(44)) + Array(repeating: 0, count: 12)
      for value in [entries.count, entries.count, directory.count, Int(start)] {
        file += little(value)
      }
      file += Array("PK\u{6}\u{7}".utf8) + little(UInt32(0)) + little(end) + little(UInt32(1))
    }
    file += Array("PK\u{5}\u{6}".utf8) + little(UInt32(0))
    let number = isWide ? .max : count ?? UInt16(entries.count)
    file += little(number) + little(number)
    file += little(isWide ? .max : UInt32(directory.count)) + little(isWide ? .max : start)
    return file + little(UInt16(comment.count)) + comment
  }

  /// The fields from the flags to the length of the extra field.
  private func fields(_ size: UInt32, _ name: String, extra: Int = 0) -> [UInt8] {
    little(flags) + little(method) + Array(repeating: 0, count: 8) + little(size) + little(size)
      + little(UInt16(name.utf8.count)) + little(UInt16(extra))
  }

  /// The extra field of an entry's 64-bit values, after one of another kind.
  private func wideField(_ values: [Int]) -> [UInt8] {
    Array("FB".utf8) + little(UInt16(3)) + [1, 2, 3] + little(UInt16(1))
      + little(UInt16(8 * values.count)) + values.flatMap { little($0) }
  }
}
