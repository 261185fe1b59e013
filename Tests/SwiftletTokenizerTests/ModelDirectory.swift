import Foundation
import SwiftletTokenizer

/// A directory with files made for one test, removed afterwards.
final class ModelDirectory {
  let path: String

  init(_ files: [String: String]) throws {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-tokenizer-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files { try write(name, Data(text.utf8)) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ name: String, _ data: Data) throws {
    try data.write(to: URL(filePath: file(name)))
  }

  func tokenizer() throws(TokenizerError) -> Tokenizer { try Tokenizer(directory: path) }

  /// The tokenizer of its `tokenizer.json` as it is.
  func fileTokenizer() throws(TokenizerError) -> Tokenizer {
    try Tokenizer(tokenizerFile: file("tokenizer.json"))
  }

  /// The error of its `tokenizer.json` alone, as ``failure()``.
  func fileFailure() -> String? { failure { () throws(TokenizerError) in try fileTokenizer() } }

  /// The error on loading, with `<dir>` for this directory; nil if it loads.
  func failure() -> String? { failure { () throws(TokenizerError) in try tokenizer() } }

  private func failure(_ load: () throws(TokenizerError) -> Tokenizer) -> String? {
    do throws(TokenizerError) {
      _ = try load()
      return nil
    } catch {
      return error.description.replacing(path, with: "<dir>")
    }
  }
}

/// A small vocabulary as lines, and the tokenizer.json around one.
enum Small {
  static let tokens = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "world", "hell", "##o", "##ing", "a",
    "b",
    "A", "!", "é", "e", "中",
  ]
  static let vocabulary = tokens.joined(separator: "\n") + "\n"
  static let model = """
    {"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
    "max_input_chars_per_word":100,"vocab":{\(entries)}}
    """
  private static let entries =
    tokens.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",")
  private static let normalizer = """
    {"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,
    "strip_accents":null,"lowercase":true}
    """

  /// A tokenizer.json with some sections replaced; values are JSON.
  static func json(_ changes: [String: String] = [:]) -> String {
    var sections: [String: String] = [
      "version": "\"1.0\"", "truncation": "null", "padding": "null", "added_tokens": "[]",
      "normalizer": normalizer, "pre_tokenizer": "{\"type\":\"BertPreTokenizer\"}",
      "post_processor": "null", "model": model,
      "decoder": "{\"type\":\"WordPiece\",\"prefix\":\"##\",\"cleanup\":true}",
    ]
    sections.merge(changes) { $1 }
    let members = sections.sorted { $0.key < $1.key }.map { "\"\($0)\":\($1)" }
    return "{" + members.joined(separator: ",") + "}"
  }
}
