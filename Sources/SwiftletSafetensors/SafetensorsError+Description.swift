import SwiftletSystem

extension SafetensorsError: CustomStringConvertible {
  /// One line: the file, what is wrong, what to do.
  public var description: String {
    headerDescription ?? valueDescription ?? checkpointDescription ?? "safetensors error"
  }

  private var headerDescription: String? {
    switch self {
    case .fileNotFound(let file):
      "\(file): no such file; check the path"
    case .unreadable(let file, let reason):
      "\(file): can't be read (\(reason)); check that it is a file and its permissions"
    case .noMemory(let file, let bytes):
      "\(file): " + MemoryError(bytes: bytes, purpose: "the file").description
    case .standIn(let file, let reason):
      "\(file): can't be read: \(reason)"
    case .headerTooSmall(let file, let count):
      "\(file): header too small: a safetensors file has at least 8 bytes, this file \(count); "
        + Self.again
    case .headerTooLarge(let file, let limit, let found):
      "\(file): header too large: \(found) bytes, expected at most \(limit); "
        + "the file is damaged or not a safetensors file"
    case .invalidHeaderLength(let file, let length, let fileLength):
      "\(file): invalid header length: \(length) bytes in a file of \(fileLength) bytes; "
        + Self.again
    case .invalidHeader(let file, let offset):
      "\(file): invalid UTF-8 in header at byte \(offset); the file is damaged or not a "
        + "safetensors file"
    case .invalidHeaderDeserialization(let file, let tensor, let reason):
      "\(file): invalid JSON in header: " + (tensor.map { "tensor \(quoted($0)): " } ?? "")
        + "\(reason); correct the program that wrote the file"
    case .duplicateName(let file, let name):
      "\(file): duplicate name \(quoted(name)) in the header; names must be unique"
    case .unknownDataType(let file, let tensor, let found):
      "\(file): tensor \(quoted(tensor)) has unknown dtype \(quoted(found)); expected one of "
        + DataType.allCases.map(\.rawValue).joined(separator: ", ")
    default: offsetDescription
    }
  }

  private var offsetDescription: String? {
    switch self {
    case .invalidOffset(let file, let tensor, let expected, let begin, let end):
      "\(file): invalid offset for tensor \(quoted(tensor)): expected to begin at \(expected), "
        + "where the tensor before it ends, found [\(begin), \(end)]; write the file again"
    case .validationOverflow(let file, let tensor, let shape):
      "\(file): tensor \(quoted(tensor)): overflow computing the size of shape \(listed(shape)); "
        + "write the file again with the correct shape"
    case .misalignedSlice(let file, let tensor, let type, let bits):
      "\(file): tensor \(quoted(tensor)) of dtype \(type.rawValue) has \(bits) bits, expected a "
        + "multiple of 8; pad its last dimension"
    case .tensorInvalidInfo(let file, let tensor, let expected, let found):
      "\(file): tensor \(quoted(tensor)): its shape and dtype need \(expected) bytes, found "
        + "\(found); correct the shape, the dtype or the data"
    case .metadataIncompleteBuffer(let file, let expected, let found):
      "\(file): incomplete metadata, file not fully covered: the last tensor ends at byte "
        + "\(expected), the file at byte \(found); "
        + (UInt64(found) < expected ? Self.again : "remove the bytes after the last tensor")
    default: nil
    }
  }

  private var valueDescription: String? {
    switch self {
    case .tensorNotFound(let file, let tensor):
      "\(file): tensor \(quoted(tensor)) not found; check the name, byte for byte"
    case .notConvertible(let file, let tensor, let type, let wanted):
      "\(file): tensor \(quoted(tensor)) has dtype \(type.rawValue), which can't be read as "
        + "\(wanted); convert the file, or read the tensor's bytes"
    case .integerOutOfRange(let file, let tensor, let index, let found):
      "\(file): tensor \(quoted(tensor)): element \(index) is \(found), expected at most "
        + "\(Int64.max); read the tensor's bytes instead"
    case .unwritable(let file, let reason):
      "\(file): can't be written (\(reason)); check the directory, its permissions and free space"
    case .providerFailed(let file, let tensor, let reason):
      "\(file): not written: tensor \(quoted(tensor)) can't be read or converted: \(reason)"
    case .reservedName(let file):
      "\(file): not written: __metadata__ is not allowed as the name of a tensor; rename it"
    case .invalidShape(let file, let tensor, let shape):
      "\(file): not written: tensor \(quoted(tensor)) has shape \(listed(shape)), expected "
        + "dimensions of at least 0"
    default: nil
    }
  }

  private var checkpointDescription: String? {
    switch self {
    case .noWeights(let directory, let names):
      "\(directory): no weights found; looked for \(names.joined(separator: ", ")); "
        + "check that it is the directory of a checkpoint"
    case .pickleCheckpoint(let file):
      "\(file): a file of PyTorch, expected safetensors; convert the model's folder once: "
        + "swiftlet convert FOLDER --output NEW-FOLDER"
    case .foreignCheckpoint(let file, let format):
      "\(file): Swiftlet reads safetensors, not \(format.rawValue); \(format.conversion)"
    case .invalidIndex(let file, let reason):
      "\(file): invalid shard index: \(reason); expected {\"weight_map\": {tensor: shard}}"
    case .invalidShardName(let file, let tensor, let shard):
      "\(file): invalid shard name \(quoted(shard)) for tensor \(quoted(tensor)); expected the "
        + "name of a file in the index's directory"
    case .missingShards(let file, let shards):
      "\(file): missing shards: \(listedNames(shards)); download the whole checkpoint"
    case .tensorNotInShard(let file, let tensor, let shard):
      "\(file): tensor \(quoted(tensor)) is not in its shard \(quoted(shard)); index and shards "
        + "belong to different checkpoints, download all of them again"
    default: nil
    }
  }

  private static var again: String { "it is truncated, download or copy it again" }
}

/// Quotes a name from a file for printing: control characters escaped, at most 120 scalars.
package func quoted(_ name: String) -> String {
  var text = ""
  for (index, scalar) in name.unicodeScalars.enumerated() {
    if index == 120 { return "\"\(text)…\"" }
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0: text += scalar.escaped(asASCII: true)
    default: text.unicodeScalars.append(scalar)
    }
  }
  return "\"\(text)\""
}

private func listed(_ shape: [some FixedWidthInteger]) -> String {
  "[" + shape.prefix(16).map { "\($0)" }.joined(separator: ", ") + (shape.count > 16 ? ", …]" : "]")
}

private func listedNames(_ names: [String]) -> String {
  names.prefix(8).map(quoted).joined(separator: ", ")
    + (names.count > 8 ? " and \(names.count - 8) more" : "")
}
