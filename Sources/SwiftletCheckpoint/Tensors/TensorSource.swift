package import SwiftletSafetensors

/// The tensors of a checkpoint, in whatever format they are stored.
package protocol TensorSource: Sendable {
  /// The tensors in the order of the file.
  var tensors: [TensorInfo] { get }

  /// The free-form `__metadata__` of the first file; empty in formats without it.
  var metadata: [String: String] { get }

  /// The files that hold the tensors.
  var paths: [String] { get }

  /// Returns the tensor with this name, nil if there is none; names are compared byte for byte.
  func tensor(_ name: String) -> TensorInfo?

  /// Returns a tensor together with its memory; nil if there is no tensor with this name.
  func stored(_ name: String) -> StoredTensor?

  /// Releases all pages of mapped files; the next access loads a page again.
  func releaseMappedPages()
}

extension SafetensorsCheckpoint: TensorSource {
  package var metadata: [String: String] { files.first?.metadata ?? [:] }

  package var paths: [String] { files.map(\.path) }

  package func releaseMappedPages() {
    for file in files { file.releaseMappedPages() }
  }
}

/// The tensors of a checkpoint, except that those of a file replace the ones with the same names.
struct ReplacedTensors: TensorSource {
  private let base: any TensorSource
  private let file: SafetensorsFile
  let tensors: [TensorInfo]

  init(_ base: any TensorSource, by file: SafetensorsFile) {
    (self.base, self.file) = (base, file)
    tensors = base.tensors.filter { file.tensor($0.name) == nil } + file.tensors
  }

  var metadata: [String: String] { base.metadata }

  var paths: [String] { base.paths }

  func tensor(_ name: String) -> TensorInfo? { file.tensor(name) ?? base.tensor(name) }

  func stored(_ name: String) -> StoredTensor? { file.stored(name) ?? base.stored(name) }

  func releaseMappedPages() {
    base.releaseMappedPages()
    file.releaseMappedPages()
  }
}
