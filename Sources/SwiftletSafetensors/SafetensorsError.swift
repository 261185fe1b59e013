/// Why a safetensors file, or a directory of them, can't be read or written.
///
/// Cases that the reference implementation knows carry its names. `file` is the path as it was
/// given, or `(bytes)` for a file read from memory.
public enum SafetensorsError: Error, Equatable, Sendable {
  // MARK: Opening, in the order of the checks

  /// There is no file of this name.
  case fileNotFound(file: String)
  /// The file is there but the system doesn't give its bytes.
  case unreadable(file: String, reason: String)
  /// The system refused the memory, or the addresses, for the bytes of the file.
  case noMemory(file: String, bytes: Int)
  /// The file was never downloaded: in its place lies a Git LFS pointer, a web page or a server's
  /// message.
  case standIn(file: String, reason: String)
  /// Not even the eight bytes of the header's length.
  case headerTooSmall(file: String, byteCount: Int)
  /// The header claims to be longer than the format allows.
  case headerTooLarge(file: String, limit: Int, found: UInt64)
  /// The header claims to be longer than what follows in the file.
  case invalidHeaderLength(file: String, headerLength: Int, fileLength: Int)
  /// The header isn't UTF-8.
  case invalidHeader(file: String, offset: Int)
  /// The header isn't JSON, or not of the form that the format lays down.
  case invalidHeaderDeserialization(file: String, tensor: String?, reason: String)
  /// A tensor name, a key of `__metadata__` or a field of a tensor is given twice.
  case duplicateName(file: String, name: String)
  /// A tensor's type is none of ``DataType``.
  case unknownDataType(file: String, tensor: String, found: String)
  /// A tensor doesn't begin where the one before it ends.
  case invalidOffset(
    file: String,
    tensor: String,
    expectedBegin: UInt64,
    foundBegin: UInt64,
    foundEnd: UInt64
  )
  /// A shape whose size is beyond what can be counted.
  case validationOverflow(file: String, tensor: String, shape: [UInt64])
  /// A tensor of a type smaller than a byte that doesn't end on a byte.
  case misalignedSlice(file: String, tensor: String, dataType: DataType, bitCount: UInt64)
  /// The shape and type ask for another number of bytes than the tensor has.
  case tensorInvalidInfo(file: String, tensor: String, expected: UInt64, found: UInt64)
  /// The tensors don't reach exactly to the end of the file.
  case metadataIncompleteBuffer(file: String, expectedLength: UInt64, fileLength: Int)

  // MARK: Reading values

  /// No tensor of this name.
  case tensorNotFound(file: String, tensor: String)
  /// The tensor's type has no reading as what was asked for.
  case notConvertible(file: String, tensor: String, dataType: DataType, wanted: String)
  /// A value of an unsigned tensor is beyond `Int64`.
  case integerOutOfRange(file: String, tensor: String, index: Int, found: UInt64)

  // MARK: Writing

  /// The system refused to write.
  case unwritable(file: String, reason: String)
  /// The code that provides a tensor's bytes failed.
  case providerFailed(file: String, tensor: String, reason: String)
  /// A tensor is called `__metadata__`.
  case reservedName(file: String)
  /// A dimension is negative.
  case invalidShape(file: String, tensor: String, shape: [Int])

  // MARK: Checkpoints

  /// The directory holds no weights under any name they go by.
  case noWeights(directory: String, lookedFor: [String])
  /// The only weights are a pickle, which runs code when it is loaded.
  case pickleCheckpoint(file: String)
  /// The only weights are in another library's format.
  case foreignCheckpoint(file: String, format: ForeignFormat)
  /// The index of a sharded checkpoint isn't what it should be.
  case invalidIndex(file: String, reason: String)
  /// The index names a shard outside of its own directory.
  case invalidShardName(file: String, tensor: String, shard: String)
  /// Shards that the index names are not there.
  case missingShards(file: String, shards: [String])
  /// A shard doesn't hold a tensor that the index promises.
  case tensorNotInShard(file: String, tensor: String, shard: String)
}
