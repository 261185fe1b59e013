import SwiftletSystem

/// One safetensors file, whose header is checked against its data when it is opened.
///
/// Any number of threads may use it. A mapped file must not be changed in place while this object
/// lives.
///
///     let file = try SafetensorsFile(path: "model.safetensors")
///     let bias = try file.floats("classifier.bias")
public final class SafetensorsFile: @unchecked Sendable {
  // Unchecked because of `data`, which is never written after initialisation.

  /// How the file is loaded into memory.
  public enum Loading: Sendable {
    /// Mapped: pages are loaded when they are touched, and shared between processes.
    case mapped
    /// Read in full: better on network file systems.
    case read
  }

  /// The path as given; `(bytes)` for a file in memory.
  public let path: String
  /// The tensors in the order of their data.
  public let tensors: [TensorInfo]
  /// The free-form `__metadata__`; empty if there is none.
  public let metadata: [String: String]

  private let data: UnsafeRawBufferPointer
  private let memory: any TensorMemory
  private let indices: [ExactName: Int]

  /// Opens and checks the file at `path`.
  ///
  /// - Throws: The error of the first check that fails, in the reference implementation's order;
  ///   `fileNotFound`, `unreadable` or `noMemory` if the system refuses; `standIn` for a file that
  ///   was never downloaded.
  public convenience init(path: String, loading: Loading = .mapped) throws(SafetensorsError) {
    let contents = try FileContents.open(path, loading: loading)
    try self.init(bytes: contents.bytes, in: contents, path: path)
  }

  /// Copies and checks a file that is already in memory.
  public convenience init(bytes: [UInt8]) throws(SafetensorsError) {
    let copy: AllocatedTensorMemory
    do throws(MemoryError) {
      copy = try bytes.withUnsafeBufferPointer { (bytes) throws(MemoryError) in
        try AllocatedTensorMemory(UnsafeRawBufferPointer(bytes), purpose: "a checkpoint")
      }
    } catch {
      throw .noMemory(file: "(bytes)", bytes: error.bytes)
    }
    try self.init(bytes: UnsafeRawBufferPointer(copy.bytes), in: copy, path: "(bytes)")
  }

  private init(
    bytes: UnsafeRawBufferPointer, in memory: any TensorMemory, path: String
  ) throws(SafetensorsError) {
    let header = try SafetensorsHeader(bytes, file: path)
    self.path = path
    self.tensors = header.tensors
    self.metadata = header.metadata
    self.data = UnsafeRawBufferPointer(rebasing: bytes[header.dataStart...])
    self.memory = memory
    var indices: [ExactName: Int] = [:]
    indices.reserveCapacity(header.tensors.count)
    for (index, tensor) in header.tensors.enumerated() {
      indices[ExactName(tensor.name)] = index
    }
    self.indices = indices
  }

  /// Returns the tensor with this name, nil if there is none; names are compared byte for byte.
  public func tensor(_ name: String) -> TensorInfo? {
    indices[ExactName(name)].map { tensors[$0] }
  }

  /// Calls `body` with the tensor's stored bytes: little-endian, row-major, unaligned.
  public func withBytes<Result>(
    of name: String, _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(SafetensorsError) -> Result {
    let bytes = self.bytes(of: try requireTensor(name))
    return withExtendedLifetime(self) { body(bytes) }
  }

  func requireTensor(_ name: String) throws(SafetensorsError) -> TensorInfo {
    guard let tensor = tensor(name) else { throw .tensorNotFound(file: path, tensor: name) }
    return tensor
  }

  /// Returns a tensor together with its memory; nil if there is no tensor with this name.
  package func stored(_ name: String) -> StoredTensor? {
    tensor(name).map { StoredTensor($0, bytes: bytes(of: $0), in: memory, path: path) }
  }

  /// Releases all pages of a mapped file; the next access loads a page again.
  package func releaseMappedPages() { memory.releaseMappedPages() }

  /// Returns the bytes of one of this file's ``tensors``, valid as long as this object lives.
  func bytes(of tensor: TensorInfo) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: data[tensor.dataOffsets])
  }
}

extension FileContents {
  /// Opens the file at `path`, and converts the system's errors to this module's.
  static func open(
    _ path: String, loading: SafetensorsFile.Loading, limit: Int = .max
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
