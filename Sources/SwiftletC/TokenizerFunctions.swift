public import CSwiftlet
import SwiftletTokenizer

/// Loads a tokenizer from a model folder.
@c @implementation
public func swiftlet_tokenizer_load(
  _ directory: UnsafePointer<CChar>?, _ tokenizer: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(tokenizer, name: "tokenizer")
    place.pointee = HandleTable.shared.add(try LoadedTokenizer(directory: directory))
  }
}

/// Frees a tokenizer handle.
@c @implementation
public func swiftlet_tokenizer_free(_ tokenizer: OpaquePointer?) {
  HandleTable.shared.remove(tokenizer, LoadedTokenizer.self)
}

/// Returns the number of tokens; 0 for a dead handle.
@c @implementation
public func swiftlet_tokenizer_vocabulary_size(_ tokenizer: OpaquePointer?) -> Int {
  (try? loaded(tokenizer))?.tokenizer.vocabularySize ?? 0
}

/// Tokenizes a text or a pair.
@c @implementation
public func swiftlet_tokenize(
  _ tokenizer: OpaquePointer?, _ text: UnsafePointer<swiftlet_text>?,
  _ pair: UnsafePointer<swiftlet_text>?,
  _ options: UnsafePointer<swiftlet_tokenization_options>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<swiftlet_tokens>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(result, name: "result")
    let tokenizer = try loaded(tokenizer).tokenizer
    let options = try EncodingOptions(options)
    guard let text else { throw .argument("text is NULL; pass the address of a swiftlet_text") }
    let first = try InputText.read(text.pointee, "text", textIndex: 0)
    let second: String? =
      if let pair { try InputText.read(pair.pointee, "pair", textIndex: 0) } else { nil }
    place.pointee = swiftlet_tokens.make(
      tokenizer.encode(first, pair: second, options: options))
  }
}

/// Frees the result of `swiftlet_tokenize`.
@c @implementation
public func swiftlet_tokens_free(_ result: UnsafeMutablePointer<swiftlet_tokens>?) {
  swiftlet_tokens.free(result)
}

/// Decodes ids to a text.
@c @implementation
public func swiftlet_decode(
  _ tokenizer: OpaquePointer?, _ ids: UnsafePointer<Int32>?, _ count: Int,
  _ skipsSpecialTokens: Int32,
  _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ length: UnsafeMutablePointer<Int>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    length?.pointee = 0
    let place = try OutputPlace.cleared(text, name: "text")
    let tokenizer = try loaded(tokenizer).tokenizer
    try InputText.check(count: count, hasAddress: ids != nil, name: "ids")
    let skips = try OptionStruct.choice(
      skipsSpecialTokens, of: [false, true], name: "skips_special_tokens")
    let decoded = tokenizer.decode(
      UnsafeBufferPointer(start: ids, count: count), skipSpecialTokens: skips)
    place.pointee = UnsafeMutablePointer(mutating: Memory.copy(decoded))
    length?.pointee = decoded.utf8.count
  }
}

/// Frees the result of `swiftlet_decode`.
@c @implementation
public func swiftlet_string_free(_ text: UnsafeMutablePointer<CChar>?) {
  text?.deallocate()
}

private func loaded(_ tokenizer: OpaquePointer?) throws(Failure) -> LoadedTokenizer {
  try HandleTable.shared.object(tokenizer, LoadedTokenizer.self, name: "tokenizer")
}
