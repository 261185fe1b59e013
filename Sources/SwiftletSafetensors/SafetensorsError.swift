/// Why a safetensors file, or a directory of them, can't be read or written.
///
/// Cases that also exist in the reference implementation have the same names. `file` is the path as
/// given, or `(bytes)` for a file in memory.
public enum SafetensorsError: Error, Equatable, Sendable {
  // MARK: Opening, in the order of the checks

  /// The file does not exist.
  case fileNotFound(file: String)
  /// The file exists, but the system returned an error when it was opened or read.
  case unreadable(file: String, reason: String)
  /// The system refused the memory or the address space for the file's bytes.
  case noMemory(file: String, bytes: Int)
  /// The file was never downloaded: it is a Git LFS pointer, a web page or a server's error
  /// response.
  case standIn(file: String, reason: String)
  /// The file is shorter than the eight bytes of the header's length.
  case headerTooSmall(file: String, byteCount: Int)
  /// The declared header length exceeds the format's limit.
  case headerTooLarge(file: String, limit: Int, found: UInt64)
  /// The declared header length exceeds the rest of the file.
  case invalidHeaderLength(file: String, headerLength: Int, fileLength: Int)
  /// The header isn't UTF-8.
  case invalidHeader(file: String, offset: Int)
  /// The header isn't JSON, or its JSON does not have the format's structure.
  case invalidHeaderDeserialization(file: String, tensor: String?, reason: String)
  /// A tensor name, a key of `__metadata__` or a field of a tensor appears twice.
  case duplicateName(file: String, name: String)
  /// A tensor's type is not a ``DataType``.
  case unknownDataType(file: String, tensor: String, found: String)
  /// A tensor doesn't begin where the one before it ends.
  case invalidOffset(
    file: String, tensor: String, expectedBegin: UInt64, foundBegin: UInt64, foundEnd: UInt64)
  /// The size of a shape overflows 64 bits.
  case validationOverflow(file: String, tensor: String, shape: [UInt64])
  /// The size of a tensor, of a type smaller than a byte, is not a whole number of bytes.
  case misalignedSlice(file: String, tensor: String, dataType: DataType, bitCount: UInt64)
  /// The size that follows from shape and type differs from the tensor's number of bytes.
  case tensorInvalidInfo(file: String, tensor: String, expected: UInt64, found: UInt64)
  /// The last tensor does not end where the file ends.
  case metadataIncompleteBuffer(file: String, expectedLength: UInt64, fileLength: Int)

  // MARK: Reading values

  /// There is no tensor with this name.
  case tensorNotFound(file: String, tensor: String)
  /// The tensor's type does not convert to the requested type.
  case notConvertible(file: String, tensor: String, dataType: DataType, wanted: String)
  /// A value of an unsigned tensor exceeds `Int64.max`.
  case integerOutOfRange(file: String, tensor: String, index: Int, found: UInt64)

  // MARK: Writing

  /// The system returned an error when the file was created, written or renamed.
  case unwritable(file: String, reason: String)
  /// The closure that provides a tensor's bytes threw an error.
  case providerFailed(file: String, tensor: String, reason: String)
  /// A tensor is named `__metadata__`.
  case reservedName(file: String)
  /// A dimension is negative.
  case invalidShape(file: String, tensor: String, shape: [Int])

  // MARK: Checkpoints

  /// The directory has no file with a usual name of weights.
  case noWeights(directory: String, lookedFor: [String])
  /// The only weights are in files of PyTorch, which models load but ``SafetensorsCheckpoint`` does not.
  case pickleCheckpoint(file: String)
  /// The only weights are in another library's format.
  case foreignCheckpoint(file: String, format: ForeignFormat)
  /// The index of a sharded checkpoint is not valid JSON or has no `weight_map`.
  case invalidIndex(file: String, reason: String)
  /// The index names a shard outside of its own directory.
  case invalidShardName(file: String, tensor: String, shard: String)
  /// Shards named by the index do not exist.
  case missingShards(file: String, shards: [String])
  /// A shard doesn't hold a tensor that the index assigns to it.
  case tensorNotInShard(file: String, tensor: String, shard: String)
}
