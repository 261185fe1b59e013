import Glibc
import SwiftletSafetensors
import SwiftletSystem

extension ExternalPlace {
  /// The place of a stored tensor, from a graph in `folder`.
  ///
  /// - Throws: `notLinkable` unless the tensor is in a safetensors file of the folder that is not a
  ///   link, which ONNX's checker refuses.
  init(of tensor: StoredTensor, from folder: String) throws(ONNXExportError) {
    let path = tensor.path
    let start = folder.hasSuffix("/") ? folder : folder + "/"
    guard path.hasPrefix(start) else {
      throw .notLinkable(file: path, reason: "it is outside of the graph's folder, \(folder)")
    }
    guard path.hasSuffix(".safetensors"), let file = tensor.memory as? FileContents,
      let base = file.bytes.baseAddress, let first = tensor.bytes.baseAddress
    else { throw .notLinkable(file: path, reason: "it is not a safetensors file") }
    try Self.check(path)
    self.init(
      location: String(path.dropFirst(start.count)), offset: first - base,
      byteCount: tensor.info.byteCount)
  }

  /// Throws if a file is a symbolic link or has several names.
  private static func check(_ path: String) throws(ONNXExportError) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      throw .notLinkable(file: path, reason: FileError("inspect", path: path).reason)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .notLinkable(file: path, reason: "it is a symbolic link, which ONNX programs refuse")
    }
    guard status.st_nlink == 1 else {
      throw .notLinkable(
        file: path,
        reason: "it has \(status.st_nlink) names (hard links), which ONNX programs refuse")
    }
  }
}
