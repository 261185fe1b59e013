import CSwiftlet
import Swiftlet

/// The object of an embedder handle.
final class LoadedEmbedder: Sendable {
  let embedder: Embedder

  init(
    directory: UnsafePointer<CChar>?, options: UnsafePointer<swiftlet_model_options>?
  ) throws(Failure) {
    let directory = try InputText.string(directory, name: "directory")
    let given = options
    var options = swiftlet_model_options()
    try options.read(given)
    let modelOptions = try ModelOptions(options)
    let normalizes = try OptionStruct.choice(
      options.normalization, of: [nil, true, false], name: "normalization")
    embedder = try Failure.converting { () throws(SwiftletError) in
      try Embedder(directory: directory, options: modelOptions, normalizes: normalizes)
    }
  }

  /// Embeds texts.
  func embed(
    _ texts: UnsafePointer<swiftlet_text>?, count: Int, options: EmbeddingOptions
  ) throws(Failure) -> [Embedding] {
    let texts = try InputText.array(texts, count: count, name: "texts")
    return try Failure.converting { () throws(SwiftletError) in
      try embedder.embed(texts, options: options)
    }
  }
}
