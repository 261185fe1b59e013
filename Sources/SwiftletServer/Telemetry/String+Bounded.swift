#if Server
extension String {
  /// The text truncated to a number of UTF-8 bytes, between two scalars and with an ellipsis.
  func bounded(to bytes: Int) -> String {
    guard utf8.count > bytes else { return self }
    var end = utf8.index(startIndex, offsetBy: bytes)
    // The index may be within a scalar.
    while end > startIndex, end.samePosition(in: unicodeScalars) == nil {
      end = utf8.index(before: end)
    }
    return self[..<end] + "…"
  }
}
#endif
