import CSwiftlet
import SwiftletTokenizer

extension swiftlet_tokens {
  /// Allocates a struct with the tokens; the caller frees it with `free`.
  static func make(_ encoding: Encoding) -> UnsafeMutablePointer<swiftlet_tokens> {
    Memory.make(
      swiftlet_tokens(
        count: encoding.count, ids: Memory.copy(encoding.ids),
        type_ids: Memory.copy(encoding.typeIDs),
        begins: Memory.copy(encoding.offsets.map(\.lowerBound)),
        ends: Memory.copy(encoding.offsets.map(\.upperBound)),
        special: Memory.copy(encoding.specialTokensMask),
        untruncated_count: encoding.tokenCountBeforeTruncation))
  }

  static func free(_ result: UnsafeMutablePointer<swiftlet_tokens>?) {
    guard let result else { return }
    result.pointee.ids.deallocate()
    result.pointee.type_ids.deallocate()
    result.pointee.begins.deallocate()
    result.pointee.ends.deallocate()
    result.pointee.special.deallocate()
    result.deallocate()
  }
}
