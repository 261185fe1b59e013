package import SwiftletSafetensors
import SwiftletSystem

/// The tensors of one file that `torch.save` wrote, such as `pytorch_model.bin`: a zip archive, or the form
/// of PyTorch before 1.6.
///
/// Reads the pickle, and of the tensors only where they are. Runs no code of the file; see
/// ``PickleReader``.
package struct PyTorchFile: Sendable {
  package let path: String
  /// The tensors in the order of the dictionary.
  let tensors: [PlacedTensor]
  private let memory: any TensorMemory
  private let contents: Contents

  /// The bytes, which ``memory`` keeps.
  struct Contents: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer
  }

  /// Opens and checks the file at `path`.
  ///
  /// - Throws: ``PyTorchError``.
  package init(path: String, loading: SafetensorsFile.Loading = .mapped) throws(PyTorchError) {
    let contents: FileContents
    do throws(FileError) {
      contents = try FileContents(path: path, loading: loading == .mapped ? .map : .read)
    } catch {
      if error.isNotFound { throw .fileNotFound(file: path) }
      if let bytes = error.refusedBytes { throw .memory(MemoryError(bytes: bytes, purpose: path)) }
      throw .unreadable(file: path, reason: error.reason)
    }
    try self.init(contents.bytes, in: contents, path: path)
  }

  /// Copies and checks a file that is already in memory.
  package init(bytes: [UInt8]) throws(PyTorchError) {
    let copy: AllocatedTensorMemory
    do throws(MemoryError) {
      copy = try bytes.withUnsafeBufferPointer { (bytes) throws(MemoryError) in
        try AllocatedTensorMemory(UnsafeRawBufferPointer(bytes), purpose: "a checkpoint")
      }
    } catch { throw .memory(error) }
    try self.init(UnsafeRawBufferPointer(copy.bytes), in: copy, path: "(bytes)")
  }

  private init(
    _ bytes: UnsafeRawBufferPointer, in memory: any TensorMemory, path: String
  ) throws(PyTorchError) {
    let archive: any PyTorchArchive
    if bytes.starts(with: ZipArchive.signature) {
      archive = try PyTorchZip(bytes, file: path)
    } else if bytes.first == 0x80 {
      archive = try PyTorchLegacyFile(bytes, file: path)
    } else {
      throw .notPyTorch(file: path)
    }
    tensors = try PyTorchDictionary.tensors(of: archive, in: bytes, file: path)
    (self.path, self.memory, contents) = (path, memory, Contents(bytes: bytes))
  }

  /// The descriptions of the tensors, in order.
  package var descriptions: [TensorInfo] {
    tensors.compactMap {
      TensorInfo(name: $0.name, dataType: $0.dataType, shape: $0.shape, start: $0.start)
    }
  }

  /// The tensors with their bytes, in order: in place in the file, or copied where the elements are not in
  /// row-major order, tensors with the same elements once.
  ///
  /// - Throws: `tooManyCopies` if the copies are larger than the file; `memory`.
  package func storedTensors() throws(PyTorchError) -> [StoredTensor] {
    var users: [Int: Int] = [:]
    for tensor in tensors { users[tensor.storage.lowerBound, default: 0] += 1 }
    var copies = PyTorchCopies(file: path, bytes: contents.bytes)
    var stored: [StoredTensor] = []
    for tensor in tensors {
      let isContiguous = tensor.isContiguous
      let isShared = users[tensor.storage.lowerBound] != 1
      guard
        let info = TensorInfo(
          name: tensor.name, dataType: tensor.dataType, shape: tensor.shape,
          start: isContiguous ? tensor.start : 0)
      else { throw .damagedTensor(file: path, tensor: tensor.name, reason: "its size overflows") }
      if isContiguous {
        let place = UnsafeRawBufferPointer(rebasing: contents.bytes[info.dataOffsets])
        stored.append(
          StoredTensor(info, bytes: place, in: memory, path: path, isShared: isShared))
      } else {
        stored.append(try copies.stored(tensor, info, isShared: isShared))
      }
    }
    // The pages that were copied are not needed again.
    if !copies.isEmpty { memory.releaseMappedPages() }
    return stored
  }

  /// Releases all pages of a mapped file; the next access loads a page again.
  package func releaseMappedPages() { memory.releaseMappedPages() }
}

/// Copies of tensors that are not in row-major order.
private struct PyTorchCopies {
  let file: String
  let bytes: UnsafeRawBufferPointer
  private var copies: [PlacedTensor.Elements: AllocatedTensorMemory] = [:]
  private var byteCount = 0

  init(file: String, bytes: UnsafeRawBufferPointer) { (self.file, self.bytes) = (file, bytes) }

  var isEmpty: Bool { copies.isEmpty }

  /// Copies a tensor, unless a copy of the same elements exists.
  mutating func stored(
    _ tensor: PlacedTensor, _ info: TensorInfo, isShared: Bool
  ) throws(PyTorchError) -> StoredTensor {
    let memory: AllocatedTensorMemory
    if let copy = copies[tensor.elements] { memory = copy } else { memory = try copy(tensor) }
    return StoredTensor(
      info, bytes: UnsafeRawBufferPointer(memory.bytes), in: memory, path: file, isShared: isShared)
  }

  private mutating func copy(
    _ tensor: PlacedTensor
  ) throws(PyTorchError) -> AllocatedTensorMemory {
    guard tensor.byteCount <= bytes.count - byteCount else {
      throw .tooManyCopies(file: file, tensor: tensor.name, limit: bytes.count)
    }
    byteCount += tensor.byteCount
    let memory: AllocatedTensorMemory
    do throws(MemoryError) {
      memory = try AllocatedTensorMemory(byteCount: tensor.byteCount, purpose: "a copy of weights")
    } catch { throw .memory(error) }
    tensor.copyElements(of: bytes, to: memory.bytes)
    copies[tensor.elements] = memory
    return memory
  }
}
