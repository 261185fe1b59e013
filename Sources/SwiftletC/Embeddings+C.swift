import CSwiftlet
import Swiftlet

extension swiftlet_embeddings {
  /// Allocates a struct with the embeddings, row after row; the caller frees it with `free`.
  static func make(
    _ embeddings: [Embedding], dimension: Int
  ) -> UnsafeMutablePointer<swiftlet_embeddings> {
    Memory.make(
      swiftlet_embeddings(
        count: embeddings.count, dimension: dimension,
        vectors: Memory.copy(embeddings.flatMap(\.vector)),
        token_counts: Memory.copy(counts: embeddings.map(\.tokenCount)),
        truncated: Memory.copy(flags: embeddings.map(\.isTruncated))))
  }

  static func free(_ result: UnsafeMutablePointer<swiftlet_embeddings>?) {
    guard let result else { return }
    result.pointee.vectors.deallocate()
    result.pointee.token_counts.deallocate()
    result.pointee.truncated.deallocate()
    result.deallocate()
  }
}
