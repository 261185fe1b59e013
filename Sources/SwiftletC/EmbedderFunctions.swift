public import CSwiftlet
import Swiftlet

/// Loads an embedder from a model folder.
@c @implementation
public func swiftlet_embedder_load(
  _ directory: UnsafePointer<CChar>?, _ options: UnsafePointer<swiftlet_model_options>?,
  _ embedder: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(embedder, name: "embedder")
    place.pointee = HandleTable.shared.add(
      try LoadedEmbedder(directory: directory, options: options))
  }
}

/// Frees an embedder handle.
@c @implementation
public func swiftlet_embedder_free(_ embedder: OpaquePointer?) {
  HandleTable.shared.remove(embedder, LoadedEmbedder.self)
}

/// Returns the number of floats in an embedding; 0 for a dead handle.
@c @implementation
public func swiftlet_embedder_dimension(_ embedder: OpaquePointer?) -> Int {
  (try? loaded(embedder))?.embedder.dimension ?? 0
}

/// Returns the maximum length of a text in tokens; 0 for a dead handle.
@c @implementation
public func swiftlet_embedder_max_length(_ embedder: OpaquePointer?) -> Int {
  (try? loaded(embedder))?.embedder.maxLength ?? 0
}

/// Returns a new handle of the embedder's tokenizer.
@c @implementation
public func swiftlet_embedder_tokenizer(
  _ embedder: OpaquePointer?, _ tokenizer: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(tokenizer, name: "tokenizer")
    place.pointee = HandleTable.shared.add(
      LoadedTokenizer(try loaded(embedder).embedder.tokenizer))
  }
}

/// Embeds texts as one batch.
@c @implementation
public func swiftlet_embed(
  _ embedder: OpaquePointer?, _ texts: UnsafePointer<swiftlet_text>?, _ count: Int,
  _ options: UnsafePointer<swiftlet_embedding_options>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<swiftlet_embeddings>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(result, name: "result")
    let loaded = try loaded(embedder)
    let embeddings = try loaded.embed(
      texts, count: count, options: try EmbeddingOptions(options))
    place.pointee = swiftlet_embeddings.make(
      embeddings, dimension: loaded.embedder.dimension)
  }
}

/// Writes the embeddings of texts to the caller's buffer.
@c @implementation
public func swiftlet_embed_into(
  _ embedder: OpaquePointer?, _ texts: UnsafePointer<swiftlet_text>?, _ count: Int,
  _ options: UnsafePointer<swiftlet_embedding_options>?,
  _ vectors: UnsafeMutablePointer<Float>?, _ capacity: Int,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let loaded = try loaded(embedder)
    let options = try EmbeddingOptions(options)
    let buffer = try OutputPlace.rows(
      vectors, capacity: capacity, count: count, width: loaded.embedder.dimension, name: "vectors")
    let embeddings = try loaded.embed(texts, count: count, options: options)
    buffer.write(embeddings.lazy.map(\.vector))
  }
}

/// Frees the result of `swiftlet_embed`.
@c @implementation
public func swiftlet_embeddings_free(_ result: UnsafeMutablePointer<swiftlet_embeddings>?) {
  swiftlet_embeddings.free(result)
}

private func loaded(_ embedder: OpaquePointer?) throws(Failure) -> LoadedEmbedder {
  try HandleTable.shared.object(embedder, LoadedEmbedder.self, name: "embedder")
}
