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
    do throws(SwiftletError) {
      embedder = try Embedder(
        directory: directory, options: modelOptions, normalizes: normalizes)
    } catch {
      throw Failure(error)
    }
  }

  /// Embeds texts.
  func embed(
    _ texts: UnsafePointer<swiftlet_text>?, count: Int, options: EmbeddingOptions
  ) throws(Failure) -> [Embedding] {
    let texts = try InputText.array(texts, count: count, name: "texts")
    do throws(SwiftletError) {
      return try embedder.embed(texts, options: options)
    } catch {
      throw Failure(error)
    }
  }
}
