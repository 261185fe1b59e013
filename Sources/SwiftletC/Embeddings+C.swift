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
        token_counts: Memory.copy(embeddings.map { UInt32(clamping: $0.tokenCount) }),
        truncated: Memory.copy(embeddings.map { UInt8($0.isTruncated ? 1 : 0) })))
  }

  static func free(_ result: UnsafeMutablePointer<swiftlet_embeddings>?) {
    guard let result else { return }
    result.pointee.vectors.deallocate()
    result.pointee.token_counts.deallocate()
    result.pointee.truncated.deallocate()
    result.deallocate()
  }
}
