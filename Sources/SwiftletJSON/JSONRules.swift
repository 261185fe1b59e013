/// What a ``JSONReader`` accepts beyond RFC 8259.
///
/// Headers of safetensors files and bodies of HTTP requests use the strict default, because all
/// readers of one document must agree. Records and settings of models are written and read by
/// Python, so they follow its `json` module.
package struct JSONRules: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// RFC 8259, without duplicate keys.
  package static let strict: JSONRules = []
  /// Everything that Python's `json` module reads.
  package static let python: JSONRules = [.nonFiniteNumbers, .repeatedKeys, .loneSurrogates]

  /// `NaN`, `Infinity` and `-Infinity` are numbers, and a number too large for a `Double` is
  /// infinite.
  package static let nonFiniteNumbers = JSONRules(rawValue: 1)
  /// Of several members with the same key the last one counts; the earlier ones are skipped.
  package static let repeatedKeys = JSONRules(rawValue: 2)
  /// The escape of a lone surrogate is read as U+FFFD, and counted.
  package static let loneSurrogates = JSONRules(rawValue: 4)
}
