import SwiftletSystem

/// One safetensors file, checked in full when it is opened.
///
/// Immutable, and safe to share between threads. A mapped file must not be changed in place while
/// this object lives.
///
///     let file = try SafetensorsFile(path: "model.safetensors")
///     let bias = try file.floats("classifier.bias")
public final class SafetensorsFile: @unchecked Sendable {
  // Unchecked for `data` and its owner, which nobody writes to after initialisation.

  /// How the bytes come into memory.
  public enum Loading: Sendable {
    /// Pages are read when they are touched, and shared between processes.
    case mapped
    /// Everything at once: the better way on network file systems.
    case read
  }

  /// The path as it was given; `(bytes)` for a file read from memory.
  public let path: String
  /// In the order of their data, which is seldom that of the model.
  public let tensors: [TensorInfo]
  /// The free-form `__metadata__`; empty if there is none.
  public let metadata: [String: String]

  private let data: UnsafeRawBufferPointer
  private let dataStart: Int
  private let owner: AnyObject
  private let indices: [ExactName: Int]

  /// Opens and checks the file at `path`.
  ///
  /// - Throws: the error of the first check that fails, in the reference implementation's order;
  ///   `fileNotFound` or `unreadable` if the system gives no bytes; `standIn` for a Git LFS pointer
  ///   and the like.
  public convenience init(
    path: String,
    loading: Loading = .mapped
  ) throws(SafetensorsError) {
    let contents = try FileContents.open(path, loading: loading)
    try self.init(bytes: contents.bytes, owner: contents, path: path)
  }

  /// Checks a file that is already in memory, of which it keeps a copy.
  public convenience init(bytes: [UInt8]) throws(SafetensorsError) {
    let copy: OwnedBytes
    do throws(MemoryError) { copy = try OwnedBytes(bytes) } catch {
      throw .noMemory(file: "(bytes)", bytes: error.bytes)
    }
    let buffer = UnsafeRawBufferPointer(start: copy.buffer.pointer, count: bytes.count)
    try self.init(bytes: buffer, owner: copy, path: "(bytes)")
  }

  private init(
    bytes: UnsafeRawBufferPointer,
    owner: AnyObject,
    path: String
  ) throws(SafetensorsError) {
    let header = try SafetensorsHeader(bytes, file: path)
    self.path = path
    self.tensors = header.tensors
    self.metadata = header.metadata
    self.data = UnsafeRawBufferPointer(rebasing: bytes[header.dataStart...])
    self.dataStart = header.dataStart
    self.owner = owner
    var indices: [ExactName: Int] = [:]
    indices.reserveCapacity(header.tensors.count)
    for (index, tensor) in header.tensors.enumerated() {
      indices[ExactName(tensor.name)] = index
    }
    self.indices = indices
  }

  /// The tensor of that name, byte for byte; nil if there is none.
  public func tensor(_ name: String) -> TensorInfo? {
    indices[ExactName(name)].map { tensors[$0] }
  }

  /// Lends the tensor's bytes as they are in the file: little-endian, row-major, and of any
  /// alignment, so elements must be loaded unaligned.
  public func withBytes<Result>(
    of name: String,
    _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(SafetensorsError) -> Result {
    let bytes = self.bytes(of: try requireTensor(name))
    return withExtendedLifetime(self) { body(bytes) }
  }

  func requireTensor(_ name: String) throws(SafetensorsError) -> TensorInfo {
    guard let tensor = tensor(name) else { throw .tensorNotFound(file: path, tensor: name) }
    return tensor
  }

  /// Gives back the memory of a range of the data, which must not be read again; see
  /// `FileContents.release`.
  func release(_ range: Range<Int>) {
    (owner as? FileContents)?
      .release(range.lowerBound + dataStart..<range.upperBound + dataStart)
  }

  /// Whether the bytes are the file's own pages.
  package var isMapped: Bool { (owner as? FileContents)?.isMapped ?? false }

  /// Takes all pages of a mapped file out of the process; those that are read again come back.
  package func releaseMappedPages() { (owner as? FileContents)?.releaseMappedPages() }

  /// Valid as long as this object lives; `tensor` must be one of its ``tensors``.
  func bytes(of tensor: TensorInfo) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: data[tensor.dataOffsets])
  }
}

/// A copy of bytes, kept until nobody needs them.
private final class OwnedBytes {
  let buffer: AlignedBuffer<UInt8>

  init(_ bytes: [UInt8]) throws(MemoryError) {
    buffer = try AlignedBuffer(uninitialized: bytes.count, purpose: "a checkpoint")
    bytes.withUnsafeBytes {
      UnsafeMutableRawBufferPointer(start: buffer.pointer, count: bytes.count).copyMemory(from: $0)
    }
  }
}

extension FileContents {
  /// The bytes at `path`, with the system's refusals in this module's words.
  static func open(
    _ path: String,
    loading: SafetensorsFile.Loading,
    limit: Int = .max
  ) throws(SafetensorsError) -> FileContents {
    do throws(FileError) {
      return try FileContents(
        path: path, loading: loading == .mapped ? .map : .read, limit: limit)
    } catch {
      if error.isNotFound { throw .fileNotFound(file: path) }
      if let bytes = error.refusedBytes { throw .noMemory(file: path, bytes: bytes) }
      if let standIn = error.standIn { throw .standIn(file: path, reason: standIn.reason) }
      throw .unreadable(file: path, reason: error.reason)
    }
  }
}
