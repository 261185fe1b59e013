import SwiftletSafetensors

/// An entry of an archive's central directory.
struct ZipRecord {
  let name: String
  /// The place of the entry's local header.
  let header: Int
  private let nameRange: Range<Int>
  private let fields: ZipFields
  private let size: UInt64

  /// Reads the next entry; nil if the directory ends before or within it, or it is not one.
  init?(_ cursor: inout ByteCursor, _ bytes: UnsafeRawBufferPointer) {
    guard cursor.integer(UInt32.self) == 0x0201_4B50, cursor.integer(UInt16.self) != nil,
      let fields = ZipFields(&cursor), let commentLength = cursor.integer(UInt16.self),
      cursor.range(8) != nil, let header = cursor.integer(UInt32.self),
      let name = cursor.range(fields.nameLength), let extra = cursor.range(fields.extraLength),
      cursor.range(commentLength) != nil
    else { return nil }
    var wide = Self.wideValues(ByteCursor(bytes, extra))
    guard let size = Self.value(fields.size, &wide),
      let compressed = Self.value(fields.compressedSize, &wide),
      let place = Self.value(header, &wide),
      let header = Int(exactly: place), fields.isCompressed || size == compressed
    else { return nil }
    self.name = String(decoding: bytes[name], as: UTF8.self)
    (self.header, self.fields, self.size, nameRange) = (header, fields, size, name)
  }

  /// The field of 64-bit values, which replace those that have no room in 32 bits, in order.
  private static func wideValues(_ extra: ByteCursor) -> ByteCursor? {
    var extra = extra
    while let kind = extra.integer(UInt16.self), let length = extra.integer(UInt16.self) {
      let values = extra
      guard extra.range(length) != nil else { return nil }
      if kind == 1 { return values }
    }
    return nil
  }

  private static func value(_ value: UInt32, _ wide: inout ByteCursor?) -> UInt64? {
    value == .max ? wide?.integer(UInt64.self) : UInt64(value)
  }

  /// The range of the entry's bytes, which end before `limit`.
  ///
  /// - Throws: `compressedEntry`; `damagedArchive` if the local header contradicts the directory.
  func data(
    in bytes: UnsafeRawBufferPointer, before limit: Int, file: String
  ) throws(PyTorchError) -> Range<Int> {
    guard !fields.isCompressed else { throw .compressedEntry(file: file, entry: name) }
    var cursor = ByteCursor(bytes, header..<max(header, limit))
    guard cursor.integer(UInt32.self) == 0x0403_4B50, let local = ZipFields(&cursor),
      let localName = cursor.range(local.nameLength), cursor.range(local.extraLength) != nil
    else {
      throw .damagedArchive(
        file: file, reason: "there is no header of the entry \(quoted(name)) at byte \(header)")
    }
    guard bytes[localName].elementsEqual(bytes[nameRange]), !local.isCompressed,
      local.agrees(withSize: size)
    else {
      throw .damagedArchive(
        file: file,
        reason: "the entry \(quoted(name)) has another name or size in its header at byte \(header)"
      )
    }
    guard let range = cursor.range(size) else {
      throw .damagedArchive(
        file: file,
        reason: "the entry \(quoted(name)) has \(size) bytes from byte \(cursor.offset), and the "
          + "directory begins at byte \(limit)")
    }
    return range
  }
}

/// The fields that a directory's entry and a local header both have.
private struct ZipFields {
  let flags: UInt16
  let method: UInt16
  let compressedSize: UInt32
  let size: UInt32
  let nameLength: UInt16
  let extraLength: UInt16

  init?(_ cursor: inout ByteCursor) {
    guard cursor.integer(UInt16.self) != nil, let flags = cursor.integer(UInt16.self),
      let method = cursor.integer(UInt16.self), cursor.range(8) != nil,
      let compressedSize = cursor.integer(UInt32.self), let size = cursor.integer(UInt32.self),
      let nameLength = cursor.integer(UInt16.self), let extraLength = cursor.integer(UInt16.self)
    else { return nil }
    (self.flags, self.method, self.size) = (flags, method, size)
    (self.compressedSize, self.nameLength, self.extraLength) =
      (compressedSize, nameLength, extraLength)
  }

  /// Whether the bytes are not stored as they are.
  var isCompressed: Bool { method != 0 || flags & 1 != 0 }

  /// Whether a local header has this size. With bit 3 the size follows the data, and with 64-bit sizes
  /// the field is full.
  func agrees(withSize expected: UInt64) -> Bool {
    flags & 8 != 0 || size == .max || UInt64(size) == expected
  }
}
