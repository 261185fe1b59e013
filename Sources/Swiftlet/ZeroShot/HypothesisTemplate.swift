/// A template of zero-shot classification in the syntax of Python's `str.format`, with the label as
/// its argument.
package struct HypothesisTemplate: Sendable, Equatable {
  /// The texts around the labels; one more than there are labels.
  private var texts: [String] = [""]

  /// Parses a template.
  ///
  /// - Throws: ``SwiftletError/invalidOption(reason:)`` for a template that is invalid in Python or
  ///   has no placeholder, and for conversions and formats that Swiftlet does not support.
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

  /// Returns the hypothesis for a label.
  package func hypothesis(_ label: String) -> String { texts.joined(separator: label) }

  private mutating func append(_ scalar: Unicode.Scalar) {
    texts[texts.count - 1].unicodeScalars.append(scalar)
  }

  /// Returns whether the field between two braces is numbered. The conversion `!s` and the format
  /// `s` do not change a text.
  private static func isNumbered(
    _ field: String, in template: String
  ) throws(SwiftletError) -> Bool {
    let name = field.prefix { $0 != "!" && $0 != ":" }
    guard ["", "!s", ":", ":s", "!s:", "!s:s"].contains(field.dropFirst(name.count)) else {
      throw refusal(
        template, "has {\(field)}, whose conversion or format Swiftlet does not support; write {}")
    }
    if name.isEmpty { return false }
    guard name.allSatisfy({ $0 == "0" }) else {
      throw refusal(template, "has {\(field)}, but only the label is available; write {} or {0}")
    }
    return true
  }

  private static func refusal(_ template: String, _ reason: String) -> SwiftletError {
    .invalidOption(reason: "the template \"\(template)\" \(reason)")
  }
}
