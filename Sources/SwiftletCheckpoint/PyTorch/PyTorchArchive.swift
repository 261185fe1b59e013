import SwiftletSafetensors

/// The container of a PyTorch file: a pickle, and the storages that it names.
protocol PyTorchArchive {
  /// The value that was saved.
  var pickle: PickleReader.Result { get }

  /// The place of a storage's bytes, by the name in the pickle; nil if the file lacks it.
  func storage(_ storage: PickleObjects.Storage) -> Range<Int>?
}

/// The zip archive of PyTorch 1.6 and later: `NAME/data.pkl` and `NAME/data/KEY` for each storage.
struct PyTorchZip: PyTorchArchive {
  let pickle: PickleReader.Result
  private let archive: ZipArchive
  private let folder: String
  private let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(PyTorchError) {
    archive = try ZipArchive(bytes, file: file)
    self.bytes = bytes
    let names = archive.entries.map(\.name)
    let pickles = names.filter { $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2 }
    guard pickles.count == 1, let place = archive[pickles[0]] else {
      throw .damagedArchive(
        file: file,
        reason:
          "it has \(pickles.count) entries NAME/data.pkl, expected one, as torch.save writes it")
    }
    folder = String(pickles[0].dropLast("data.pkl".count))
    if archive[folder + "constants.pkl"] != nil { throw .torchScript(file: file) }
    if let order = archive[folder + "byteorder"], !bytes[order].elementsEqual("little".utf8) {
      throw .bigEndian(file: file)
    }
    pickle = try PickleReader.read(bytes, place, file: file)
  }

  func storage(_ storage: PickleObjects.Storage) -> Range<Int>? {
    archive[folder + "data/" + String(decoding: bytes[storage.key], as: UTF8.self)]
  }
}

/// The form of PyTorch before 1.6, or of `_use_new_zipfile_serialization=False`: five pickles one after
/// another (a magic number, a version, facts about the machine, the value, the keys of the storages), then
/// the storages in the order of the keys, each with its number of elements before it.
struct PyTorchLegacyFile: PyTorchArchive {
  let pickle: PickleReader.Result
  private let storages: [[UInt8]: Range<Int>]
  private let bytes: UnsafeRawBufferPointer

  /// 0x1950a86a20f9469cfc6c
  private static let magic: [UInt8] = [
    0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]
  private static let version = 1001

  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(PyTorchError) {
    self.bytes = bytes
    let magic = try? PickleReader.read(bytes, 0..<min(bytes.count, 64), file: file)
    guard let magic, case .wideInteger(let place) = magic.value,
      bytes[place].elementsEqual(Self.magic)
    else { throw .notPyTorch(file: file) }
    let version = try PickleReader.read(bytes, magic.end..<bytes.count, file: file)
    guard version.value.integer == Self.version else {
      throw .damagedPickle(
        file: file, offset: magic.end, reason: "the version of the format is not \(Self.version)")
    }
    let machine = try PickleReader.read(bytes, version.end..<bytes.count, file: file)
    guard Self.isLittleEndian(machine, bytes) else { throw .bigEndian(file: file) }
    pickle = try PickleReader.read(bytes, machine.end..<bytes.count, file: file)
    let keys = try PickleReader.read(bytes, pickle.end..<bytes.count, file: file)
    storages = try Self.storages(keys, of: pickle, bytes, file: file)
  }

  func storage(_ storage: PickleObjects.Storage) -> Range<Int>? {
    storages[Array(bytes[storage.key])]
  }

  private static func isLittleEndian(
    _ machine: PickleReader.Result, _ bytes: UnsafeRawBufferPointer
  ) -> Bool {
    guard case .dictionary(let index) = machine.value else { return false }
    return machine.objects.dictionaries[index].contains { key, value in
      guard let key = key.string, case .bool(true) = value else { return false }
      return bytes[key].elementsEqual("little_endian".utf8)
    }
  }

  /// The places of the storages, which follow the pickle with their keys.
  private static func storages(
    _ keys: PickleReader.Result, of pickle: PickleReader.Result, _ bytes: UnsafeRawBufferPointer,
    file: String
  ) throws(PyTorchError) -> [[UInt8]: Range<Int>] {
    guard case .list(let list) = keys.value else {
      throw .damagedPickle(
        file: file, offset: pickle.end, reason: "the keys of the storages are not a list")
    }
    var widths: [[UInt8]: Int] = [:]
    for storage in pickle.objects.storages {
      widths[Array(bytes[storage.key])] = (storage.dataType ?? .u8).bitWidth / 8
    }
    var cursor = ByteCursor(bytes, keys.end..<bytes.count)
    var places: [[UInt8]: Range<Int>] = [:]
    for key in keys.objects.lists[list] {
      guard let name = key.string.map({ Array(bytes[$0]) }), let width = widths[name],
        places[name] == nil
      else {
        throw .damagedPickle(
          file: file, offset: pickle.end, reason: "a storage has an unknown key, or a key twice")
      }
      guard let count = cursor.integer(Int64.self).flatMap({ Int(exactly: $0) }),
        case let (size, overflow) = count.multipliedReportingOverflow(by: width), !overflow,
        let place = cursor.range(size)
      else {
        throw .damagedPickle(
          file: file, offset: cursor.offset, reason: "a storage of the tensors is truncated")
      }
      places[name] = place
    }
    return places
  }
}
