/// A template of zero-shot classification as Python's `str.format` reads it with one argument, the
/// label.
package struct HypothesisTemplate: Sendable, Equatable {
  /// What stands between the labels; one more than there are labels.
  private var texts: [String] = [""]

  /// - Throws: ``SwiftletError/invalidOption(reason:)`` for a template that Python refuses or that has
  ///   no place for the label, and for the conversions and formats of Python that Swiftlet lacks.
  package init(_ template: String) throws(SwiftletError) {
    var numbering: Bool?
    var rest = template.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "{" where rest.first == "{", "}" where rest.first == "}":
        rest.removeFirst()
        append(scalar)
      case "{":
        guard let end = rest.firstIndex(of: "}") else {
          throw Self.refusal(template, "has a { without its }; write {{ for a brace")
        }
        let isNumbered = try Self.isNumbered(String(rest[..<end]), in: template)
        guard isNumbered == numbering ?? isNumbered else {
          throw Self.refusal(template, "has both {} and {0}; write {0} everywhere")
        }
        guard isNumbered || numbering == nil else {
          throw Self.refusal(template, "has {} twice; write {0} to have the label twice")
        }
        numbering = isNumbered
        rest = rest[rest.index(after: end)...]
        texts.append("")
      case "}": throw Self.refusal(template, "has a } without its {; write }} for a brace")
      default: append(scalar)
      }
    }
    guard texts.count > 1 else {
      throw Self.refusal(template, "has no place for the label; write {} there")
    }
  }

  /// The sentence for a label.
  package func hypothesis(_ label: String) -> String { texts.joined(separator: label) }

  private mutating func append(_ scalar: Unicode.Scalar) {
    texts[texts.count - 1].unicodeScalars.append(scalar)
  }

  /// Whether the label is asked for by its number, given what stands between the braces. The conversion
  /// `!s` and the format `s` change nothing of a text.
  private static func isNumbered(
    _ field: String, in template: String
  ) throws(SwiftletError) -> Bool {
    let name = field.prefix { $0 != "!" && $0 != ":" }
    guard ["", "!s", ":", ":s", "!s:", "!s:s"].contains(field.dropFirst(name.count)) else {
      throw refusal(
        template, "has {\(field)}, a conversion or a format that Swiftlet does not know; write {}")
    }
    if name.isEmpty { return false }
    guard name.allSatisfy({ $0 == "0" }) else {
      throw refusal(template, "has {\(field)}, where only the label can stand; write {} or {0}")
    }
    return true
  }

  private static func refusal(_ template: String, _ reason: String) -> SwiftletError {
    .invalidOption(reason: "the template \"\(template)\" \(reason)")
  }
}
