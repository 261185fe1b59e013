import Foundation

/// A golden file of `Tests/Fixtures/training`.
enum TrainingGolden {
  static func load<Golden: Decodable>(_ name: String, as type: Golden.Type) throws -> Golden {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/training/\(name).json")
    return try JSONDecoder().decode(type, from: Data(contentsOf: path))
  }
}
