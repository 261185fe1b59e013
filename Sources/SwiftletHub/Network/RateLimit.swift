#if Hub
/// When a server answers requests again, from the header fields of a response with status 429.
///
/// `RateLimit: "api";r=0;t=55` is of the IETF draft draft-ietf-httpapi-ratelimit-headers; `Retry-After`
/// is read in seconds only.
struct RateLimit: Equatable {
  /// Seconds until requests are answered.
  let seconds: Int

  init?(_ response: HubResponse) {
    if let field = response["ratelimit"], Self.parameter("r", of: field) == 0,
      let seconds = Self.parameter("t", of: field)
    {
      self.seconds = seconds
    } else if let seconds = response.number("retry-after") {
      self.seconds = seconds
    } else {
      return nil
    }
  }

  /// A whole number among the parameters of a field, as in `"api";r=0;t=55`.
  private static func parameter(_ name: String, of field: String) -> Int? {
    for part in field.split(whereSeparator: { $0 == ";" || $0 == "," }) {
      let sides = part.split(separator: "=", maxSplits: 1).map { String($0).trimmingWhiteSpace }
      if sides.count == 2, sides[0] == name { return Int(sides[1]).flatMap { $0 >= 0 ? $0 : nil } }
    }
    return nil
  }
}
#endif
