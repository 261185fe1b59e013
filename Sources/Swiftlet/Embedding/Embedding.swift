/// A text as a point in space.
public struct Embedding: Sendable, Equatable {
  /// The coordinates, ``Embedder/dimension`` of them.
  public let vector: [Float]
  /// Tokens that the text has with its prompt, special ones included, before truncation.
  public let tokenCount: Int
  /// Whether the model saw only the beginning of the text.
  public let isTruncated: Bool

  /// The cosine of the angle to another embedding, from -1 to 1: how alike two texts are. 0 if one of
  /// the vectors is zero or their lengths differ; NaN if a coordinate is NaN.
  public func cosineSimilarity(to other: Embedding) -> Float { cosine(vector, other.vector) }
}

/// (a · b) / (‖a‖₂ ‖b‖₂), summed as doubles; 0 for a zero vector and for different lengths.
package func cosine(_ first: [Float], _ second: [Float]) -> Float {
  guard first.count == second.count else { return 0 }
  var (product, left, right) = (0.0, 0.0, 0.0)
  for (a, b) in zip(first, second) {
    product += Double(a) * Double(b)
    left += Double(a) * Double(a)
    right += Double(b) * Double(b)
  }
  guard left != 0, right != 0 else { return 0 }
  return Float(product / (left.squareRoot() * right.squareRoot()))
}

/// How texts are embedded; the defaults are those of sentence-transformers.
public struct EmbeddingOptions: Sendable, Equatable {
  /// What is put before each text.
  public typealias Prompt = Swiftlet.Prompt

  /// What a text is in a search.
  public enum Role: String, CaseIterable, Sendable {
    /// As `encode_query`: with the prompt "query", cut at `query_length`.
    case query
    /// As `encode_document`: with the prompt "document", cut at `document_length`.
    case document
  }

  /// What is put before each text.
  public var prompt: Prompt
  /// What happens to texts with more tokens than the model takes. Windows are an error: a text has
  /// one embedding.
  public var longText: LongText
  /// What the texts are in a search; nil embeds them as `encode` does. It chooses the prompt where
  /// that is `.automatic`.
  public var role: Role?

  /// All defaults may stay.
  public init(prompt: Prompt = .automatic, longText: LongText = .truncate, role: Role? = nil) {
    self.prompt = prompt
    self.longText = longText
    self.role = role
  }
}
