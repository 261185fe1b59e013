import Foundation
import Testing

/// The checkpoints of `Tests/Fixtures/heads`, and what transformers answers for them.
enum HeadGolden {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/heads")

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  static func answers<Answers: Decodable>(
    _ name: String, as type: Answers.Type = Answers.self
  ) throws -> Answers {
    let data = try Data(contentsOf: folder.appending(path: "\(name)/golden.json"))
    return try JSONDecoder().decode(type, from: data)
  }
}

/// Whether two scores are as near as every score must be to transformers'.
func agree(_ left: Float, _ right: Float) -> Bool { (left - right).magnitude <= 1e-4 }

func agree(_ left: [Float], _ right: [Float]) -> Bool {
  left.count == right.count && zip(left, right).allSatisfy { agree($0, $1) }
}
