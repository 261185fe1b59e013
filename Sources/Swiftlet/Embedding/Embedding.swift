/// The embedding of one text.
public struct Embedding: Sendable, Equatable {
  /// The vector, of ``Embedder/dimension`` floats.
  public let vector: [Float]
  /// The number of tokens before truncation, prompt and special tokens included.
  public let tokenCount: Int
  /// Whether the text was truncated.
  public let isTruncated: Bool

  /// Creates a result from its parts, for tests of code that uses it.
  public init(vector: [Float], tokenCount: Int = 0, isTruncated: Bool = false) {
    self.vector = vector
    self.tokenCount = tokenCount
    self.isTruncated = isTruncated
  }

  /// Returns the cosine similarity to another embedding, from -1 to 1: 0 if a vector is zero or
  /// their dimensions differ, NaN if an element is NaN.
  public func cosineSimilarity(to other: Embedding) -> Float { cosine(vector, other.vector) }
}

/// Returns (a · b) / (‖a‖₂ ‖b‖₂), summed as doubles; 0 for a zero vector or different dimensions.
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

/// Options of embedding; the defaults are those of sentence-transformers.
public struct EmbeddingOptions: Sendable, Equatable {
  /// The prompt before each text.
  public typealias Prompt = Swiftlet.Prompt

  /// The role of a text in a search.
  public enum Role: String, CaseIterable, Sendable {
    /// Embeds as `encode_query` does: with the prompt "query", truncated to `query_length`.
    case query
    /// Embeds as `encode_document` does: with the prompt "document", truncated to
    /// `document_length`.
    case document
  }

  /// The prompt before each text.
  public var prompt: Prompt
  /// What to do with texts that have more tokens than the model's maximum; `.window` is an error.
  public var longText: LongText
  /// The role of the texts in a search, which sets the prompt if that is `.automatic`; nil to embed
  /// as `encode` does.
  public var role: Role?

  /// Creates options; each has a default.
  public init(prompt: Prompt = .automatic, longText: LongText = .truncate, role: Role? = nil) {
    self.prompt = prompt
    self.longText = longText
    self.role = role
  }
}
