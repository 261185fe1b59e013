#if Server
extension String {
  /// The text up to so many bytes of UTF-8, cut between two scalars and marked where it was cut.
  func bounded(to bytes: Int) -> String {
    guard utf8.count > bytes else { return self }
    var end = utf8.index(startIndex, offsetBy: bytes)
    // A string that is not contiguous UTF-8 has no such index between two scalars.
    while end > startIndex, end.samePosition(in: unicodeScalars) == nil {
      end = utf8.index(before: end)
    }
    return self[..<end] + "…"
  }
}
#endif
