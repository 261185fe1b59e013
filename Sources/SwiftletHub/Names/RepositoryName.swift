#if Hub
/// The name of a model on the Hub: `namespace/name`, or only `name` as the first models have.
///
/// The rules are those of the Hub and of `validate_repo_id` in huggingface_hub.
package struct RepositoryName: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ text: String) throws(HubError) {
    let problem = Self.problem(with: text)
    if let problem { throw .invalidName(name: text, reason: problem) }
    description = text
  }

  /// Why a text is not the name of a model; nil if it is one.
  private static func problem(with text: String) -> String? {
    let bytes = Array(text.utf8)
    guard (1...96).contains(bytes.count) else { return "it must have 1 to 96 characters" }
    guard bytes.allSatisfy({ $0.isNameByte || $0 == UInt8(ascii: "/") }) else {
      return "only letters and digits of ASCII, \"-\", \"_\", \".\" and one \"/\" are allowed"
    }
    let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else {
      return "expected \"name\" or \"namespace/name\""
    }
    for end in [bytes.first, bytes.last] where end == UInt8(ascii: "-") || end == UInt8(ascii: ".")
    {
      return "it must not start or end with \"-\" or \".\""
    }
    for part in ["--", ".."] where text.contains(part) { return "it must not contain \"\(part)\"" }
    return text.hasSuffix(".git") ? "it must not end with \".git\"" : nil
  }

  /// The name of the model's folder in the cache.
  var folderName: String { "models--" + description.replacing("/", with: "--") }
}

extension UInt8 {
  /// Whether the byte is a letter or digit of ASCII, `-`, `_` or `.`.
  var isNameByte: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }
}

extension String {
  /// Whether the text is `count` lower-case hexadecimal digits.
  func isHexadecimal(count: Int) -> Bool {
    utf8.count == count
      && utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }
}
#endif
