package import SwiftletCheckpoint
package import SwiftletEncoder
package import SwiftletTokenizer

/// What a training reads of its base model, beside the weights.
package struct BaseModelFiles: Sendable {
  package let folder: ModelFolder
  package let configuration: ModelConfiguration
  package let tokenizer: Tokenizer
  /// The maximum length that sentence-transformers sets; nil for the tokenizer's.
  package let maxLength: Int?
  /// The modules after the encoder, for embeddings.
  package let poolings: [Pooling]
  package let dense: SentenceHead.DenseModule?
  package let normalizes: Bool

  /// Reads a model saved by transformers or sentence-transformers. For embeddings the settings of
  /// sentence-transformers apply.
  ///
  /// - Throws: ``SwiftletError`` as when a model is loaded.
  package init(_ path: String, embeds: Bool) throws(SwiftletError) {
    let found = try ModelLocation(path).folder()
    guard embeds else {
      folder = found
      configuration = try ModelLoading.configuration(in: found.transformer, labelled: true)
      tokenizer = try ModelLoading.tokenizer(of: found)
      (maxLength, poolings, dense, normalizes) = (nil, [.mean], nil, false)
      return
    }
    let modules = try SentenceModules(directory: found.directory)
    folder = modules.folder
    configuration = try ModelLoading.configuration(
      in: modules.folder.transformer, labelled: false)
    tokenizer = try ModelLoading.tokenizer(of: modules.folder, modules.settings.overrides)
    maxLength = modules.settings.maxLength
    (poolings, dense, normalizes) = (modules.poolings, modules.dense, modules.normalizes)
  }
}
