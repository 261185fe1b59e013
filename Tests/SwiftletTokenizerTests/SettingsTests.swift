import Foundation
import SwiftletTokenizer
import Testing

/// Folders with various settings, against transformers' answers: `Fixtures/settings`.
@Suite struct SettingsTests {
  /// A case of `folders.json`.
  struct Folder: Sendable, CustomTestStringConvertible {
    let covers: String
    /// The settings by name.
    let files: [String: String]
    let refused: String?
    let encodings: [Expected]
    let maxLength: Int?
    let side: String?

    var testDescription: String { covers }
  }

  struct Expected: Decodable, Sendable {
    let text: String
    let pair: String?
    let ids: [Int32]
    let types: [Int32]
  }

  static let folders: [Folder] = {
    do {
      return try read()
    } catch {
      Issue.record("folders.json: \(error)")
      return []
    }
  }()

  @Test(arguments: folders)
  func `a folder's tokenizer is that of transformers`(folder: Folder) throws {
    let directory = try ModelDirectory(folder.files)
    if let refused = folder.refused {
      let failure = try #require(directory.failure())
      #expect(failure.contains(refused), "\(failure)")
      return
    }
    let tokenizer = try directory.tokenizer()
    for expected in folder.encodings {
      let encoding = tokenizer.encode(expected.text, pair: expected.pair)
      #expect(encoding.ids == expected.ids, "\(expected.text)")
      let types = tokenizer.modelTypeIDs(of: encoding) ?? expected.types.map { _ in 0 }
      #expect(types == expected.types, "\(expected.text)")
    }
    #expect(tokenizer.modelMaxLength == folder.maxLength)
    #expect(tokenizer.truncationSide.rawValue == folder.side)
  }

  @Test func `all folders were read`() { #expect(Self.folders.count > 140) }

  private static func read() throws -> [Folder] {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/settings/folders.json")
    let golden = try JSONSerialization.jsonObject(with: Data(contentsOf: path))
    let object = try #require(golden as? [String: Any])
    let base = try #require(object["base"] as? [String: Any])
    return try #require(object["cases"] as? [[String: Any]]).map { entry in
      let encodings = try (entry["encodings"] as? [Any]).map {
        try JSONDecoder().decode(
          [Expected].self, from: JSONSerialization.data(withJSONObject: $0))
      }
      return Folder(
        covers: try #require(entry["covers"] as? String),
        files: try #require(entry["files"] as? [String: Any]).reduce(into: [:]) { files, file in
          files[file.key] = try text(file.key, file.value, base)
        },
        refused: entry["refused"] as? String, encodings: encodings ?? [],
        maxLength: entry["maxLength"] as? Int, side: entry["side"] as? String)
    }
  }

  /// A file's text: a text as it is, sections over those of `base`, or any JSON.
  private static func text(_ name: String, _ value: Any, _ base: [String: Any]) throws -> String {
    if let text = value as? String { return text }
    if value is NSNull { return try #require(base[name] as? String) }
    var object = try #require(value as? [String: Any])
    if let sections = base[name] as? [String: Any] { object.merge(sections) { mine, _ in mine } }
    return String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
  }
}
