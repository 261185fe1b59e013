#if Server
import SwiftletTokenizer

/// At which end of a text tokens are cut off: `Left` or `Right` on the wire.
enum TruncationDirection: Sendable {
  case left, right

  /// The tokenizer's word for it.
  var side: TextSide {
    switch self {
    case .left: .left
    case .right: .right
    }
  }
}
#endif
