#if Server
import Foundation
import Testing

/// Checks JSON against the schemas of a document, by those keywords of JSON Schema that it uses; any
/// other is an error, so that none goes unchecked.
struct SchemaChecker {
  private let schemas: [String: [String: Any]]

  init(_ document: [String: Any]) throws {
    let components = try #require(document["components"] as? [String: Any])
    schemas = try #require(components["schemas"] as? [String: [String: Any]])
  }

  struct UnknownKeyword: Error {
    let name: String
  }

  /// The violation of a schema by a text, or nil.
  func problem(_ text: String, _ name: String) throws -> String? {
    let value = try JSONSerialization.jsonObject(
      with: Data(text.utf8), options: .fragmentsAllowed)
    return try problem(value, try #require(schemas[name], "\(name)"))
  }

  /// The names that a schema has rules for.
  func properties(of name: String) throws -> Set<String> {
    let schema = try #require(schemas[name], "\(name)")
    return Set(try #require(schema["properties"] as? [String: Any]).keys)
  }

  private func problem(_ value: Any, _ schema: [String: Any]) throws -> String? {
    for (keyword, rule) in schema {
      if let problem = try problem(value, keyword, rule, schema) { return problem }
    }
    return nil
  }

  private func problem(
    _ value: Any, _ keyword: String, _ rule: Any, _ schema: [String: Any]
  ) throws -> String? {
    switch keyword {
    case "description", "default": return nil
    case "$ref":
      let name = try #require(rule as? String).split(separator: "/").last.map(String.init)
      return try problem(value, try #require(schemas[name ?? ""], "\(rule)"))
    case "type":
      let types = try #require(rule as? [String] ?? (rule as? String).map { [$0] })
      return types.contains { Self.isOf($0, value) } ? nil : "\(value) is none of \(types)"
    case "enum":
      let choices = try #require(rule as? [Any])
      let isChoice = choices.contains { choice in
        choice is NSNull ? value is NSNull : choice as? String == value as? String
      }
      return isChoice ? nil : "\(value) is none of \(choices)"
    case "required":
      guard let object = value as? [String: Any] else { return nil }
      return try #require(rule as? [String]).first { object[$0] == nil }.map { "\($0) is missing" }
    case "properties":
      guard let object = value as? [String: Any] else { return nil }
      let rules = try #require(rule as? [String: [String: Any]])
      return try rules.lazy.compactMap { name, rule in
        try object[name].flatMap { try problem($0, rule) }.map { "\(name): \($0)" }
      }.first
    case "additionalProperties":
      guard let object = value as? [String: Any] else { return nil }
      let rule = try #require(rule as? [String: Any])
      return try object.values.compactMap { try problem($0, rule) }.first
    case "items":
      guard let array = value as? [Any] else { return nil }
      let rule = try #require(rule as? [String: Any])
      return try array.compactMap { try problem($0, rule) }.first
    case "oneOf":
      let rules = try #require(rule as? [[String: Any]])
      let count = try rules.filter { try problem(value, $0) == nil }.count
      // An empty list has every form that a list may have.
      let isEmpty = (value as? [Any])?.isEmpty == true
      return count == 1 || isEmpty && count > 0 ? nil : "\(value) has \(count) of the forms"
    case "minItems": return Self.compare((value as? [Any])?.count, rule) { $0 >= $1 }
    case "maxItems": return Self.compare((value as? [Any])?.count, rule) { $0 <= $1 }
    case "minimum": return Self.compare(value as? Int, rule) { $0 >= $1 }
    case "maximum": return Self.compare(value as? Int, rule) { $0 <= $1 }
    default: throw UnknownKeyword(name: keyword)
    }
  }

  private static func compare(
    _ found: Int?, _ rule: Any, _ holds: (Int, Int) -> Bool
  ) -> String? {
    guard let found, let bound = rule as? Int else { return nil }
    return holds(found, bound) ? nil : "\(found) is out of bounds, \(bound)"
  }

  private static func isOf(_ type: String, _ value: Any) -> Bool {
    let isBoolean = (value as? NSNumber).map(isBoolean) ?? (value is Bool)
    return switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "null": value is NSNull
    case "boolean": isBoolean
    case "number": value is NSNumber && !isBoolean
    case "integer":
      !isBoolean
        && (value as? NSNumber).map { $0.doubleValue == $0.doubleValue.rounded() } ?? false
    default: false
    }
  }

  /// Foundation keeps booleans as numbers of these types, and no other number of JSON.
  private static func isBoolean(_ number: NSNumber) -> Bool {
    ["c", "B"].contains(String(cString: number.objCType))
  }
}
#endif
