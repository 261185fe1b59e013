/// What a ``JSONReader`` accepts beyond RFC 8259.
///
/// Strict is the default, and stays so where two readers of one document must agree: headers of
/// safetensors files, bodies of HTTP requests. Records and the settings of models are written and
/// read by Python, so they follow its `json` module.
package struct JSONRules: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// RFC 8259, with every key of an object once.
  package static let strict: JSONRules = []
  /// What Python's `json` module reads.
  package static let python: JSONRules = [.nonFiniteNumbers, .repeatedKeys, .loneSurrogates]

  /// `NaN`, `Infinity` and `-Infinity` are numbers, and a number too large for a `Double` is infinite.
  package static let nonFiniteNumbers = JSONRules(rawValue: 1)
  /// The last of several members with one key counts; the earlier ones are skipped.
  package static let repeatedKeys = JSONRules(rawValue: 2)
  /// The escape of half a surrogate pair is read as U+FFFD, and counted.
  package static let loneSurrogates = JSONRules(rawValue: 4)
}
