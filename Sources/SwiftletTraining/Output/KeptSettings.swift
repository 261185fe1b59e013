import SwiftletCheckpoint
import SwiftletJSON
import SwiftletSystem

/// The keys of a base's `config.json` that its trained model keeps.
enum KeptSettings {
  /// Keys with one meaning in all architectures.
  private static let shared: Set<String> = ["initializer_range", "pad_token_id"]

  /// Returns the file's JSON; a student of another architecture keeps only the keys that both have, because
  /// the teacher's sizes would contradict its own.
  static func text(
    of path: String, for architecture: Architecture
  ) throws(TrainingError) -> [UInt8] {
    guard let file = try OutputFiles.contents(of: path) else {
      throw .unreadable(reason: "\(path) is missing; the base model must stay in place")
    }
    do throws(JSONError) {
      return try withExtendedLifetime(file) { () throws(JSONError) in
        let bytes = file.bytes.assumingMemoryBound(to: UInt8.self)
        let type = try JSONValue(bytes, rules: .python)["model_type"]?.string
        let members = try JSONValue.rawMembers(of: bytes)
        let isOther = type != nil && type != architecture.rawValue
        return JSONValue.object(members.filter { !isOther || shared.contains($0.key) }).json
      }
    } catch {
      throw .unreadable(reason: "\(path) is not valid JSON: \(error.description)")
    }
  }
}
