#if Server
import SwiftletTokenizer

/// The end of a text at which tokens are cut off: `Left` or `Right` on the wire.
enum TruncationDirection: Sendable {
  case left, right

  /// The tokenizer's type for it.
  var side: TextSide {
    switch self {
    case .left: .left
    case .right: .right
    }
  }
}
#endif
